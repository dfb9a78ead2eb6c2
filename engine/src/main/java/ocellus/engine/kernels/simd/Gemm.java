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
 * so that it stays in L1.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
abstract class Gemm implements Threads.Task {
  /** Multiply-adds below which a second thread is not worth waking: about 20 microseconds. */
  private static final long SERIAL_WORK = 1 << 20;

  /** Packed weights up to this size stay in L2 while rows stream past. */
  private static final long SMALL_WEIGHTS = 768 << 10;

  /** A block of packed rows should leave room in L2 for a panel. */
  private static final int BLOCK_FLOATS = 320 << 10;

  /**
   * Elements that are summed before the sum is added to the rest, so that rounding errors of long
   * reductions stay small. With it a packed row leaves room for a copy to overwrite the vector
   * behind it.
   */
  private static final int MOST_K = 384;

  /** Chunks per thread, for balance when a thread loses its core. */
  private static final int CHUNKS_PER_THREAD = 4;

  // Each thread's scratch: one row of a bias, one tile, the packed rows.
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
  private int[] packedBlock = new int[1];

  /**
   * Packs rows of A.
   *
   * @param row the first
   * @param count how many
   * @param to element k of row {@code row + r} goes to {@link #packedIndex}(r, count, k), from
   *     {@code at}
   */
  abstract void pack(int row, int count, float[] to, int at);

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
    ws.threads().run(chunks, this);
    this.bias = null;
    this.residual = null;
    this.y = null;
    this.w = null;
    clear();
  }

  /** Decides how the output is cut; returns the number of chunks. */
  private int plan(int threads) {
    int k = w.k();
    kBlocks = Math.max(1, Math.ceilDiv(k, MOST_K));
    kPerBlock = Math.max(LANES, Vectors.padded(Math.ceilDiv(k, kBlocks)));
    int panels = w.panelCount();
    long work = (long) rows * w.n() * k;
    int sharers = work < SERIAL_WORK ? 1 : threads;
    int rowTiles = Math.ceilDiv(rows, TILE_ROWS);
    int tilesPerBlock;
    if (w.bytes() <= SMALL_WEIGHTS) {
      tilesPerBlock = sharers == 1 ? rowTiles : Math.ceilDiv(rowTiles, sharers * CHUNKS_PER_THREAD);
    } else {
      int tileFloats = TILE_ROWS * kBlocks * Tiles.STRIDE;
      tilesPerBlock = Math.max(1, BLOCK_FLOATS / tileFloats);
    }
    int blocks = Math.ceilDiv(rowTiles, tilesPerBlock);
    rowsPerBlock = Math.ceilDiv(rows, blocks);
    blocks = Math.ceilDiv(rows, rowsPerBlock);
    int wantedGroups =
        sharers == 1 ? 1 : Math.clamp(Math.ceilDiv(sharers * CHUNKS_PER_THREAD, blocks), 1, panels);
    panelsPerGroup = Math.ceilDiv(panels, wantedGroups);
    groups = Math.ceilDiv(panels, panelsPerGroup);
    if (packedBlock.length < threads) {
      packedBlock = new int[threads];
    }
    Arrays.fill(packedBlock, -1);
    return blocks * groups;
  }

  @Override
  public final void run(int chunk, int worker) {
    int block = chunk / groups;
    int firstPanel = chunk % groups * panelsPerGroup;
    int endPanel = Math.min(w.panelCount(), firstPanel + panelsPerGroup);
    int firstRow = block * rowsPerBlock;
    int count = Math.min(rowsPerBlock, rows - firstRow);
    if (w.bytes() <= SMALL_WEIGHTS) {
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
      pack(firstRow + from, tileRows, scratch, PACKED_AT);
      for (int p = firstPanel; p < endPanel; p++) {
        tile(scratch, p, panels.open(worker, w, p), firstRow + from, 0, tileRows, tileRows);
      }
    }
  }

  private void panelByPanel(
      int block, int firstRow, int count, int firstPanel, int endPanel, int worker) {
    int tiles = Math.ceilDiv(count, TILE_ROWS);
    float[] scratch = scratch(worker, rowsPerBlock);
    if (packedBlock[worker] != block) {
      pack(firstRow, count, scratch, PACKED_AT);
      packedBlock[worker] = block;
    }
    for (int p = firstPanel; p < endPanel; p++) {
      Panels.Panel panel = panels.open(worker, w, p);
      for (int t = 0; t < tiles; t++) {
        int from = tileStart(count, tiles, t);
        int tileRows = tileStart(count, tiles, t + 1) - from;
        tile(scratch, p, panel, firstRow + from, from, tileRows, count);
      }
    }
  }

  private float[] scratch(int worker, int packedRows) {
    // One vector more, for copies that overwrite.
    return ws.scratch(worker, PACKED_AT + packedRows * kBlocks * Tiles.STRIDE + LANES);
  }

  /**
   * Where tile t of {@code tiles} begins: rows are dealt out evenly, the first tiles get one more.
   */
  private static int tileStart(int rows, int tiles, int t) {
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
    boolean direct = residual == null && valid == width;
    float[] c = direct ? y : scratch;
    int at = direct ? out : TILE_AT;
    int stride = direct ? yStride : TILE_COLUMNS;
    boolean whole = bias != null && valid == width;
    float[] init = whole ? bias : paddedBias(scratch, column, valid, width);
    int initAt = whole ? biasAt + column : 0;
    int initStride = 0;
    for (int kb = 0; kb < kBlocks; kb++) {
      int k = Math.min(kPerBlock, w.k() - kb * kPerBlock);
      panel.multiply(
          tileRows,
          scratch,
          PACKED_AT + (kb * packedRows + from) * Tiles.STRIDE,
          kb * kPerBlock,
          k,
          init,
          initAt,
          initStride,
          c,
          at,
          stride);
      init = c;
      initAt = at;
      initStride = stride;
    }
    if (direct) {
      Activations.apply(activation, y, out, tileRows, width, yStride);
    } else {
      finish(scratch, tileRows, valid, width, residualAt + row * yStride + column, out);
    }
  }

  /** Writes what the accumulators of a panel start from to the head of the scratch. */
  private float[] paddedBias(float[] scratch, int column, int valid, int width) {
    Arrays.fill(scratch, 0, width, 0f);
    if (bias != null) {
      System.arraycopy(bias, biasAt + column, scratch, 0, valid);
    }
    return scratch;
  }

  /**
   * y = activation(tile + residual), for the columns that there are; the tile has whole vectors.
   */
  private void finish(float[] scratch, int tileRows, int valid, int width, int added, int out) {
    if (residual != null) {
      for (int r = 0; r < tileRows; r++) {
        int at = TILE_AT + r * TILE_COLUMNS;
        Elementwise.sum(scratch, at, residual, added + r * yStride, scratch, at, valid);
      }
    }
    Activations.apply(activation, scratch, TILE_AT, tileRows, width, TILE_COLUMNS);
    for (int r = 0; r < tileRows; r++) {
      System.arraycopy(scratch, TILE_AT + r * TILE_COLUMNS, y, out + r * yStride, valid);
    }
  }
}
