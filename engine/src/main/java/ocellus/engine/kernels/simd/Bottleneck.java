package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;
import static ocellus.engine.kernels.simd.Vectors.TILE_ROWS;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Expansion;
import ocellus.engine.kernels.Window;
import ocellus.engine.threads.Threads;

/**
 * The wide half of an inverted bottleneck: channels are expanded by a linear map and convolved
 * depthwise while they are in the cache; the expanded map never exists as a whole.
 *
 * <p>A chunk is a group of panels of the expanded channels and a range of output rows. It proceeds
 * from step to step: the rows of the {@link DepthwiseBand} of each panel that the step before has
 * not left are computed by {@link Tiles}, then the output rows. Small maps are one step for a few
 * panels; large ones take all panels at once and a few rows a step.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
final class Bottleneck implements Threads.Task {
  private static final long SERIAL_WORK = 1 << 17;

  /** Floats of the bands of a chunk: a fraction of L2. */
  private static final int BAND_FLOATS = 64 << 10;

  private static final int CHUNKS_PER_THREAD = 4;

  /** Where rows are cut, the neighbours of the cut are computed twice. */
  private static final int ROW_CHUNKS_PER_THREAD = 2;

  private final DepthwiseBand band = new DepthwiseBand();
  private float[] x;
  private int xAt;
  private int in; // channels of x
  private Expansion expansion; // null for none
  private Panels weights;
  private Window window;
  private float[] w;
  private float[] bias;
  private Activation activation;
  private int channels;
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
    this.x = x.data();
    this.xAt = x.offset();
    this.in = x.channels();
    this.expansion = expansion;
    this.weights = Panels.of(ws);
    this.window = window;
    this.w = w;
    this.bias = bias;
    this.activation = activation;
    this.channels = expansion == null ? in : expansion.weight().n();
    this.y = y.data();
    this.yAt = y.offset();
    this.ws = ws;
    this.band.of(window);
    ws.threads().run(plan(ws.threads().count()), this);
    this.x = null;
    this.expansion = null;
    this.weights = null;
    this.w = null;
    this.bias = null;
    this.y = null;
    this.window = null;
    this.ws = null;
    this.band.clear();
  }

  private int plan(int threads) {
    panels = Math.ceilDiv(channels, TILE_COLUMNS);
    int rows = window.outHeight();
    long inputs = expansion == null ? 0 : (long) window.inHeight() * window.inWidth() * in;
    long work = inputs * channels + (long) window.outPixels() * window.taps() * channels;
    int sharers = work < SERIAL_WORK ? 1 : threads;
    long mapFloats = (long) band.rowsFor(rows) * band.rowFloats();
    if (2 * mapFloats <= BAND_FLOATS) {
      int fit = Math.clamp(BAND_FLOATS / mapFloats, 1, panels);
      int wanted = sharers == 1 ? 1 : Math.min(panels, sharers * CHUNKS_PER_THREAD);
      panelsPerGroup = Math.min(fit, Math.ceilDiv(panels, wanted));
      rowsPerStep = rows;
      rowsPerChunk = rows;
    } else {
      panelsPerGroup = expansion == null ? 1 : panels;
      long rowFloats = (long) panelsPerGroup * band.rowFloats();
      rowsPerStep = band.outputRowsOf((int) (BAND_FLOATS / rowFloats));
      int wanted = sharers == 1 ? 1 : Math.min(rows, sharers * ROW_CHUNKS_PER_THREAD);
      rowsPerChunk = Math.ceilDiv(rows, wanted);
      rowsPerStep = Math.min(rowsPerStep, rowsPerChunk);
    }
    rowChunks = Math.ceilDiv(rows, rowsPerChunk);
    return rowChunks * Math.ceilDiv(panels, panelsPerGroup);
  }

  @Override
  public void run(int chunk, int worker) {
    int firstPanel = chunk / rowChunks * panelsPerGroup;
    int endPanel = Math.min(panels, firstPanel + panelsPerGroup);
    int first = chunk % rowChunks * rowsPerChunk;
    int end = Math.min(window.outHeight(), first + rowsPerChunk);
    int bandRows = band.rowsFor(rowsPerStep);
    int bandFloats = bandRows * band.rowFloats();
    // Scratch: a tile of inputs, bias and taps of a panel, the bands.
    int tapsAt = expansion == null ? 0 : TILE_ROWS * Math.ceilDiv(in, Gemm.MOST_K) * Tiles.STRIDE;
    int bandsAt = tapsAt + Vectors.TILE_VECTORS * band.tapFloats();
    int floats = bandsAt + (endPanel - firstPanel) * bandFloats + LANES;
    float[] scratch = ws.scratch(worker, floats);
    for (int oy = first; oy < end; oy += rowsPerStep) {
      int rows = Math.min(rowsPerStep, end - oy);
      int kept = oy == first ? 0 : Math.min(band.sharedRows(), band.rowsFor(rows));
      for (int p = firstPanel; p < endPanel && kept > 0; p++) {
        int at = bandsAt + (p - firstPanel) * bandFloats;
        int moved = rowsPerStep * window.strideY() * band.rowFloats();
        System.arraycopy(scratch, at + moved, scratch, at, kept * band.rowFloats());
      }
      for (int r = kept; r < band.rowsFor(rows); r++) {
        int at = bandsAt + r * band.rowFloats();
        fillRow(firstPanel, endPanel, band.mapRow(oy, r), scratch, at, bandFloats, worker);
      }
      for (int p = firstPanel; p < endPanel; p++) {
        convolve(p, oy, rows, scratch, tapsAt, bandsAt + (p - firstPanel) * bandFloats);
      }
    }
  }

  /** One row of the band of each panel, the first at {@code at}. */
  private void fillRow(
      int firstPanel,
      int endPanel,
      int mapRow,
      float[] scratch,
      int at,
      int bandFloats,
      int worker) {
    boolean inside = band.isInside(mapRow);
    for (int p = firstPanel; p < endPanel; p++) {
      int row = at + (p - firstPanel) * bandFloats;
      if (expansion == null) {
        int channel = p * TILE_COLUMNS;
        int valid = Math.min(TILE_COLUMNS, channels - channel);
        band.copyRow(x, xAt, in, channel, valid, mapRow, scratch, row);
      } else {
        band.clearRow(scratch, row, !inside);
      }
    }
    if (expansion != null && inside) {
      int target = at + band.firstInside() * TILE_COLUMNS;
      expand(firstPanel, endPanel, mapRow, scratch, target, bandFloats, worker);
    }
  }

  /** Expands a row of pixels, tile by tile, into the band of each panel. */
  private void expand(
      int firstPanel,
      int endPanel,
      int mapRow,
      float[] scratch,
      int target,
      int bandFloats,
      int worker) {
    int pixel = mapRow * window.inWidth() + band.firstMapColumn();
    int count = band.countInside();
    int tiles = Math.ceilDiv(count, TILE_ROWS);
    int sweeps = window.inHeight() * tiles;
    for (int t = 0; t < tiles; t++) {
      int from = Gemm.tileStart(count, tiles, t);
      int rows = Gemm.tileStart(count, tiles, t + 1) - from;
      for (int k = 0, at = 0; k < in; k += Gemm.MOST_K, at += TILE_ROWS * Tiles.STRIDE) {
        int source = xAt + (pixel + from) * in + k;
        Rows.copy(x, source, in, scratch, at, Tiles.STRIDE, rows, Math.min(Gemm.MOST_K, in - k));
      }
      for (int p = firstPanel; p < endPanel; p++) {
        int to = target + (p - firstPanel) * bandFloats + from * TILE_COLUMNS;
        Panels.Panel panel = weights.open(worker, expansion.weight(), p);
        panel.readAhead(firstPanel, endPanel - 1, mapRow * tiles + t, sweeps);
        tile(panel, p, rows, scratch, to);
      }
    }
  }

  private void tile(Panels.Panel panel, int p, int rows, float[] scratch, int to) {
    int valid = Math.min(TILE_COLUMNS, channels - p * TILE_COLUMNS);
    float[] init = expansion.paddedBias();
    int initAt = p * TILE_COLUMNS;
    int initStride = 0;
    for (int k = 0, at = 0; k < in; k += Gemm.MOST_K, at += TILE_ROWS * Tiles.STRIDE) {
      int length = Math.min(Gemm.MOST_K, in - k);
      panel.multiply(
          rows, scratch, at, k, length, init, initAt, initStride, scratch, to, TILE_COLUMNS);
      init = scratch;
      initAt = to;
      initStride = TILE_COLUMNS;
    }
    Activations.applyPanel(expansion.activation(), scratch, to, rows, valid);
  }

  /** Some output rows of a panel. */
  private void convolve(int p, int oy, int rows, float[] scratch, int tapsAt, int bandAt) {
    int channel = p * TILE_COLUMNS;
    int valid = Math.min(TILE_COLUMNS, channels - channel);
    int rowFloats = window.outWidth() * TILE_COLUMNS;
    int out = yAt + (p * window.outHeight() + oy) * rowFloats;
    for (int v = 0; v * LANES < valid; v++) {
      int taps = tapsAt + v * band.tapFloats();
      band.copyTaps(w, bias, channels, channel + v * LANES, scratch, taps);
    }
    for (int r = 0; r < rows; r++) {
      int in = bandAt + r * window.strideY() * band.rowFloats();
      int to = out + r * rowFloats;
      for (int v = 0; v * LANES < valid; v++) {
        int lane = v * LANES;
        int taps = tapsAt + v * band.tapFloats();
        band.outputRow(scratch, in + lane, scratch, taps, y, to + lane, TILE_COLUMNS);
      }
      Activations.applyPanel(activation, y, to, window.outWidth(), valid);
    }
  }
}
