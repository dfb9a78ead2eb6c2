package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;
import static ocellus.engine.kernels.simd.Vectors.TILE_ROWS;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Expansion;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.Window;
import ocellus.engine.threads.Threads;

/**
 * An inverted bottleneck of a large map, a few output rows at a time: the depthwise convolution
 * writes the packed rows that the projection reads, so that what is between them never leaves the
 * cache.
 *
 * <p>A chunk is a range of output rows. An instance is reused from call to call; it belongs to one
 * workspace.
 */
final class ProjectedBottleneck implements Threads.Task {
  /** Pixels of a step: with a few hundred channels they stay in L2 beside the bands. */
  private static final int STEP_PIXELS = 448;

  private final BottleneckRows wide = new BottleneckRows();
  private final PackedProduct narrow = new PackedProduct();
  private Window window;
  private PackedMatrix w;
  private Panels panels;
  private Workspace ws;

  // The plan.
  private int rowsPerStep;
  private int rowsPerChunk;

  /**
   * Whether this pays: the channels between don't fit into the cache, but the projection does and
   * needs them once.
   */
  static boolean canRun(Window window, PackedMatrix projection) {
    long between = (long) window.outPixels() * projection.k();
    return between > Bottleneck.BAND_FLOATS * 4
        && projection.k() <= PackedProduct.MOST_K
        && Panels.fitIntoCache(projection);
  }

  void run(
      Tensor x,
      Expansion expansion,
      Window window,
      float[] taps,
      float[] bias,
      Activation activation,
      PackedMatrix w,
      float[] projectionBias,
      Tensor residual,
      Tensor y,
      Workspace ws) {
    this.wide.of(x, expansion, window, taps, bias, activation, ws);
    this.narrow.of(
        w,
        projectionBias,
        0,
        residual == null ? null : residual.data(),
        residual == null ? 0 : residual.offset(),
        Activation.IDENTITY,
        y.data(),
        y.offset(),
        w.n());
    this.window = window;
    this.w = w;
    this.panels = Panels.of(ws);
    this.ws = ws;
    ws.threads().run(plan(ws.threads().count()), this);
    this.wide.clear();
    this.narrow.clear();
    this.window = null;
    this.w = null;
    this.panels = null;
    this.ws = null;
  }

  private int plan(int threads) {
    int rows = window.outHeight();
    int wanted = threads == 1 ? 1 : threads * Bottleneck.ROW_CHUNKS_PER_THREAD;
    rowsPerChunk = Math.ceilDiv(rows, wanted);
    int most = Math.max(1, STEP_PIXELS / window.outWidth());
    rowsPerStep = Math.min(most, wide.rowsFor(wide.panels(), Bottleneck.BAND_FLOATS));
    rowsPerStep = Math.min(rowsPerStep, rowsPerChunk);
    wide.plan(rowsPerStep, TILE_COLUMNS, Tiles.STRIDE);
    return Math.ceilDiv(rows, rowsPerChunk);
  }

  @Override
  public void run(int chunk, int worker) {
    int first = chunk * rowsPerChunk;
    int end = Math.min(window.outHeight(), first + rowsPerChunk);
    int wideAt = PackedProduct.scratchFloats(rowsPerStep * window.outWidth(), 1);
    float[] scratch = ws.scratch(worker, wideAt + wide.scratchFloats(wide.panels()));
    int packedAt = PackedProduct.PACKED_AT;
    for (int oy = first; oy < end; oy += rowsPerStep) {
      int rows = Math.min(rowsPerStep, end - oy);
      boolean continues = oy > first;
      wide.step(0, wide.panels(), oy, rows, continues, scratch, wideAt, scratch, packedAt, worker);
      project(oy * window.outWidth(), rows * window.outWidth(), scratch, worker);
    }
  }

  /** Projects the packed rows, which are so many pixels from this one on. */
  private void project(int pixel, int count, float[] scratch, int worker) {
    int tiles = Math.ceilDiv(count, TILE_ROWS);
    for (int t = 0; t < tiles; t++) {
      int from = PackedProduct.tileStart(count, tiles, t);
      int rows = PackedProduct.tileStart(count, tiles, t + 1) - from;
      for (int p = 0; p < w.panelCount(); p++) {
        Panels.Panel panel = panels.open(worker, w, p);
        narrow.tile(scratch, p, panel, pixel + from, from, rows, count);
      }
    }
  }
}
