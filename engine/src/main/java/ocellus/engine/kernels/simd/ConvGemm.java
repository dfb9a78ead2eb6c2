package ocellus.engine.kernels.simd;

import ocellus.engine.kernels.Window;

/**
 * Convolution as a matrix product: row r of A holds the window of output pixel r, in the order (ky,
 * kx, channel). The windows are gathered tile by tile and never stored as a whole ("indirect
 * convolution", Dukhan 2019).
 */
final class ConvGemm extends Gemm {
  private float[] x;
  private int xAt;
  private Window window;
  private int channels;
  private int firstChannel;
  private int groupChannels;
  private int groups;

  ConvGemm of(
      float[] x,
      int xAt,
      Window window,
      int channels,
      int firstChannel,
      int groupChannels,
      int groups) {
    this.x = x;
    this.xAt = xAt;
    this.window = window;
    this.channels = channels;
    this.firstChannel = firstChannel;
    this.groupChannels = groupChannels;
    this.groups = groups;
    return this;
  }

  @Override
  void pack(int row, int count, int firstK, int endK, float[] to, int at) {
    int oy = row / window.outWidth();
    int ox = row % window.outWidth();
    // Neighbouring taps are neighbours in memory too, unless there are others between them.
    boolean contiguous = window.dilationX() == 1 && groupChannels == channels;
    boolean inOneBlock = window.taps() * groupChannels <= untilBlockEnd(0);
    for (int r = 0; r < count; r++) {
      int top = oy * window.strideY() - window.padTop();
      int left = ox * window.strideX() - window.padLeft();
      if (contiguous && inOneBlock && window.dilationY() == 1 && isInside(top, left)) {
        putWindow(top, left, to, at + packedIndex(r, count, 0));
      } else {
        putRows(r, count, top, left, contiguous, inOneBlock, to, at);
      }
      if (++ox == window.outWidth()) {
        ox = 0;
        oy++;
      }
    }
  }

  /** Whether the window with this corner lies within the map. */
  private boolean isInside(int top, int left) {
    return top >= 0
        && left >= 0
        && top + window.kernelHeight() <= window.inHeight()
        && left + window.kernelWidth() <= window.inWidth();
  }

  /** A window without gaps or borders: one run per row. */
  private void putWindow(int top, int left, float[] to, int target) {
    int run = window.kernelWidth() * channels;
    int mapRow = window.inWidth() * channels;
    int source = xAt + top * mapRow + left * channels;
    Rows.copy(x, source, mapRow, to, target, run, window.kernelHeight(), run);
  }

  /** Any window, row by row. */
  private void putRows(
      int r,
      int count,
      int top,
      int left,
      boolean contiguous,
      boolean inOneBlock,
      float[] to,
      int at) {
    int run = window.kernelWidth() * groupChannels;
    for (int ky = 0; ky < window.kernelHeight(); ky++) {
      int iy = top + ky * window.dilationY();
      int k = ky * run;
      if (iy < 0 || iy >= window.inHeight()) {
        put(r, count, k, run, -1, to, at);
      } else if (contiguous) {
        putRow(r, count, k, iy, left, to, at);
      } else if (inOneBlock && window.dilationX() == 1) {
        putGroup(iy, left, to, at + packedIndex(r, count, k));
      } else {
        putTaps(r, count, k, iy, left, to, at);
      }
    }
  }

  /** One row of taps of some of the channels, with zeros where it leaves the map. */
  private void putGroup(int iy, int left, float[] to, int target) {
    int width = window.kernelWidth();
    int from = Math.clamp(-left, 0, width);
    int until = Math.clamp(window.inWidth() - left, from, width);
    int first = target + from * groupChannels;
    int end = target + until * groupChannels;
    Rows.clear(to, target, first - target);
    if (from < until) {
      int source = xAt + (iy * window.inWidth() + left + from) * channels + firstChannel;
      Rows.copy(x, source, channels, to, first, groupChannels, until - from, groupChannels);
    }
    Rows.clear(to, end, target + width * groupChannels - end);
  }

  /** One row of taps in one piece, with zeros where it leaves the map on the left or the right. */
  private void putRow(int r, int count, int k, int iy, int left, float[] to, int at) {
    int width = window.kernelWidth();
    int from = Math.clamp(-left, 0, width);
    int until = Math.clamp(window.inWidth() - left, from, width);
    put(r, count, k, from * channels, -1, to, at);
    int source = xAt + (iy * window.inWidth() + left + from) * channels;
    put(r, count, k + from * channels, (until - from) * channels, source, to, at);
    put(r, count, k + until * channels, (width - until) * channels, -1, to, at);
  }

  /** One row of taps, tap by tap. */
  private void putTaps(int r, int count, int k, int iy, int left, float[] to, int at) {
    for (int kx = 0; kx < window.kernelWidth(); kx++) {
      int ix = left + kx * window.dilationX();
      boolean inside = ix >= 0 && ix < window.inWidth();
      int source = xAt + (iy * window.inWidth() + ix) * channels + firstChannel;
      put(r, count, k + kx * groupChannels, groupChannels, inside ? source : -1, to, at);
    }
  }

  /**
   * Writes elements k.. of packed row r: {@code length} floats of x, or zeros if {@code source} is
   * negative.
   */
  private void put(int r, int count, int k, int length, int source, float[] to, int at) {
    for (int done = 0; done < length; ) {
      int piece = Math.min(length - done, untilBlockEnd(k + done));
      int target = at + packedIndex(r, count, k + done);
      if (source < 0) {
        Rows.clear(to, target, piece);
      } else {
        Rows.copy(x, source + done, 0, to, target, 0, 1, piece);
      }
      done += piece;
    }
  }

  @Override
  boolean packsParts() {
    return false;
  }

  @Override
  int products() {
    return groups;
  }

  @Override
  void clear() {
    x = null;
    window = null;
  }
}
