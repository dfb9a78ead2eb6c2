package ocellus.engine.kernels.simd;

import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import ocellus.engine.kernels.Activation;

/**
 * {@link Activation}s over rows of floats, in place.
 *
 * <p>The loops have their formulas in themselves. A vector that is passed to a method that the
 * compiler does not inline becomes an object, for every vector again, and it does not inline what
 * it takes for cold: the gates of a network among its other layers, or calls that were compiled the
 * first time before the class that they go to was loaded.
 */
final class Activations {
  /** Beyond this |x|, x (1 + erf(x / sqrt 2)) / 2 is x or 0 to the last bit but one. */
  private static final float GELU_TAIL = 5.65685f;

  private static final double LOG2_E = 1.4426950408889634;

  /** Of this |x|, exp(x) and exp(-x) are normal floats. */
  private static final float EXPONENT = 87.3f;

  /**
   * Adding it rounds a small float to an integer, and leaves in the low bits its biased exponent.
   */
  private static final float EXPONENT_ROUNDER = VectorMath.ROUNDER + 127;

  private Activations() {}

  /** Applies to {@code count} floats; {@code spare} has room for a vector. */
  static void apply(Activation activation, float[] x, int offset, int count, float[] spare) {
    int whole = Vectors.whole(count);
    apply(activation, x, offset, 1, whole, 0);
    if (whole < count) {
      Arrays.fill(spare, 0, LANES, 0f);
      System.arraycopy(x, offset + whole, spare, 0, count - whole);
      apply(activation, spare, 0, 1, LANES, 0);
      System.arraycopy(spare, 0, x, offset + whole, count - whole);
    }
  }

  /**
   * Applies to {@code rows} rows of {@code columns} floats, whole vectors, {@code stride} floats
   * from one row to the next.
   */
  static void apply(
      Activation activation, float[] x, int offset, int rows, int columns, int stride) {
    if (activation == Activation.IDENTITY) {
      return;
    }
    for (int r = 0; r < rows; r++) {
      int row = offset + r * stride;
      switch (activation) {
        case RELU -> relu(x, row, columns);
        case RELU6 -> relu6(x, row, columns);
        case GELU -> gelu(x, row, columns);
        case GELU_TANH -> geluTanh(x, row, columns);
        case QUICK_GELU -> timesSigmoid(x, row, columns, 1.702f);
        case SILU -> timesSigmoid(x, row, columns, 1f);
        case HARD_SWISH -> hardSwish(x, row, columns);
        case HARD_SIGMOID -> hardSigmoid(x, row, columns);
        case SIGMOID -> sigmoid(x, row, columns);
        case TANH -> tanh(x, row, columns);
        case IDENTITY -> {}
      }
    }
  }

  /**
   * Applies to the first {@code valid} columns of a panel, and to those behind them up to a whole
   * vector.
   *
   * @param stride floats from one row of the panel to the next
   */
  static void applyPanel(
      Activation activation, float[] x, int offset, int rows, int valid, int stride) {
    int columns = Vectors.padded(valid);
    if (columns == stride) {
      apply(activation, x, offset, 1, rows * stride, 0);
    } else {
      apply(activation, x, offset, rows, columns, stride);
    }
  }

  // Comparisons with NaN are false, so that a blend leaves NaN alone.

  private static void relu(float[] x, int offset, int count) {
    for (int i = offset; i < offset + count; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, i);
      v.blend(0f, v.lt(0f)).intoArray(x, i);
    }
  }

  private static void relu6(float[] x, int offset, int count) {
    for (int i = offset; i < offset + count; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, i);
      v.blend(0f, v.lt(0f)).blend(6f, v.compare(GT, 6f)).intoArray(x, i);
    }
  }

  /** relu6(x + 3) / 6. */
  private static void hardSigmoid(float[] x, int offset, int count) {
    for (int i = offset; i < offset + count; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, i).add(3f);
      v.blend(0f, v.lt(0f)).blend(6f, v.compare(GT, 6f)).mul(1 / 6f).intoArray(x, i);
    }
  }

  /** x relu6(x + 3) / 6, and 0 at -infinity. */
  private static void hardSwish(float[] x, int offset, int count) {
    for (int i = offset; i < offset + count; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, i);
      FloatVector s = v.add(3f);
      FloatVector gate = s.blend(0f, s.lt(0f)).blend(6f, s.compare(GT, 6f)).mul(1 / 6f);
      v.mul(gate).blend(0f, v.lt(-3f)).intoArray(x, i);
    }
  }

  /**
   * x (1 + erf(x / sqrt 2)) / 2. Absolute error below 6e-7.
   *
   * <p>erf(x / sqrt 2) / 2 = x Q(x^2 / 16 - 1), where Q is a polynomial fitted on [-1, 1] to the
   * truncated Chebyshev series: no exp and no division.
   */
  private static void gelu(float[] x, int offset, int count) {
    for (int i = offset; i < offset + count; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, i);
      FloatVector u = v.mul(v).mul(0.0625f).sub(1f);
      FloatVector q = FloatVector.broadcast(FLOATS, -0.00039087216f);
      q = q.lanewise(FMA, u, 0.0010194139f);
      q = q.lanewise(FMA, u, -0.0007165079f);
      q = q.lanewise(FMA, u, 0.0007403215f);
      q = q.lanewise(FMA, u, -0.003091268f);
      q = q.lanewise(FMA, u, 0.0058975485f);
      q = q.lanewise(FMA, u, -0.007998452f);
      q = q.lanewise(FMA, u, 0.011314387f);
      q = q.lanewise(FMA, u, -0.016139338f);
      q = q.lanewise(FMA, u, 0.021263793f);
      q = q.lanewise(FMA, u, -0.02643104f);
      q = q.lanewise(FMA, u, 0.031883094f);
      q = q.lanewise(FMA, u, -0.038080312f);
      q = q.lanewise(FMA, u, 0.04655465f);
      q = q.lanewise(FMA, u, -0.062429156f);
      q = q.lanewise(FMA, u, 0.12499208f);
      FloatVector y = v.mul(q).lanewise(FMA, v, v.mul(0.5f));
      y = y.blend(v, v.compare(GT, GELU_TAIL));
      y.blend(0f, v.lt(-GELU_TAIL)).intoArray(x, i);
    }
  }

  /** 0.5 x (1 + tanh(u)) = x sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3). */
  private static void geluTanh(float[] x, int offset, int count) {
    for (int i = offset; i < offset + count; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, i);
      FloatVector cube = v.mul(v).mul(v);
      FloatVector inner = cube.fma(FloatVector.broadcast(FLOATS, 0.044715f), v);
      FloatVector u2 = inner.mul((float) 1.5957691216057308);
      FloatVector y = v.div(VectorMath.exp(u2.neg()).add(1f));
      y.blend(0f, v.lt(-Float.MAX_VALUE)).intoArray(x, i);
    }
  }

  /** x / (1 + 2^t), t = -slope log2(e) x; far below zero the limit, not -infinity / infinity. */
  private static void timesSigmoid(float[] x, int offset, int count, float slope) {
    double factor = -slope * LOG2_E;
    float high = (float) factor;
    float low = (float) (factor - high);
    float highest = EXPONENT / slope; // beyond, x
    float lowest = -EXPONENT / slope; // below, 0
    FloatVector rounder = FloatVector.broadcast(FLOATS, EXPONENT_ROUNDER);
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    for (int i = offset; i < offset + count; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, i);
      FloatVector w = v.blend(highest, v.compare(GT, highest));
      // t = n + f, of which n is in the exponent of the power
      FloatVector rounded = w.lanewise(FMA, FloatVector.broadcast(FLOATS, high), rounder);
      FloatVector power = rounded.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
      FloatVector f = w.lanewise(FMA, FloatVector.broadcast(FLOATS, high), rounder.sub(rounded));
      f = w.lanewise(FMA, FloatVector.broadcast(FLOATS, low), f);
      // Minimax of 2^f on [-1/2, 1/2] with value 1 at 0, relative error 9e-8.
      FloatVector p = FloatVector.broadcast(FLOATS, 0.0013264727f);
      p = p.lanewise(FMA, f, 0.009671513f);
      p = p.lanewise(FMA, f, 0.055507336f);
      p = p.lanewise(FMA, f, 0.24022242f);
      p = p.lanewise(FMA, f, 0.693147f);
      p = p.lanewise(FMA, f, 1f);
      v.div(p.lanewise(FMA, power, one)).blend(0f, v.lt(lowest)).intoArray(x, i);
    }
  }

  private static void sigmoid(float[] x, int offset, int count) {
    for (int i = offset; i < offset + count; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, i);
      FloatVector.broadcast(FLOATS, 1f).div(VectorMath.exp(v.neg()).add(1f)).intoArray(x, i);
    }
  }

  private static void tanh(float[] x, int offset, int count) {
    for (int i = offset; i < offset + count; i += LANES) {
      VectorMath.tanh(FloatVector.fromArray(FLOATS, x, i)).intoArray(x, i);
    }
  }
}
