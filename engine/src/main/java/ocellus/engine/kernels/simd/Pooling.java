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
        mean(x.data(), x.offset() + c, x.rows(), channels).intoArray(means, y.offset() + c);
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
      FloatVector mean = mean(x.data(), at, pixels, TILE_COLUMNS);
      int valid = Math.min(LANES, y.channels() - c);
      if (valid == LANES) {
        mean.intoArray(y.data(), y.offset() + c);
      } else {
        mean.intoArray(y.data(), y.offset() + c, FLOATS.indexInRange(0, valid));
      }
    }
  }

  private static FloatVector mean(float[] x, int at, int rows, int stride) {
    FloatVector total = FloatVector.zero(FLOATS);
    for (int first = 0; first < rows; first += PARTIAL) {
      total = total.add(sum(x, at + first * stride, Math.min(PARTIAL, rows - first), stride));
    }
    return total.div((float) rows);
  }

  private static FloatVector sum(float[] x, int at, int rows, int stride) {
    FloatVector even = FloatVector.zero(FLOATS);
    FloatVector odd = even;
    int r = 0;
    for (; r + 1 < rows; r += 2) {
      even = even.add(Vectors.load(x, at + r * stride));
      odd = odd.add(Vectors.load(x, at + (r + 1) * stride));
    }
    return r < rows ? even.add(odd).add(Vectors.load(x, at + r * stride)) : even.add(odd);
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
