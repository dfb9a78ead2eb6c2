package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;
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
 * packs a block of rows once, into rows of constant stride (see {@link Tiles}), and multiplies it
 * with one panel after the other. Where all of W fits in the cache beside it, a block is one tile,
 * so that it stays in L1. Where it does not, W should be read once: if all rows together are too
 * long for L2, the reduction is done in parts, one region after the other, with the partial sums in
 * y.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
abstract class Gemm implements Threads.Task {
  /** Multiply-adds below which a second thread is not worth waking: about 20 microseconds. */
  private static final long SERIAL_WORK = 1 << 20;

  /** Elements of packed rows that leave room in L2 for a panel. */
  private static final int BLOCK_FLOATS = 320 << 10;

  /**
   * Elements that are summed before the sum is added to the rest, so that rounding errors of long
   * reductions stay small. With it a packed row leaves room for a copy to overwrite the vector
   * behind it.
   */
  static final int MOST_K = 384;

  /** Chunks per thread, for balance when a thread loses its core. */
  private static final int CHUNKS_PER_THREAD = 4;

  // Each thread's scratch: the bias of a panel at 0, one tile, the packed rows.
  private static final int TILE_AT = TILE_COLUMNS;
  private static final int PACKED_AT = TILE_AT + TILE_ROWS * TILE_COLUMNS;

  private Workspace ws;
  private PackedMatrix w;
  private Panels panels;
  private float[] bias;
  private int biasAt;
  private float[] residual;
  private int residualAt;
  private Activation activation;
  private float[] y;
  private int yAt;
  private int yStride;

  // The plan.
  private int rows;
  private int rowsPerBlock;
  private int panelsPerGroup;
  private int groups;
  private int kBlocks;
  private int kPerBlock;
  private int kBlocksPerPart;
  private int[] packedBlock = new int[1];

  // The part of the reduction that the region is about, in blocks.
  private int firstKBlock;
  private int endKBlock;

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
    this.bias = bias;
    this.biasAt = biasAt;
    this.residual = residual;
    this.residualAt = residualAt;
    this.activation = activation;
    this.y = y;
    this.yAt = yAt;
    this.yStride = yStride;
    this.rows = rows;
    int chunks = plan(ws.threads().count());
    for (int kb = 0; kb < kBlocks; kb += kBlocksPerPart) {
      firstKBlock = kb;
      endKBlock = Math.min(kBlocks, kb + kBlocksPerPart);
      Arrays.fill(packedBlock, -1);
      ws.threads().run(chunks, this);
    }
    this.bias = null;
    this.residual = null;
    this.y = null;
    this.w = null;
    this.panels = null;
    this.ws = null;
    clear();
  }

  /** Decides how the work is cut; returns the number of chunks. */
  private int plan(int threads) {
    int k = w.k();
    kPerBlock = kPerBlock(k);
    kBlocks = Math.max(1, Math.ceilDiv(k, kPerBlock));
    kBlocksPerPart = kBlocks;
    long work = (long) rows * w.n() * k;
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

  /** Elements of a block of a reduction of this length, but for the last. */
  static int kPerBlock(int k) {
    int blocks = Math.max(1, Math.ceilDiv(k, MOST_K));
    return Math.max(LANES, Vectors.padded(Math.ceilDiv(k, blocks)));
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
    long blockOfAllRows = (long) rows * kPerBlock;
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
      int from = tileStart(count, tiles, t);
      int tileRows = tileStart(count, tiles, t + 1) - from;
      packPart(firstRow + from, tileRows, scratch);
      for (int p = firstPanel; p < endPanel; p++) {
        Panels.Panel panel = panels.open(worker, w, p);
        panel.readAhead(firstPanel, endPanel - 1, t, tiles);
        tile(scratch, p, panel, firstRow + from, 0, tileRows, tileRows);
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
        int from = tileStart(count, tiles, t);
        int tileRows = tileStart(count, tiles, t + 1) - from;
        panel.readAheadRows(firstKBlock * kPerBlock, endK(), t, tiles);
        tile(scratch, p, panel, firstRow + from, from, tileRows, count);
      }
    }
  }

  private void packPart(int row, int count, float[] scratch) {
    pack(row, count, firstKBlock * kPerBlock, endK(), scratch, PACKED_AT);
  }

  /** The last element of the part of the reduction and one. */
  private int endK() {
    return Math.min(w.k(), endKBlock * kPerBlock);
  }

  private float[] scratch(int worker, int packedRows) {
    // One vector more, for copies that overwrite.
    return ws.scratch(worker, PACKED_AT + packedRows * kBlocksPerPart * Tiles.STRIDE + LANES);
  }

  /**
   * Where tile t of {@code tiles} begins: rows are dealt out evenly, the first tiles get one more.
   */
  static int tileStart(int rows, int tiles, int t) {
    return t * (rows / tiles) + Math.min(t, rows % tiles);
  }

  /** Where element k of packed row r of {@code packedRows} is. */
  final int packedIndex(int r, int packedRows, int k) {
    return (k / kPerBlock * packedRows + r) * Tiles.STRIDE + k % kPerBlock;
  }

  /** Elements from k to the end of its block of the reduction. */
  final int untilBlockEnd(int k) {
    return kPerBlock - k % kPerBlock;
  }

  /**
   * Computes one tile: packed rows {@code from}.. of {@code packedRows}, which are rows {@code
   * row}.. of y.
   */
  private void tile(
      float[] scratch, int p, Panels.Panel panel, int row, int from, int tileRows, int packedRows) {
    int column = p * TILE_COLUMNS;
    int valid = Math.min(TILE_COLUMNS, w.n() - column);
    int width = w.panelWidth(p);
    int out = yAt + row * yStride + column;
    boolean activates = endKBlock == kBlocks && activation != Activation.IDENTITY;
    boolean direct = valid == width && !activates;
    float[] c = direct ? y : scratch;
    int at = direct ? out : TILE_AT;
    int stride = direct ? yStride : width;
    float[] init = scratch;
    int initAt = TILE_AT;
    int initStride = width;
    if (firstKBlock > 0) {
      Rows.store(y, out, yStride, scratch, TILE_AT, width, tileRows, valid);
    } else if (residual != null) {
      addResidual(scratch, tileRows, column, valid, width, residualAt + row * yStride + column);
    } else {
      initStride = 0;
      if (bias != null && valid == width) {
        init = bias;
        initAt = biasAt + column;
      } else {
        padBias(scratch, column, valid, width);
        initAt = 0;
      }
    }
    for (int kb = firstKBlock; kb < endKBlock; kb++) {
      int first = kb * kPerBlock;
      int k = Math.min(kPerBlock, w.k() - first);
      int a = PACKED_AT + ((kb - firstKBlock) * packedRows + from) * Tiles.STRIDE;
      panel.multiply(tileRows, scratch, a, first, k, init, initAt, initStride, c, at, stride);
      init = c;
      initAt = at;
      initStride = stride;
    }
    if (activates) {
      Activations.apply(activation, scratch, TILE_AT, 1, tileRows * width, 0);
    }
    if (!direct) {
      Rows.store(scratch, TILE_AT, width, y, out, yStride, tileRows, valid);
    }
  }

  /** The bias of a panel, or zeros, at the head of the scratch. */
  private void padBias(float[] scratch, int column, int valid, int width) {
    Arrays.fill(scratch, 0, width, 0f);
    if (bias != null) {
      System.arraycopy(bias, biasAt + column, scratch, 0, valid);
    }
  }

  /** tile = residual + bias, for the columns that there are. */
  private void addResidual(
      float[] scratch, int tileRows, int column, int valid, int width, int added) {
    if (bias == null) {
      Rows.store(residual, added, yStride, scratch, TILE_AT, width, tileRows, valid);
    } else {
      Rows.sum(
          residual,
          added,
          yStride,
          bias,
          biasAt + column,
          scratch,
          TILE_AT,
          width,
          tileRows,
          valid);
    }
  }
}
