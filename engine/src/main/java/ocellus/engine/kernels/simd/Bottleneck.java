package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Expansion;
import ocellus.engine.kernels.Window;
import ocellus.engine.threads.Threads;

/**
 * The wide half of an inverted bottleneck, into a map in blocks.
 *
 * <p>A chunk is a group of panels of the expanded channels and a range of output rows, which {@link
 * BottleneckRows} computes step by step. Small maps are one step for a few panels; large ones take
 * all panels at once and a few rows a step.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
final class Bottleneck implements Threads.Task {
  private static final long SERIAL_WORK = 1 << 17;

  /** Floats of the bands of a chunk: a fraction of L2. */
  static final int BAND_FLOATS = 64 << 10;

  private static final int CHUNKS_PER_THREAD = 4;

  /** Where rows are cut, the neighbours of the cut are computed twice. */
  static final int ROW_CHUNKS_PER_THREAD = 2;

  private static final int SCRATCH_AT = Workspace.FIRST_ALIGNED;

  private final BottleneckRows wide = new BottleneckRows();
  private Window window;
  private float[] y;
  private int yAt;
  private Workspace ws;

  // The plan.
  private int panels;
  private int panelsPerGroup;
  private int rowsPerStep;
  private int rowsPerChunk;
  private int rowChunks;

  void run(
      Tensor x,
      Expansion expansion,
      Window window,
      float[] w,
      float[] bias,
      Activation activation,
      Tensor y,
      Workspace ws) {
    if (y.size() == 0) {
      return;
    }
    this.wide.of(x, expansion, window, w, bias, activation, ws);
    this.window = window;
    this.y = y.data();
    this.yAt = y.offset();
    this.ws = ws;
    ws.threads().run(plan(ws.threads().count(), expansion != null), this);
    this.wide.clear();
    this.window = null;
    this.y = null;
    this.ws = null;
  }

  private int plan(int threads, boolean expands) {
    panels = wide.panels();
    int rows = window.outHeight();
    int sharers = wide.work() < SERIAL_WORK ? 1 : threads;
    long mapFloats = wide.mapFloats();
    if (2 * mapFloats <= BAND_FLOATS) {
      int fit = Math.clamp(BAND_FLOATS / mapFloats, 1, panels);
      int wanted = sharers == 1 ? 1 : Math.min(panels, sharers * CHUNKS_PER_THREAD);
      panelsPerGroup = Math.min(fit, Math.ceilDiv(panels, wanted));
      rowsPerStep = rows;
      rowsPerChunk = rows;
    } else {
      panelsPerGroup = expands ? panels : 1;
      int wanted = sharers == 1 ? 1 : Math.min(rows, sharers * ROW_CHUNKS_PER_THREAD);
      rowsPerChunk = Math.ceilDiv(rows, wanted);
      rowsPerStep = Math.min(wide.rowsFor(panelsPerGroup, BAND_FLOATS), rowsPerChunk);
    }
    wide.plan(rowsPerStep, window.outPixels() * TILE_COLUMNS, TILE_COLUMNS);
    rowChunks = Math.ceilDiv(rows, rowsPerChunk);
    return rowChunks * Math.ceilDiv(panels, panelsPerGroup);
  }

  @Override
  public void run(int chunk, int worker) {
    int firstPanel = chunk / rowChunks * panelsPerGroup;
    int endPanel = Math.min(panels, firstPanel + panelsPerGroup);
    int first = chunk % rowChunks * rowsPerChunk;
    int end = Math.min(window.outHeight(), first + rowsPerChunk);
    float[] scratch = ws.scratch(worker, SCRATCH_AT + wide.scratchFloats(endPanel - firstPanel));
    for (int oy = first; oy < end; oy += rowsPerStep) {
      int rows = Math.min(rowsPerStep, end - oy);
      int pixel = (firstPanel * window.outHeight() + oy) * window.outWidth();
      int to = yAt + pixel * TILE_COLUMNS;
      wide.step(firstPanel, endPanel, oy, rows, oy > first, scratch, SCRATCH_AT, y, to, worker);
    }
  }
}
