package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Softmax of a row. */
final class Softmax {
  private Softmax() {}

  /** The largest element; NaN if there is one. */
  static float maximum(float[] x, int at, int count) {
    float max = Float.NEGATIVE_INFINITY;
    int whole = Vectors.whole(count);
    if (whole > 0) {
      FloatVector m = Vectors.load(x, at);
      for (int i = LANES; i < whole; i += LANES) {
        FloatVector v = Vectors.load(x, at + i);
        // Not v.max(m), which costs three times as much: a NaN in m stays, one in v enters.
        m = m.blend(v, m.compare(VectorOperators.GE, v).not().andNot(isNaN(m)));
      }
      max = m.reduceLanes(VectorOperators.MAX);
    }
    for (int i = whole; i < count; i++) {
      max = Math.max(max, x[at + i]);
    }
    return max;
  }

  private static VectorMask<Float> isNaN(FloatVector v) {
    return v.test(VectorOperators.IS_NAN);
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
    return sum.reduceLanes(VectorOperators.ADD);
  }

  /** Softmax of {@code count} floats, in place. */
  static void apply(float[] x, int at, int count) {
    float max = maximum(x, at, count);
    float sum = exponentials(x, at, count, max);
    Elementwise.scale(x, at, 1 / sum, x, at, count);
  }
}
