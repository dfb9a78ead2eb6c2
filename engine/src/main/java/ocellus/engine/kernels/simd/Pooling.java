package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
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

  /** Maximum over the windows of output row {@code oy}; NaN wins. */
  static void maxRow(Tensor x, Window window, Tensor y, int oy) {
    for (int ox = 0; ox < window.outWidth(); ox++) {
      for (int c = 0; c < x.channels(); c += LANES) {
        VectorMask<Float> mask = FLOATS.indexInRange(c, x.channels());
        FloatVector max = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        for (int ky = 0; ky < window.kernelHeight(); ky++) {
          for (int kx = 0; kx < window.kernelWidth(); kx++) {
            int at = tap(x, window, oy, ox, ky, kx);
            if (at >= 0) {
              max =
                  max.lanewise(
                      VectorOperators.MAX, FloatVector.fromArray(FLOATS, x.data(), at + c, mask));
            }
          }
        }
        max.intoArray(y.data(), outAt(y, window, oy, ox) + c, mask);
      }
    }
  }

  /** Mean over the windows of output row {@code oy}. */
  static void averageRow(Tensor x, Window window, boolean countPadding, Tensor y, int oy) {
    for (int ox = 0; ox < window.outWidth(); ox++) {
      for (int c = 0; c < x.channels(); c += LANES) {
        VectorMask<Float> mask = FLOATS.indexInRange(c, x.channels());
        FloatVector sum = FloatVector.zero(FLOATS);
        int inside = 0;
        for (int ky = 0; ky < window.kernelHeight(); ky++) {
          for (int kx = 0; kx < window.kernelWidth(); kx++) {
            int at = tap(x, window, oy, ox, ky, kx);
            if (at >= 0) {
              sum = sum.add(FloatVector.fromArray(FLOATS, x.data(), at + c, mask));
              inside++;
            }
          }
        }
        float divisor = countPadding ? window.taps() : Math.max(inside, 1);
        sum.div(divisor).intoArray(y.data(), outAt(y, window, oy, ox) + c, mask);
      }
    }
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
