package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;

import jdk.incubator.vector.FloatVector;

/** Sums and products of rows of floats. */
final class Elementwise {
  private Elementwise() {}

  /** c = a + b. c may be a or b. */
  static void sum(float[] a, int ao, float[] b, int bo, float[] c, int co, int count) {
    int whole = Vectors.whole(count);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, a, ao + i);
      v.add(FloatVector.fromArray(FLOATS, b, bo + i)).intoArray(c, co + i);
    }
    for (int i = whole; i < count; i++) {
      c[co + i] = a[ao + i] + b[bo + i];
    }
  }

  /** c = a b. c may be a or b. */
  static void product(float[] a, int ao, float[] b, int bo, float[] c, int co, int count) {
    int whole = Vectors.whole(count);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, a, ao + i);
      v.mul(FloatVector.fromArray(FLOATS, b, bo + i)).intoArray(c, co + i);
    }
    for (int i = whole; i < count; i++) {
      c[co + i] = a[ao + i] * b[bo + i];
    }
  }

  /** c = a factor. c may be a. */
  static void scale(float[] a, int ao, float factor, float[] c, int co, int count) {
    FloatVector factors = FloatVector.broadcast(FLOATS, factor);
    int whole = Vectors.whole(count);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(FLOATS, a, ao + i).mul(factors).intoArray(c, co + i);
    }
    for (int i = whole; i < count; i++) {
      c[co + i] = a[ao + i] * factor;
    }
  }
}
