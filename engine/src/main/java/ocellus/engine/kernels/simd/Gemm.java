package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.TILE_ROWS;

import java.util.Arrays;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.threads.Threads;

/**
 * {@code y = activation(A W + bias + residual)}, where a subclass says what the rows of A are.
 *
 * <p>The output is cut into blocks of rows and groups of panels of W, which are the chunks of a
 * parallel region; never the reduction, so that every element is summed in the order of k. A thread
 * packs a block of rows once and multiplies it with one panel after the other, see {@link
 * PackedProduct}. Where all of W fits in the cache beside it, a block is one tile, so that it stays
 * in L1. Where it does not, W should be read once: if all rows together are too long for L2, the
 * reduction is done in parts, one region after the other, with the partial sums in y.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
abstract class Gemm implements Threads.Task {
  /** Multiply-adds below which a second thread is not worth waking: about 20 microseconds. */
  private static final long SERIAL_WORK = 1 << 20;

  /** Elements of packed rows that leave room in L2 for a panel. */
  private static final int BLOCK_FLOATS = 320 << 10;

  /** Chunks per thread, for balance when a thread loses its core. */
  private static final int CHUNKS_PER_THREAD = 4;

  private final PackedProduct product = new PackedProduct();
  private Workspace ws;
  private PackedMatrix w;
  private Panels panels;

  // The plan.
  private int rows;
  private int rowsPerBlock;
  private int panelsPerGroup;
  private int groups;
  private int kBlocksPerPart;
  private int[] packedBlock = new int[1];

  /**
   * Packs rows of A.
   *
   * @param row the first
   * @param count how many
   * @param firstK the first element of each row, the first of a block of the reduction
   * @param endK the last element and one
   * @param to element k of row {@code row + r} goes to {@link #packedIndex}(r, count, k - firstK),
   *     from {@code at}
   */
  abstract void pack(int row, int count, int firstK, int endK, float[] to, int at);

  /** Whether {@link #pack} can do with a part of the reduction. */
  abstract boolean packsParts();

  /** How many products of about this size follow each other, so that threads are awake. */
  int products() {
    return 1;
  }

  /** Forgets the operands, so that no array is kept alive. */
  abstract void clear();

  /** Multiplies. {@code biasAt} and {@code yAt} say where in bias and y the columns of w begin. */
  final void multiply(
      int rows,
      PackedMatrix w,
      float[] bias,
      int biasAt,
      float[] residual,
      int residualAt,
      Activation activation,
      float[] y,
      int yAt,
      int yStride,
      Workspace ws) {
    if (rows == 0 || w.n() == 0) {
      return;
    }
    this.ws = ws;
    this.w = w;
    this.panels = Panels.of(ws);
    this.rows = rows;
    product.of(w, bias, biasAt, residual, residualAt, activation, y, yAt, yStride);
    int chunks = plan(ws.threads().count());
    int kBlocks = product.kBlocks();
    for (int kb = 0; kb < kBlocks; kb += kBlocksPerPart) {
      product.part(kb, Math.min(kBlocks, kb + kBlocksPerPart));
      Arrays.fill(packedBlock, -1);
      ws.threads().run(chunks, this);
    }
    product.clear();
    this.w = null;
    this.panels = null;
    this.ws = null;
    clear();
  }

  /** Decides how the work is cut; returns the number of chunks. */
  private int plan(int threads) {
    kBlocksPerPart = product.kBlocks();
    long work = (long) rows * w.n() * w.k() * products();
    int sharers = work < SERIAL_WORK ? 1 : threads;
    int blocks = isSmall() ? blocksOfTiles(sharers) : blocksOfRows();
    rowsPerBlock = Math.ceilDiv(rows, blocks);
    blocks = Math.ceilDiv(rows, rowsPerBlock);
    int wantedGroups = sharers == 1 ? 1 : Math.ceilDiv(sharers * CHUNKS_PER_THREAD, blocks);
    panelsPerGroup = Math.ceilDiv(w.panelCount(), Math.clamp(wantedGroups, 1, w.panelCount()));
    groups = Math.ceilDiv(w.panelCount(), panelsPerGroup);
    if (packedBlock.length < threads) {
      packedBlock = new int[threads];
    }
    return blocks * groups;
  }

  private boolean isSmall() {
    return Panels.fitIntoCache(w);
  }

  private int blocksOfTiles(int sharers) {
    int tiles = Math.ceilDiv(rows, TILE_ROWS);
    return sharers == 1 ? 1 : Math.min(tiles, sharers * CHUNKS_PER_THREAD);
  }

  /**
   * The number of blocks such that the packed rows of each fit into L2: by cutting the rows, so
   * that W is read once for each block, or the reduction, so that the partial sums are written and
   * read again for each part; whichever moves less.
   */
  private int blocksOfRows() {
    int kBlocks = product.kBlocks();
    long blockOfAllRows = (long) rows * product.kPerBlock();
    int blocks = (int) Math.ceilDiv(blockOfAllRows * kBlocks, BLOCK_FLOATS);
    int blocksOfPart = (int) Math.max(1, BLOCK_FLOATS / blockOfAllRows);
    int parts = Math.ceilDiv(kBlocks, blocksOfPart);
    boolean partFits = blockOfAllRows <= BLOCK_FLOATS;
    long moved = (blocks - 1L) * w.k() * w.n();
    long movedInParts = (parts - 1L) * 2 * rows * w.n();
    if (packsParts() && partFits && movedInParts < moved) {
      kBlocksPerPart = blocksOfPart;
      return 1;
    }
    return Math.min(blocks, Math.ceilDiv(rows, TILE_ROWS));
  }

  @Override
  public final void run(int chunk, int worker) {
    int block = chunk / groups;
    int firstPanel = chunk % groups * panelsPerGroup;
    int endPanel = Math.min(w.panelCount(), firstPanel + panelsPerGroup);
    int firstRow = block * rowsPerBlock;
    int count = Math.min(rowsPerBlock, rows - firstRow);
    if (isSmall()) {
      tileByTile(firstRow, count, firstPanel, endPanel, worker);
    } else {
      panelByPanel(block, firstRow, count, firstPanel, endPanel, worker);
    }
  }

  private void tileByTile(int firstRow, int count, int firstPanel, int endPanel, int worker) {
    int tiles = Math.ceilDiv(count, TILE_ROWS);
    float[] scratch = scratch(worker, TILE_ROWS);
    for (int t = 0; t < tiles; t++) {
      int from = PackedProduct.tileStart(count, tiles, t);
      int tileRows = PackedProduct.tileStart(count, tiles, t + 1) - from;
      packPart(firstRow + from, tileRows, scratch);
      for (int p = firstPanel; p < endPanel; p++) {
        Panels.Panel panel = panels.open(worker, w, p);
        panel.readAhead(firstPanel, endPanel - 1, t, tiles);
        product.tile(scratch, p, panel, firstRow + from, 0, tileRows, tileRows);
      }
    }
  }

  private void panelByPanel(
      int block, int firstRow, int count, int firstPanel, int endPanel, int worker) {
    int tiles = Math.ceilDiv(count, TILE_ROWS);
    float[] scratch = scratch(worker, rowsPerBlock);
    if (packedBlock[worker] != block) {
      packPart(firstRow, count, scratch);
      packedBlock[worker] = block;
    }
    for (int p = firstPanel; p < endPanel; p++) {
      Panels.Panel panel = panels.open(worker, w, p);
      for (int t = 0; t < tiles; t++) {
        int from = PackedProduct.tileStart(count, tiles, t);
        int tileRows = PackedProduct.tileStart(count, tiles, t + 1) - from;
        panel.readAheadRows(product.firstK(), product.endK(), t, tiles);
        product.tile(scratch, p, panel, firstRow + from, from, tileRows, count);
      }
    }
  }

  private void packPart(int row, int count, float[] scratch) {
    pack(row, count, product.firstK(), product.endK(), scratch, PackedProduct.PACKED_AT);
  }

  private float[] scratch(int worker, int packedRows) {
    return ws.scratch(worker, PackedProduct.scratchFloats(packedRows, kBlocksPerPart));
  }

  /** Where element k of packed row r of {@code packedRows} is. */
  final int packedIndex(int r, int packedRows, int k) {
    return product.packedIndex(r, packedRows, k);
  }

  /** Elements from k to the end of its block of the reduction. */
  final int untilBlockEnd(int k) {
    return product.untilBlockEnd(k);
  }
}
