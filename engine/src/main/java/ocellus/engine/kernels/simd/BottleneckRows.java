package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;
import static ocellus.engine.kernels.simd.Vectors.TILE_ROWS;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Expansion;
import ocellus.engine.kernels.Window;

/**
 * The wide half of an inverted bottleneck, some output rows at a time: channels are expanded by a
 * linear map and convolved depthwise while they are in the cache; the expanded map never exists as
 * a whole.
 *
 * <p>A step is a group of panels of the expanded channels and some output rows. {@link Tiles}
 * compute those rows of the {@link DepthwiseBand} of each panel that the step before has not left,
 * then the band is convolved.
 */
final class BottleneckRows {
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

  // The plan.
  private int rowsPerStep;
  private int panelStep;
  private int pixelStep;

  void of(
      Tensor x,
      Expansion expansion,
      Window window,
      float[] w,
      float[] bias,
      Activation activation,
      Workspace ws) {
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
    this.band.of(window);
  }

  /** Forgets the operands, so that no array is kept alive. */
  void clear() {
    x = null;
    expansion = null;
    weights = null;
    w = null;
    bias = null;
    window = null;
    band.clear();
  }

  int panels() {
    return Math.ceilDiv(channels, TILE_COLUMNS);
  }

  /** Multiply-adds. */
  long work() {
    long inputs = expansion == null ? 0 : (long) window.inHeight() * window.inWidth() * in;
    return inputs * channels + (long) window.outPixels() * window.taps() * channels;
  }

  /** Floats of a panel's band for all output rows. */
  long mapFloats() {
    return (long) band.rowsFor(window.outHeight()) * band.rowFloats();
  }

  /** Output rows of a step such that the bands of so many panels have about so many floats. */
  int rowsFor(int panels, int floats) {
    return band.outputRowsOf((int) (floats / ((long) panels * band.rowFloats())));
  }

  /**
   * Says how results are laid out.
   *
   * @param rowsPerStep of each step but the last
   * @param panelStep floats from one panel to the next
   * @param pixelStep floats from one pixel to the next
   */
  void plan(int rowsPerStep, int panelStep, int pixelStep) {
    this.rowsPerStep = rowsPerStep;
    this.panelStep = panelStep;
    this.pixelStep = pixelStep;
  }

  /** Floats of the scratch of a step: a tile of inputs, bias and taps of a panel, the bands. */
  int scratchFloats(int panels) {
    return bandsAt() + panels * bandFloats() + LANES;
  }

  private int tapsAt() {
    return expansion == null
        ? 0
        : TILE_ROWS * Math.ceilDiv(in, PackedProduct.MOST_K) * Tiles.STRIDE;
  }

  private int bandsAt() {
    return tapsAt() + Vectors.TILE_VECTORS * band.tapFloats();
  }

  private int bandFloats() {
    return band.rowsFor(rowsPerStep) * band.rowFloats();
  }

  /**
   * Computes one step.
   *
   * @param oy the first output row
   * @param continues whether the scratch is what the step with the rows before has left
   * @param at where the scratch begins
   * @param yAt where pixel 0 of output row oy of the first panel goes to in y
   */
  void step(
      int firstPanel,
      int endPanel,
      int oy,
      int rows,
      boolean continues,
      float[] scratch,
      int at,
      float[] y,
      int yAt,
      int worker) {
    int bandsAt = at + bandsAt();
    int bandFloats = bandFloats();
    int kept = continues ? Math.min(band.sharedRows(), band.rowsFor(rows)) : 0;
    for (int p = firstPanel; p < endPanel && kept > 0; p++) {
      int to = bandsAt + (p - firstPanel) * bandFloats;
      int moved = rowsPerStep * window.strideY() * band.rowFloats();
      System.arraycopy(scratch, to + moved, scratch, to, kept * band.rowFloats());
    }
    for (int r = kept; r < band.rowsFor(rows); r++) {
      int to = bandsAt + r * band.rowFloats();
      fillRow(firstPanel, endPanel, band.mapRow(oy, r), scratch, at, to, worker);
    }
    for (int p = firstPanel; p < endPanel; p++) {
      int from = bandsAt + (p - firstPanel) * bandFloats;
      int to = yAt + (p - firstPanel) * panelStep;
      convolve(p, rows, scratch, at + tapsAt(), from, y, to);
    }
  }

  /** One row of the band of each panel, the first at {@code to}. */
  private void fillRow(
      int firstPanel, int endPanel, int mapRow, float[] scratch, int at, int to, int worker) {
    boolean inside = band.isInside(mapRow);
    for (int p = firstPanel; p < endPanel; p++) {
      int row = to + (p - firstPanel) * bandFloats();
      if (expansion == null) {
        int channel = p * TILE_COLUMNS;
        int valid = Math.min(TILE_COLUMNS, channels - channel);
        band.copyRow(x, xAt, in, channel, valid, mapRow, scratch, row);
      } else {
        band.clearRow(scratch, row, !inside);
      }
    }
    if (expansion != null && inside) {
      int target = to + band.firstInside() * TILE_COLUMNS;
      expand(firstPanel, endPanel, mapRow, scratch, at, target, worker);
    }
  }

  /** Expands a row of pixels, tile by tile, into the band of each panel. */
  private void expand(
      int firstPanel, int endPanel, int mapRow, float[] scratch, int at, int target, int worker) {
    int pixel = mapRow * window.inWidth() + band.firstMapColumn();
    int count = band.countInside();
    int tiles = Math.ceilDiv(count, TILE_ROWS);
    int sweeps = window.inHeight() * tiles;
    for (int t = 0; t < tiles; t++) {
      int from = PackedProduct.tileStart(count, tiles, t);
      int rows = PackedProduct.tileStart(count, tiles, t + 1) - from;
      for (int k = 0, to = at; k < in; k += PackedProduct.MOST_K) {
        int source = xAt + (pixel + from) * in + k;
        int length = Math.min(PackedProduct.MOST_K, in - k);
        Rows.copy(x, source, in, scratch, to, Tiles.STRIDE, rows, length);
        to += TILE_ROWS * Tiles.STRIDE;
      }
      for (int p = firstPanel; p < endPanel; p++) {
        int to = target + (p - firstPanel) * bandFloats() + from * TILE_COLUMNS;
        Panels.Panel panel = weights.open(worker, expansion.weight(), p);
        panel.readAhead(firstPanel, endPanel - 1, mapRow * tiles + t, sweeps);
        tile(panel, p, rows, scratch, at, to);
      }
    }
  }

  private void tile(Panels.Panel panel, int p, int rows, float[] scratch, int at, int to) {
    float[] init = expansion.paddedBias();
    int initAt = p * TILE_COLUMNS;
    int initStride = 0;
    for (int k = 0, from = at; k < in; k += PackedProduct.MOST_K) {
      int length = Math.min(PackedProduct.MOST_K, in - k);
      panel.multiply(
          rows, scratch, from, k, length, init, initAt, initStride, scratch, to, TILE_COLUMNS);
      init = scratch;
      initAt = to;
      initStride = TILE_COLUMNS;
      from += TILE_ROWS * Tiles.STRIDE;
    }
    int valid = Math.min(TILE_COLUMNS, channels - p * TILE_COLUMNS);
    Activations.applyPanel(expansion.activation(), scratch, to, rows, valid, TILE_COLUMNS);
  }

  /** Some output rows of a panel. */
  private void convolve(
      int p, int rows, float[] scratch, int tapsAt, int bandAt, float[] y, int yAt) {
    int channel = p * TILE_COLUMNS;
    int valid = Math.min(TILE_COLUMNS, channels - channel);
    for (int v = 0; v * LANES < valid; v++) {
      int taps = tapsAt + v * band.tapFloats();
      band.copyTaps(w, bias, channels, channel + v * LANES, scratch, taps);
    }
    for (int r = 0; r < rows; r++) {
      int from = bandAt + r * window.strideY() * band.rowFloats();
      int to = yAt + r * window.outWidth() * pixelStep;
      for (int v = 0; v * LANES < valid; v++) {
        int lane = v * LANES;
        int taps = tapsAt + v * band.tapFloats();
        band.outputRow(scratch, from + lane, scratch, taps, y, to + lane, pixelStep);
      }
      Activations.applyPanel(activation, y, to, window.outWidth(), valid, pixelStep);
    }
  }
}
