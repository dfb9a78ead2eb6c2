package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Softmax of a row. */
final class Softmax {
  private Softmax() {}

  /**
   * The largest element but for NaNs, which are left to show in the sum of the exponentials.
   *
   * <p>{@code v.max(m)} would cost three times as much, for the sake of NaN and -0.
   */
  static float maximum(float[] x, int at, int count) {
    FloatVector m0 = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    FloatVector m1 = m0;
    int i = 0;
    for (; i <= count - 2 * LANES; i += 2 * LANES) {
      m0 = Vectors.larger(m0, Vectors.load(x, at + i));
      m1 = Vectors.larger(m1, Vectors.load(x, at + i + LANES));
    }
    if (i <= count - LANES) {
      m0 = Vectors.larger(m0, Vectors.load(x, at + i));
      i += LANES;
    }
    float max = Vectors.largest(Vectors.larger(m0, m1));
    for (; i < count; i++) {
      max = x[at + i] > max ? x[at + i] : max;
    }
    return max;
  }

  /** x = 2^(x - max), for whole vectors; returns the sum. */
  static float powersOfTwo(float[] x, int at, int count, float max) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = 0; i < count; i += LANES) {
      FloatVector e = VectorMath.exp2OfNegative(Vectors.load(x, at + i).sub(max));
      e.intoArray(x, at + i);
      sum = sum.add(e);
    }
    return Vectors.sum(sum);
  }

  /** x = exp(x - max); returns the sum. */
  static float exponentials(float[] x, int at, int count, float max) {
    FloatVector sum = FloatVector.zero(FLOATS);
    int whole = Vectors.whole(count);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector e = VectorMath.exp(Vectors.load(x, at + i).sub(max));
      e.intoArray(x, at + i);
      sum = sum.add(e);
    }
    if (whole < count) {
      VectorMask<Float> mask = FLOATS.indexInRange(whole, count);
      FloatVector e = VectorMath.exp(FloatVector.fromArray(FLOATS, x, at + whole, mask).sub(max));
      e.intoArray(x, at + whole, mask);
      sum = sum.add(e, mask);
    }
    return Vectors.sum(sum);
  }

  /** Softmax of {@code count} floats, in place. */
  static void apply(float[] x, int at, int count) {
    float max = maximum(x, at, count);
    float sum = exponentials(x, at, count, max);
    Elementwise.scale(x, at, 1 / sum, x, at, count);
  }
}
