package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.VectorMath.broadcast;
import static ocellus.engine.kernels.simd.Vectors.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import ocellus.engine.kernels.Activation;

/** {@link Activation}s over rows of floats, in place. */
final class Activations {
  private Activations() {}

  /**
   * Applies to {@code rows} rows of {@code columns} floats, {@code stride} floats from one row to
   * the next.
   */
  static void apply(
      Activation activation, float[] x, int offset, int rows, int columns, int stride) {
    if (activation == Activation.IDENTITY) {
      return;
    }
    int whole = Vectors.whole(columns);
    for (int r = 0; r < rows; r++) {
      int row = offset + r * stride;
      switch (activation) {
        case RELU -> relu(x, row, whole);
        case RELU6 -> relu6(x, row, whole);
        case GELU -> gelu(x, row, whole);
        case GELU_TANH -> geluTanh(x, row, whole);
        case QUICK_GELU -> timesSigmoid(x, row, whole, 1.702f);
        case SILU -> timesSigmoid(x, row, whole, 1f);
        case HARD_SWISH -> hardSwish(x, row, whole);
        case HARD_SIGMOID -> hardSigmoid(x, row, whole);
        case SIGMOID -> sigmoid(x, row, whole);
        case TANH -> tanh(x, row, whole);
        case IDENTITY -> {}
      }
      if (whole < columns) {
        applyTail(activation, x, row + whole, columns - whole);
      }
    }
  }

  /**
   * Applies to {@code rows} rows of {@link Vectors#TILE_COLUMNS} floats, of which the vectors with
   * the first {@code valid} columns matter.
   */
  static void applyPanel(Activation activation, float[] x, int offset, int rows, int valid) {
    if (valid > Vectors.TILE_COLUMNS - LANES) {
      apply(activation, x, offset, 1, rows * Vectors.TILE_COLUMNS, 0);
    } else {
      apply(activation, x, offset, rows, Vectors.padded(valid), Vectors.TILE_COLUMNS);
    }
  }

  /** The last columns, fewer than a vector. */
  private static void applyTail(Activation activation, float[] x, int offset, int count) {
    VectorMask<Float> mask = Vectors.FLOATS.indexInRange(0, count);
    FloatVector v = FloatVector.fromArray(Vectors.FLOATS, x, offset, mask);
    apply(activation, v).intoArray(x, offset, mask);
  }

  /** One vector. */
  static FloatVector apply(Activation activation, FloatVector v) {
    return switch (activation) {
      case IDENTITY -> v;
      case RELU -> relu(v);
      case RELU6 -> relu6(v);
      case GELU -> VectorMath.gelu(v);
      case GELU_TANH -> geluTanh(v);
      case QUICK_GELU -> timesSigmoid(v, 1.702f);
      case SILU -> timesSigmoid(v, 1f);
      case HARD_SWISH -> hardSwish(v);
      case HARD_SIGMOID -> hardSigmoid(v);
      case SIGMOID -> VectorMath.sigmoid(v);
      case TANH -> VectorMath.tanh(v);
    };
  }

  private static void relu(float[] x, int offset, int count) {
    for (int i = offset; i < offset + count; i += LANES) {
      relu(Vectors.load(x, i)).intoArray(x, i);
    }
  }

  private static void relu6(float[] x, int offset, int count) {
    for (int i = offset; i < offset + count; i += LANES) {
      relu6(Vectors.load(x, i)).intoArray(x, i);
    }
  }

  private static void gelu(float[] x, int offset, int count) {
    for (int i = offset; i < offset + count; i += LANES) {
      VectorMath.gelu(Vectors.load(x, i)).intoArray(x, i);
    }
  }

  private static void geluTanh(float[] x, int offset, int count) {
    for (int i = offset; i < offset + count; i += LANES) {
      geluTanh(Vectors.load(x, i)).intoArray(x, i);
    }
  }

  private static void timesSigmoid(float[] x, int offset, int count, float slope) {
    for (int i = offset; i < offset + count; i += LANES) {
      timesSigmoid(Vectors.load(x, i), slope).intoArray(x, i);
    }
  }

  private static void hardSwish(float[] x, int offset, int count) {
    for (int i = offset; i < offset + count; i += LANES) {
      hardSwish(Vectors.load(x, i)).intoArray(x, i);
    }
  }

  private static void hardSigmoid(float[] x, int offset, int count) {
    for (int i = offset; i < offset + count; i += LANES) {
      hardSigmoid(Vectors.load(x, i)).intoArray(x, i);
    }
  }

  private static void sigmoid(float[] x, int offset, int count) {
    for (int i = offset; i < offset + count; i += LANES) {
      VectorMath.sigmoid(Vectors.load(x, i)).intoArray(x, i);
    }
  }

  private static void tanh(float[] x, int offset, int count) {
    for (int i = offset; i < offset + count; i += LANES) {
      VectorMath.tanh(Vectors.load(x, i)).intoArray(x, i);
    }
  }

  // Comparisons with NaN are false, so that a blend leaves NaN alone.

  private static FloatVector relu(FloatVector x) {
    return x.blend(0f, x.lt(0f));
  }

  private static FloatVector relu6(FloatVector x) {
    return relu(x).blend(6f, x.compare(VectorOperators.GT, 6f));
  }

  private static FloatVector hardSigmoid(FloatVector x) {
    return relu6(x.add(3f)).mul(1 / 6f);
  }

  private static FloatVector hardSwish(FloatVector x) {
    return x.mul(hardSigmoid(x)).blend(0f, x.lt(-3f));
  }

  private static FloatVector timesSigmoid(FloatVector x, float slope) {
    // x / (1 + exp(-slope x)); far below zero the limit, not -infinity / infinity
    FloatVector y = x.div(VectorMath.exp(x.mul(-slope)).add(1f));
    return y.blend(0f, x.lt(-Float.MAX_VALUE));
  }

  private static FloatVector geluTanh(FloatVector x) {
    // 0.5 (1 + tanh(u)) = sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3)
    FloatVector cube = x.mul(x).mul(x);
    FloatVector u2 = cube.fma(broadcast(0.044715f), x).mul((float) 1.5957691216057308);
    FloatVector y = x.div(VectorMath.exp(u2.neg()).add(1f));
    return y.blend(0f, x.lt(-Float.MAX_VALUE));
  }
}
