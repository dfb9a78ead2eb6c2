package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;

import ocellus.engine.kernels.Window;

/**
 * A band of rows of the input of a depthwise convolution, or of one in small groups, the columns of
 * one panel of channels, and what is computed from it.
 *
 * <p>The band has its padding with it and {@link Vectors#TILE_COLUMNS} floats a pixel, whatever the
 * number of channels: that rids the inner loops of borders, of channel tails, of unaligned loads
 * and of strides unknown to the compiler.
 */
final class DepthwiseBand {
  private Window window;
  private int pixels; // of a row, padding included
  private int from; // the first of them that is inside of the map
  private int until; // the first behind
  private int reachY;

  DepthwiseBand of(Window window) {
    this.window = window;
    int reachX = (window.kernelWidth() - 1) * window.dilationX();
    this.reachY = (window.kernelHeight() - 1) * window.dilationY();
    this.pixels = (window.outWidth() - 1) * window.strideX() + reachX + 1;
    this.from = Math.min(window.padLeft(), pixels);
    this.until = Math.clamp(window.inWidth() + window.padLeft(), from, pixels);
    return this;
  }

  void clear() {
    window = null;
  }

  /** Floats of a row of the band. */
  int rowFloats() {
    return pixels * TILE_COLUMNS;
  }

  /** Rows of the band that {@code rows} output rows are computed from. */
  int rowsFor(int rows) {
    return (rows - 1) * window.strideY() + reachY + 1;
  }

  /** Output rows that can be computed from so many rows of the band, at least one. */
  int outputRowsOf(int bandRows) {
    return Math.clamp((bandRows - reachY - 1) / window.strideY() + 1, 1, window.outHeight());
  }

  /** Rows that a band has in common with the next one. */
  int sharedRows() {
    return Math.max(0, reachY + 1 - window.strideY());
  }

  /** The row of the map that row r of the band over output rows {@code oy}.. holds. */
  int mapRow(int oy, int r) {
    return oy * window.strideY() - window.padTop() + r;
  }

  boolean isInside(int mapRow) {
    return mapRow >= 0 && mapRow < window.inHeight();
  }

  /** The first pixel of the band's rows that is inside of the map. */
  int firstInside() {
    return from;
  }

  /** How many pixels of a row are inside of the map. */
  int countInside() {
    return until - from;
  }

  /** The first column of the map that the band has. */
  int firstMapColumn() {
    return from - window.padLeft();
  }

  /** Makes the row at {@code at} zero: all of it, or what is outside of the map. */
  void clearRow(float[] band, int at, boolean all) {
    if (all) {
      Rows.clear(band, at, rowFloats());
    } else {
      Rows.clear(band, at, from * TILE_COLUMNS);
      Rows.clear(band, at + until * TILE_COLUMNS, (pixels - until) * TILE_COLUMNS);
    }
  }

  /**
   * Copies {@code valid} channels of a row of the map {@code [height, width, channels]} that starts
   * at {@code xAt}. What the rest of the pixels holds then is undefined.
   */
  void copyRow(
      float[] x,
      int xAt,
      int channels,
      int firstChannel,
      int valid,
      int mapRow,
      float[] band,
      int at) {
    clearRow(band, at, !isInside(mapRow));
    if (isInside(mapRow)) {
      int source = xAt + (mapRow * window.inWidth() + firstMapColumn()) * channels + firstChannel;
      int target = at + from * TILE_COLUMNS;
      Rows.copy(x, source, channels, band, target, TILE_COLUMNS, countInside(), valid);
    }
  }

  /** Floats of the bias and the taps of one vector of channels. */
  int tapFloats() {
    return (1 + window.taps()) * LANES;
  }

  /** The bias, then the taps, each as one vector, zeros for channels that there are not. */
  void copyTaps(float[] w, float[] bias, int channels, int channel, float[] to, int at) {
    int valid = Math.min(LANES, channels - channel);
    if (bias == null || valid < LANES) {
      Rows.clear(to, at, valid < LANES ? tapFloats() : LANES);
    }
    if (bias != null) {
      Rows.store(bias, channel, 0, to, at, 0, 1, valid);
    }
    Rows.store(w, channel, channels, to, at + LANES, LANES, window.taps(), valid);
  }

  /**
   * One row of output pixels of one vector of channels, before the activation.
   *
   * @param in where the first of the rows that it sees starts in the band
   * @param taps what {@link #copyTaps} wrote, at {@code tapsAt}
   * @param stride floats from one output pixel to the next
   */
  void outputRow(float[] band, int in, float[] taps, int tapsAt, float[] out, int at, int stride) {
    int width = window.outWidth();
    int kernel = window.kernelWidth();
    int sx = window.strideX();
    boolean square =
        kernel == window.kernelHeight() && window.dilationX() == 1 && window.dilationY() == 1;
    int largest = square ? DepthwiseTiles.largest(kernel, sx, width) : 0;
    if (largest == 0) {
      int stepY = window.dilationY() * rowFloats();
      int stepX = window.dilationX() * TILE_COLUMNS;
      for (int ox = 0; ox < width; ox++) {
        DepthwisePixels.pixel(
            window.kernelHeight(),
            kernel,
            band,
            in + ox * sx * TILE_COLUMNS,
            stepY,
            stepX,
            taps,
            tapsAt,
            out,
            at + ox * stride);
      }
      return;
    }
    for (int done = 0; done < width; ) {
      int tile = DepthwiseTiles.largest(kernel, sx, width - done);
      if (tile == 0) {
        // A few pixels are left: the largest tile once more, over pixels that are computed already.
        tile = largest;
        done = width - tile;
      }
      DepthwiseTiles.run(
          kernel,
          sx,
          tile,
          band,
          in + done * sx * TILE_COLUMNS,
          rowFloats(),
          taps,
          tapsAt,
          out,
          at + done * stride,
          stride);
      done += tile;
    }
  }
}
