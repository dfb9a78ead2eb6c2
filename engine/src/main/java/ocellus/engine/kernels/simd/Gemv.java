package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;
import static ocellus.engine.kernels.simd.Vectors.TILE_VECTORS;

import java.util.Arrays;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.threads.Threads;

/**
 * {@code y = activation(x W + bias + residual)} for a single row x and F32 weights: to the last bit
 * what {@link Gemm} makes of it. The time goes into reading W, so that several panels are read at
 * once (see {@link RowTiles}), and x is not packed.
 *
 * <p>The chunks of a parallel region are runs of panels.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
final class Gemv implements Threads.Task {
  /** Bytes of weights below which a second thread is not worth waking: some 15 microseconds. */
  private static final long SERIAL_BYTES = 512 << 10;

  /** Panels at once: eight accumulators hide how long a multiplication takes. */
  private static final int PANELS = 8 / TILE_VECTORS;

  private static final int CHUNKS_PER_THREAD = 4;

  private Workspace ws;
  private float[] x;
  private int xAt;
  private PackedMatrix w;
  private float[] bias;
  private float[] residual;
  private int residualAt;
  private Activation activation;
  private float[] y;
  private int yAt;

  // The plan.
  private int panelsPerChunk;
  private int kPerBlock;

  void multiply(
      float[] x,
      int xAt,
      PackedMatrix w,
      float[] bias,
      float[] residual,
      int residualAt,
      Activation activation,
      float[] y,
      int yAt,
      Workspace ws) {
    if (w.n() == 0) {
      return;
    }
    this.ws = ws;
    this.x = x;
    this.xAt = xAt;
    this.w = w;
    this.bias = bias;
    this.residual = residual;
    this.residualAt = residualAt;
    this.activation = activation;
    this.y = y;
    this.yAt = yAt;
    kPerBlock = PackedProduct.kPerBlock(w.k());
    int panels = w.panelCount();
    int threads = w.bytes() < SERIAL_BYTES ? 1 : ws.threads().count();
    int chunks = threads == 1 ? 1 : threads * CHUNKS_PER_THREAD;
    panelsPerChunk = Math.ceilDiv(Math.ceilDiv(panels, chunks), PANELS) * PANELS;
    ws.threads().run(Math.ceilDiv(panels, panelsPerChunk), this);
    this.x = null;
    this.w = null;
    this.bias = null;
    this.residual = null;
    this.y = null;
    this.ws = null;
  }

  @Override
  public void run(int chunk, int worker) {
    float[] sums = ws.scratch(worker, PANELS * TILE_COLUMNS);
    int first = chunk * panelsPerChunk;
    int end = Math.min(w.panelCount(), first + panelsPerChunk);
    for (int p = first; p < end; p += PANELS) {
      columns(p, Math.min(PANELS, end - p), sums);
    }
  }

  /** The columns of y that belong to some panels. */
  private void columns(int p, int count, float[] sums) {
    int column = p * TILE_COLUMNS;
    int valid = Math.min(count * TILE_COLUMNS, w.n() - column);
    int width = Vectors.padded(valid);
    start(column, valid, width, sums);
    int whole = width / TILE_COLUMNS;
    for (int done = 0; done < whole; ) {
      int panels = Integer.highestOneBit(whole - done);
      multiply(p + done, panels, TILE_VECTORS, sums, done * TILE_COLUMNS);
      done += panels;
    }
    if (whole < count) {
      multiply(p + whole, 1, w.panelWidth(p + whole) / LANES, sums, whole * TILE_COLUMNS);
    }
    if (residual != null && bias != null) {
      Elementwise.sum(sums, 0, bias, column, sums, 0, valid);
    }
    Activations.apply(activation, sums, 0, 1, width, 0);
    System.arraycopy(sums, 0, y, yAt + column, valid);
  }

  /** What the sums of some columns start from, the residual or else the bias, zeros behind them. */
  private void start(int column, int valid, int width, float[] sums) {
    Arrays.fill(sums, 0, width, 0f);
    if (residual != null) {
      System.arraycopy(residual, residualAt + column, sums, 0, valid);
    } else if (bias != null) {
      System.arraycopy(bias, column, sums, 0, valid);
    }
  }

  /** Adds the products with panels of this many vectors to the sums. */
  private void multiply(int p, int panels, int vectors, float[] sums, int at) {
    long panel = w.panelOffset(p);
    long step = w.panelOffset(p + 1) - panel;
    for (int k = 0; k < w.k(); k += kPerBlock) {
      long bo = panel + (long) k * vectors * Vectors.BYTES;
      int length = Math.min(kPerBlock, w.k() - k);
      RowTiles.run(panels, vectors, x, xAt + k, w.panels(), bo, step, length, sums, at, sums, at);
    }
  }
}
