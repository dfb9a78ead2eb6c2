package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import ocellus.engine.Tensor;
import ocellus.engine.kernels.Window;

/** Means and maxima over pixels, a vector of channels at a time. */
final class Pooling {
  /**
   * Rows that are summed before their sum is added to the total, so that rounding errors stay
   * small.
   */
  private static final int PARTIAL = 64;

  private Pooling() {}

  /**
   * Mean over all rows of x. The last vector ends with the last channel; what it shares with the
   * one before it comes out the same.
   */
  static void averageRows(Tensor x, Tensor y) {
    int channels = x.channels();
    float[] means = y.data();
    if (channels >= LANES) {
      for (int from = 0; from < channels; from += LANES) {
        int c = Math.min(from, channels - LANES);
        mean(x.data(), x.offset() + c, x.rows(), channels, means, y.offset() + c, LANES);
      }
      return;
    }
    for (int c = 0; c < channels; c++) {
      double sum = 0;
      for (int r = 0; r < x.rows(); r++) {
        sum += x.data()[x.offset() + r * channels + c];
      }
      means[y.offset() + c] = (float) (sum / x.rows());
    }
  }

  /** Mean over the pixels of a map in blocks of channels; y has the channels that count. */
  static void averageBlocks(Tensor x, Tensor y) {
    int pixels = x.dim(1);
    for (int c = 0; c < y.channels(); c += LANES) {
      int at = x.offset() + c / TILE_COLUMNS * pixels * TILE_COLUMNS + c % TILE_COLUMNS;
      int valid = Math.min(LANES, y.channels() - c);
      mean(x.data(), at, pixels, TILE_COLUMNS, y.data(), y.offset() + c, valid);
    }
  }

  /** Means of one vector of channels, of which the first {@code valid} are wanted. */
  private static void mean(float[] x, int at, int rows, int stride, float[] y, int yAt, int valid) {
    FloatVector total = FloatVector.zero(FLOATS);
    for (int first = 0; first < rows; first += PARTIAL) {
      int end = Math.min(first + PARTIAL, rows);
      FloatVector even = FloatVector.zero(FLOATS);
      FloatVector odd = FloatVector.zero(FLOATS);
      int r = first;
      for (; r + 1 < end; r += 2) {
        even = even.add(FloatVector.fromArray(FLOATS, x, at + r * stride));
        odd = odd.add(FloatVector.fromArray(FLOATS, x, at + (r + 1) * stride));
      }
      FloatVector sum = even.add(odd);
      if (r < end) {
        sum = sum.add(FloatVector.fromArray(FLOATS, x, at + r * stride));
      }
      total = total.add(sum);
    }
    FloatVector mean = total.div((float) rows);
    if (valid == LANES) {
      mean.intoArray(y, yAt);
    } else {
      mean.intoArray(y, yAt, FLOATS.indexInRange(0, valid));
    }
  }

  /**
   * Maximum over the windows of output row {@code oy}; NaN wins. Vectors of channels are as in
   * {@link #averageRows}.
   */
  static void maxRow(Tensor x, Window window, Tensor y, int oy) {
    int channels = x.channels();
    for (int ox = 0; ox < window.outWidth(); ox++) {
      int to = outAt(y, window, oy, ox);
      if (channels < LANES) {
        maxOfFew(x, window, oy, ox, y.data(), to);
      }
      for (int from = 0; from < channels && channels >= LANES; from += LANES) {
        int c = Math.min(from, channels - LANES);
        FloatVector max = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        for (int ky = 0; ky < window.kernelHeight(); ky++) {
          for (int kx = 0; kx < window.kernelWidth(); kx++) {
            int at = tap(x, window, oy, ox, ky, kx);
            if (at >= 0) {
              max = max.lanewise(VectorOperators.MAX, Vectors.load(x.data(), at + c));
            }
          }
        }
        max.intoArray(y.data(), to + c);
      }
    }
  }

  /** The maxima of fewer channels than a vector has lanes. */
  private static void maxOfFew(Tensor x, Window window, int oy, int ox, float[] y, int to) {
    for (int c = 0; c < x.channels(); c++) {
      float max = Float.NEGATIVE_INFINITY;
      for (int ky = 0; ky < window.kernelHeight(); ky++) {
        for (int kx = 0; kx < window.kernelWidth(); kx++) {
          int at = tap(x, window, oy, ox, ky, kx);
          max = at < 0 ? max : Math.max(max, x.data()[at + c]);
        }
      }
      y[to + c] = max;
    }
  }

  /** Mean over the windows of output row {@code oy}; vectors as in {@link #averageRows}. */
  static void averageRow(Tensor x, Window window, boolean countPadding, Tensor y, int oy) {
    int channels = x.channels();
    for (int ox = 0; ox < window.outWidth(); ox++) {
      int to = outAt(y, window, oy, ox);
      float divisor = countPadding ? window.taps() : Math.max(1, inside(x, window, oy, ox));
      if (channels < LANES) {
        averageOfFew(x, window, divisor, oy, ox, y.data(), to);
      }
      for (int from = 0; from < channels && channels >= LANES; from += LANES) {
        int c = Math.min(from, channels - LANES);
        FloatVector sum = FloatVector.zero(FLOATS);
        for (int ky = 0; ky < window.kernelHeight(); ky++) {
          for (int kx = 0; kx < window.kernelWidth(); kx++) {
            int at = tap(x, window, oy, ox, ky, kx);
            if (at >= 0) {
              sum = sum.add(Vectors.load(x.data(), at + c));
            }
          }
        }
        sum.div(divisor).intoArray(y.data(), to + c);
      }
    }
  }

  /** The means of fewer channels than a vector has lanes. */
  private static void averageOfFew(
      Tensor x, Window window, float divisor, int oy, int ox, float[] y, int to) {
    for (int c = 0; c < x.channels(); c++) {
      float sum = 0;
      for (int ky = 0; ky < window.kernelHeight(); ky++) {
        for (int kx = 0; kx < window.kernelWidth(); kx++) {
          int at = tap(x, window, oy, ox, ky, kx);
          sum += at < 0 ? 0 : x.data()[at + c];
        }
      }
      y[to + c] = sum / divisor;
    }
  }

  /** Pixels of a window that are on the map. */
  private static int inside(Tensor x, Window window, int oy, int ox) {
    int count = 0;
    for (int ky = 0; ky < window.kernelHeight(); ky++) {
      for (int kx = 0; kx < window.kernelWidth(); kx++) {
        count += tap(x, window, oy, ox, ky, kx) >= 0 ? 1 : 0;
      }
    }
    return count;
  }

  /** Where the input pixel of a tap begins; -1 if it is outside of the map. */
  private static int tap(Tensor x, Window window, int oy, int ox, int ky, int kx) {
    int iy = oy * window.strideY() - window.padTop() + ky * window.dilationY();
    int ix = ox * window.strideX() - window.padLeft() + kx * window.dilationX();
    boolean inside = iy >= 0 && iy < window.inHeight() && ix >= 0 && ix < window.inWidth();
    return inside ? x.offset() + (iy * window.inWidth() + ix) * x.channels() : -1;
  }

  private static int outAt(Tensor y, Window window, int oy, int ox) {
    return y.offset() + (oy * window.outWidth() + ox) * y.channels();
  }
}
