package ocellus.engine.layers;

import ocellus.engine.Weight;
import ocellus.engine.WeightScope;
import ocellus.engine.kernels.WeightFormat;

/**
 * What follows a linear map channel by channel, {@code y = scale x + shift}: a bias, a batch norm,
 * a layer scale. It is folded into the weights when they are packed. Immutable.
 */
public final class Affine {
  private final double[] scale; // null for ones
  private final double[] shift; // null for zeros

  private Affine(double[] scale, double[] shift) {
    this.scale = scale;
    this.shift = shift;
  }

  /** y = x. */
  public static Affine none() {
    return new Affine(null, null);
  }

  /** y = x + bias, from {@code bias} of the scope. */
  public static Affine bias(WeightScope w, int channels) {
    return new Affine(null, widen(w.tensor("bias", channels).toArray()));
  }

  /** y = x + shift. */
  public static Affine shift(float[] shift) {
    return new Affine(null, widen(shift));
  }

  /**
   * Batch normalisation at inference (Ioffe and Szegedy 2015, algorithm 2), from {@code weight},
   * {@code bias}, {@code running_mean} and {@code running_var} of the scope.
   */
  public static Affine batchNorm(WeightScope w, int channels, double epsilon) {
    float[] gamma = w.tensor("weight", channels).toArray();
    float[] beta = w.tensor("bias", channels).toArray();
    float[] mean = w.tensor("running_mean", channels).toArray();
    float[] variance = w.tensor("running_var", channels).toArray();
    double[] scale = new double[channels];
    double[] shift = new double[channels];
    for (int c = 0; c < channels; c++) {
      scale[c] = gamma[c] / Math.sqrt(variance[c] + epsilon);
      shift[c] = beta[c] - mean[c] * scale[c];
    }
    return new Affine(scale, shift);
  }

  /**
   * This, then multiplied by {@code gamma} channel by channel: layer scale, Touvron et al. 2021.
   */
  public Affine then(float[] gamma) {
    return then(new Affine(widen(gamma), null));
  }

  /** This, then {@code next}: a bias before a batch norm. */
  public Affine then(Affine next) {
    if (next.scale == null) {
      return new Affine(scale, sum(shift, next.shift));
    }
    return new Affine(
        product(scale, next.scale),
        sum(shift == null ? null : product(shift, next.scale), next.shift));
  }

  /** Element by element; null stands for ones. */
  private static double[] product(double[] a, double[] b) {
    if (a == null) {
      return b;
    }
    double[] product = new double[a.length];
    for (int c = 0; c < a.length; c++) {
      product[c] = a[c] * b[c];
    }
    return product;
  }

  /** Element by element; null stands for zeros. */
  private static double[] sum(double[] a, double[] b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    double[] sum = new double[a.length];
    for (int c = 0; c < a.length; c++) {
      sum[c] = a[c] + b[c];
    }
    return sum;
  }

  /** Multiplies {@code count} weights of output channel {@code channel}, in place. */
  void scale(int channel, float[] weights, int offset, int count) {
    if (scale != null) {
      for (int i = offset; i < offset + count; i++) {
        weights[i] = (float) (weights[i] * scale[channel]);
      }
    }
  }

  /** The factor of each channel as the kernels take them. */
  float[] scale(int channels) {
    float[] factors = new float[channels];
    for (int c = 0; c < channels; c++) {
      factors[c] = scale == null ? 1 : (float) scale[c];
    }
    return factors;
  }

  /** The narrowest format that holds the weights exactly once they are scaled. */
  WeightFormat formatOf(Weight weight) {
    return scale == null ? weight.format() : WeightFormat.F32;
  }

  /** The shift as the kernels take it; null for zeros. */
  float[] bias() {
    if (shift == null) {
      return null;
    }
    float[] bias = new float[shift.length];
    for (int c = 0; c < bias.length; c++) {
      bias[c] = (float) shift[c];
    }
    return bias;
  }

  private static double[] widen(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }
}
