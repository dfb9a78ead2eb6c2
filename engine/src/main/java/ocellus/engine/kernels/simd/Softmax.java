package ocellus.engine.kernels.simd;

import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.IS_NAN;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Softmax of a row. {@code spare} has room for a vector from {@code spareAt}. */
final class Softmax {
  /**
   * Adding it rounds a small float to an integer, and leaves in the low bits its biased exponent.
   */
  private static final float EXPONENT_ROUNDER = VectorMath.ROUNDER + 127;

  /** Below it 2^x is no normal float. */
  private static final float EXP2_LOWEST = -126f;

  /** Where neighbouring vectors begin. */
  private static final int[] STARTS = new int[LANES];

  static {
    for (int lane = 0; lane < LANES; lane++) {
      STARTS[lane] = lane * LANES;
    }
  }

  private Softmax() {}

  /**
   * The largest element but for NaNs, which are left to show in the sum of the exponentials.
   *
   * <p>{@code v.max(m)} would cost three times as much, for the sake of NaN and -0.
   */
  static float maximum(float[] x, int at, int count, float[] spare, int spareAt) {
    FloatVector m0 = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    FloatVector m1 = m0;
    int i = 0;
    for (; i <= count - 2 * LANES; i += 2 * LANES) {
      FloatVector v0 = FloatVector.fromArray(FLOATS, x, at + i);
      FloatVector v1 = FloatVector.fromArray(FLOATS, x, at + i + LANES);
      m0 = m0.blend(v0, v0.compare(GT, m0));
      m1 = m1.blend(v1, v1.compare(GT, m1));
    }
    if (i <= count - LANES) {
      FloatVector v0 = FloatVector.fromArray(FLOATS, x, at + i);
      m0 = m0.blend(v0, v0.compare(GT, m0));
      i += LANES;
    }
    m0.blend(m1, m1.compare(GT, m0)).intoArray(spare, spareAt);
    float max = Vectors.largest(spare, spareAt);
    for (; i < count; i++) {
      max = x[at + i] > max ? x[at + i] : max;
    }
    return max;
  }

  /** Raises the lanes of a vector that stands at {@code lanesAt} to those of whole vectors of x. */
  static void raise(float[] x, int at, int count, float[] lanes, int lanesAt) {
    FloatVector m0 = FloatVector.fromArray(FLOATS, lanes, lanesAt);
    FloatVector m1 = m0;
    int i = 0;
    for (; i <= count - 2 * LANES; i += 2 * LANES) {
      FloatVector v0 = FloatVector.fromArray(FLOATS, x, at + i);
      FloatVector v1 = FloatVector.fromArray(FLOATS, x, at + i + LANES);
      m0 = m0.blend(v0, v0.compare(GT, m0));
      m1 = m1.blend(v1, v1.compare(GT, m1));
    }
    if (i < count) {
      FloatVector v0 = FloatVector.fromArray(FLOATS, x, at + i);
      m0 = m0.blend(v0, v0.compare(GT, m0));
    }
    m0.blend(m1, m1.compare(GT, m0)).intoArray(lanes, lanesAt);
  }

  /**
   * x = 2^(x - max), for whole vectors; adds them to the lanes of the vector at {@code lanesAt}.
   * Relative error below 2e-7; below {@code EXP2_LOWEST} it is 0, of NaN it is NaN.
   */
  static void powersOfTwo(float[] x, int at, int count, float max, float[] lanes, int lanesAt) {
    FloatVector sum = FloatVector.fromArray(FLOATS, lanes, lanesAt);
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, at + i).sub(max);
      FloatVector rounded = v.add(EXPONENT_ROUNDER);
      FloatVector f = v.sub(rounded.sub(EXPONENT_ROUNDER));
      // Minimax of 2^f on [-1/2, 1/2] with value 1 at 0, relative error 9e-8.
      FloatVector p = FloatVector.broadcast(FLOATS, 0.0013264727f);
      p = p.lanewise(FMA, f, 0.009671513f);
      p = p.lanewise(FMA, f, 0.055507336f);
      p = p.lanewise(FMA, f, 0.24022242f);
      p = p.lanewise(FMA, f, 0.693147f);
      p = p.lanewise(FMA, f, 1f);
      // A product, not a sum of exponents, so that NaN stays NaN.
      FloatVector power = rounded.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
      FloatVector e = p.mul(power).blend(0f, v.lt(EXP2_LOWEST));
      e.intoArray(x, at + i);
      sum = sum.add(e);
    }
    sum.intoArray(lanes, lanesAt);
  }

  /**
   * The largest lane of each of some vectors, all at once: to add up or compare the lanes of one
   * vector takes as long as all other work on a short row.
   *
   * @param lanes vectors from {@code at} on, in rows of whole vectors
   * @param largest room for whole vectors from {@code to} on
   */
  static void largestLanes(float[] lanes, int at, int vectors, float[] largest, int to) {
    if (!Vectors.GATHERS) {
      for (int i = 0; i < vectors; i++) {
        largest[to + i] = Vectors.largest(lanes, at + i * LANES);
      }
      return;
    }
    for (int first = 0; first < vectors; first += LANES) {
      int from = at + first * LANES;
      FloatVector max = FloatVector.fromArray(FLOATS, lanes, from, STARTS, 0);
      for (int i = 1; i < LANES; i++) {
        FloatVector v = FloatVector.fromArray(FLOATS, lanes, from + i, STARTS, 0);
        max = max.blend(v, v.compare(GT, max));
      }
      max.intoArray(largest, to + first);
    }
  }

  /** The sums of the lanes, as {@link #largestLanes}. */
  static void sumsOfLanes(float[] lanes, int at, int vectors, float[] sums, int to) {
    if (!Vectors.GATHERS) {
      for (int i = 0; i < vectors; i++) {
        sums[to + i] = Vectors.sum(lanes, at + i * LANES);
      }
      return;
    }
    for (int first = 0; first < vectors; first += LANES) {
      int from = at + first * LANES;
      FloatVector sum = FloatVector.fromArray(FLOATS, lanes, from, STARTS, 0);
      for (int i = 1; i < LANES; i++) {
        sum = sum.add(FloatVector.fromArray(FLOATS, lanes, from + i, STARTS, 0));
      }
      sum.intoArray(sums, to + first);
    }
  }

  /**
   * x = exp(x - max); returns the sum. As {@link VectorMath#exp}, whose vectors would become
   * objects in a loop that is seldom run.
   */
  static float exponentials(float[] x, int at, int count, float max, float[] spare, int spareAt) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = 0; i < count; i += LANES) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, count);
      FloatVector v = FloatVector.fromArray(FLOATS, x, at + i, mask).sub(max);
      FloatVector rounded =
          v.lanewise(
              FMA,
              FloatVector.broadcast(FLOATS, VectorMath.LOG2_E),
              FloatVector.broadcast(FLOATS, VectorMath.ROUNDER));
      FloatVector n = rounded.sub(VectorMath.ROUNDER);
      FloatVector r = n.lanewise(FMA, FloatVector.broadcast(FLOATS, -VectorMath.LN2_HIGH), v);
      r = n.lanewise(FMA, FloatVector.broadcast(FLOATS, -VectorMath.LN2_LOW), r);
      FloatVector p = FloatVector.broadcast(FLOATS, 0.0013829411f);
      p = p.lanewise(FMA, r, 0.008374778f);
      p = p.lanewise(FMA, r, 0.04166836f);
      p = p.lanewise(FMA, r, 0.16666421f);
      p = p.lanewise(FMA, r, 0.4999999f);
      p = p.lanewise(FMA, r, 1f);
      p = p.lanewise(FMA, r, 1f);
      FloatVector e =
          rounded
              .reinterpretAsInts()
              .lanewise(LSHL, 23)
              .add(p.reinterpretAsInts())
              .reinterpretAsFloats();
      e = e.blend(0f, v.lt(VectorMath.EXP_LOWEST)).blend(v, v.test(IS_NAN));
      e.intoArray(x, at + i, mask);
      sum = sum.add(e, mask);
    }
    sum.intoArray(spare, spareAt);
    return Vectors.sum(spare, spareAt);
  }

  /** Softmax of {@code count} floats, in place. */
  static void apply(float[] x, int at, int count, float[] spare) {
    float max = maximum(x, at, count, spare, 0);
    float sum = exponentials(x, at, count, max, spare, 0);
    Elementwise.scale(x, at, 1 / sum, x, at, count);
  }
}
