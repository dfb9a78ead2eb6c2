package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Elementary functions of a vector as polynomials. No call leaves compiled code, so that they can
 * stand in a loop whose other values live in registers.
 */
final class VectorMath {
  /** Adding it rounds a small float to an integer, which is then in its low mantissa bits. */
  static final float ROUNDER = 0x1.8p23f;

  static final float LOG2_E = (float) 1.4426950408889634;

  // ln 2 in two parts; the first has few bits, so that its product with a small integer is exact.
  static final float LN2_HIGH = 0x1.63p-1f;
  static final float LN2_LOW = -0x1.bd0106p-13f;

  /** Beyond these exp leaves the normal floats. */
  static final float EXP_LOWEST = -87.3f;

  private static final float EXP_HIGHEST = 88.3f;

  private VectorMath() {}

  /**
   * exp(x), relative error below 2e-7. Under {@code EXP_LOWEST} it is 0, over {@code EXP_HIGHEST}
   * infinity, of NaN it is NaN.
   */
  static FloatVector exp(FloatVector x) {
    FloatVector rounded = x.fma(broadcast(LOG2_E), broadcast(ROUNDER));
    FloatVector n = rounded.sub(ROUNDER);
    FloatVector r = n.fma(broadcast(-LN2_HIGH), x);
    r = n.fma(broadcast(-LN2_LOW), r);
    // Minimax of exp on [-ln 2 / 2, ln 2 / 2], relative error 7e-8.
    FloatVector p = broadcast(0.0013829411f);
    p = p.fma(r, broadcast(0.008374778f));
    p = p.fma(r, broadcast(0.04166836f));
    p = p.fma(r, broadcast(0.16666421f));
    p = p.fma(r, broadcast(0.4999999f));
    p = p.fma(r, broadcast(1f));
    p = p.fma(r, broadcast(1f));
    // p 2^n, by adding n to the exponent.
    FloatVector y =
        Vectors.bits(rounded)
            .lanewise(VectorOperators.LSHL, 23)
            .add(Vectors.bits(p))
            .reinterpretAsFloats();
    y = y.blend(0f, x.lt(EXP_LOWEST));
    y = y.blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, EXP_HIGHEST));
    return y.blend(x, x.test(VectorOperators.IS_NAN));
  }

  /** Up to this |x| tanh is a polynomial; beyond, 1 - 2 / (1 + exp(2x)) does not cancel. */
  private static final float TANH_POLYNOMIAL = 0.625f;

  /**
   * tanh(x), relative error below 3e-7.
   *
   * <p>Not by the operator of the same name, whose last bits change when the caller is compiled.
   */
  static FloatVector tanh(FloatVector x) {
    // (tanh(x) / x - 1) / x^2 by its truncated Chebyshev series in x^2.
    FloatVector z = x.mul(x);
    FloatVector p = broadcast(-0.006104948f);
    p = p.fma(z, broadcast(0.021003641f));
    p = p.fma(z, broadcast(-0.0538525f));
    p = p.fma(z, broadcast(0.13332783f));
    p = p.fma(z, broadcast(-0.33333328f));
    FloatVector small = p.mul(z).fma(x, x);
    FloatVector large = broadcast(1f).sub(broadcast(2f).div(exp(x.add(x)).add(1f)));
    return large.blend(small, x.abs().lt(TANH_POLYNOMIAL));
  }

  static FloatVector broadcast(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }
}
