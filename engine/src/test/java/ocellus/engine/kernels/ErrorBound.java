package ocellus.engine.kernels;

import java.util.Arrays;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;

/** How far single-precision results may be from exact ones, from the arithmetic that they take. */
final class ErrorBound {
  /** Half a unit in the last place of 1: the largest relative error of one operation. */
  static final double ROUNDOFF = 0x1p-24;

  /**
   * An activation's largest error relative to max(1, |x|): the polynomial approximations of erf and
   * exp are good to 4e-7, which leaves a little for the roundings around them.
   */
  static final double ACTIVATION = 5e-7;

  /** The steepest slope of an activation: hard-swish, at 3. */
  private static final double STEEPEST = 1.5;

  /**
   * Rounding errors of n operations are independent enough to add up like the square root of n, and
   * this many standard deviations never occur (Higham and Mary 2019, theorem 2.4).
   */
  private static final double DEVIATIONS = 8;

  /**
   * Of minimal filtering, beside the sum over channels: three for each of two transforms in two
   * directions, one of the filters, bias and residual.
   */
  private static final int FILTERING_ROUNDINGS = 15;

  /** Roundoffs of an exponential (twice, as the sum has it too) and of a division. */
  private static final double EXP_AND_QUOTIENT = 10;

  /** What exponentials below this are may be 0: the smallest normalised float, rounded up. */
  private static final double FLUSHED = 1.3e-38;

  private ErrorBound() {}

  /** The relative error, in roundoffs, of a chain of {@code n} operations. */
  static double growth(int n) {
    return Math.min(n, DEVIATIONS * Math.sqrt(n));
  }

  /**
   * Sums of {@code terms} products or numbers.
   *
   * @param magnitudes the sums of the terms' absolute values
   */
  static double[] ofSums(int terms, Tensor magnitudes) {
    double[] bounds = Naive.widen(magnitudes.toArray());
    // Where a product underflows the error is absolute.
    Arrays.setAll(
        bounds, i -> growth(terms) * ROUNDOFF * bounds[i] + (double) terms * Float.MIN_VALUE);
    return bounds;
  }

  /**
   * Minimal filtering: the errors of transforms and sums are relative to what each tile would be
   * with all terms positive (Barabasz et al. 2020, theorem 2).
   *
   * @param weight {@code [cout, cin, 3, 3]}
   */
  static double[] ofMinimalFiltering(
      Tensor x, Window window, Winograd tiles, float[] weight, float[] bias, Tensor residual) {
    double[] bounds = MinimalFiltering.magnitudes(x, window, tiles, weight, bias, residual);
    double errors = growth(x.channels() + FILTERING_ROUNDINGS) * ROUNDOFF;
    Arrays.setAll(bounds, i -> errors * bounds[i]);
    return bounds;
  }

  /**
   * Values whose arguments are themselves inexact.
   *
   * @param arguments bounds of the arguments' errors
   * @param z the arguments
   */
  static double[] ofActivation(double[] arguments, Tensor z) {
    float[] values = z.toArray();
    double[] bounds = arguments.clone();
    Arrays.setAll(
        bounds, i -> STEEPEST * arguments[i] + ACTIVATION * Math.max(1, Math.abs(values[i])));
    return bounds;
  }

  /** The terms of a sum without their signs. */
  static Tensor magnitudes(Tensor tensor) {
    return tensor == null ? null : Guarded.tensor(magnitudes(tensor.toArray()), tensor.shape());
  }

  static float[] magnitudes(float[] values) {
    if (values == null) {
      return null;
    }
    float[] absolute = values.clone();
    for (int i = 0; i < absolute.length; i++) {
      absolute[i] = Math.abs(absolute[i]);
    }
    return absolute;
  }

  /** Rows of {@link KernelSet#layerNorm}, computed from mean and variance in two passes. */
  static double[] ofLayerNorm(Tensor x, float[] weight, float[] bias, double epsilon) {
    int n = x.channels();
    float[] values = x.toArray();
    double[] bounds = new double[values.length];
    for (int row = 0; row < values.length; row += n) {
      double mean = 0;
      double magnitude = 0;
      for (int c = 0; c < n; c++) {
        mean += values[row + c] / (double) n;
        magnitude += Math.abs(values[row + c]) / (double) n;
      }
      double variance = 0;
      for (int c = 0; c < n; c++) {
        variance += Math.pow(values[row + c] - mean, 2) / n;
      }
      double scale = 1 / Math.sqrt(variance + epsilon);
      double meanError = (growth(n) + 2) * ROUNDOFF * magnitude * scale;
      double scaleError = (growth(n) + 6) * ROUNDOFF + meanError * meanError;
      for (int c = 0; c < n; c++) {
        double factor = weight == null ? 1 : Math.abs(weight[c]);
        double normalised = Math.abs(values[row + c] - mean) * scale;
        double shift = bias == null ? 0 : Math.abs(bias[c]);
        bounds[row + c] =
            factor * (meanError + normalised * scaleError)
                + 2 * ROUNDOFF * (factor * normalised + shift)
                + 2 * Float.MIN_VALUE * (factor * scale + factor + 1);
      }
    }
    return bounds;
  }

  /** Rows of {@link KernelSet#simpleNorm}: the error of the scale, and of what it multiplies. */
  static double[] ofSimpleNorm(Tensor x, float[] weight, double epsilon) {
    int n = x.channels();
    float[] values = x.toArray();
    double[] bounds = new double[values.length];
    for (int row = 0; row < values.length; row += n) {
      double mean = 0;
      double magnitude = 0;
      for (int c = 0; c < n; c++) {
        mean += values[row + c] / (double) n;
        magnitude += Math.abs(values[row + c]) / (double) n;
      }
      double variance = 0;
      for (int c = 0; c < n; c++) {
        variance += Math.pow(values[row + c] - mean, 2) / (n - 1);
      }
      double scale = 1 / Math.sqrt(variance + epsilon);
      double meanError = (growth(n) + 2) * ROUNDOFF * magnitude * scale;
      double relative = (growth(n) + 8) * ROUNDOFF + meanError * meanError;
      for (int c = 0; c < n; c++) {
        double factor = weight == null ? 1 : Math.abs(weight[c]);
        bounds[row + c] =
            factor * Math.abs(values[row + c]) * scale * relative
                + 2 * Float.MIN_VALUE * (factor * scale + factor + 1);
      }
    }
    return bounds;
  }

  /**
   * Rows of {@link KernelSet#rmsNorm}: a relative error, down to where floats lose digits.
   *
   * @param y the exact results
   */
  static double[] ofRmsNorm(Tensor y) {
    double[] bounds = Naive.widen(y.toArray());
    double relative = (growth(y.channels()) / 2 + 6) * ROUNDOFF;
    Arrays.setAll(bounds, i -> relative * Math.abs(bounds[i]) + Float.MIN_NORMAL);
    return bounds;
  }

  /** Rows of softmax: exp of rounded differences, their sum, a quotient. */
  static double[] ofSoftmax(Tensor x) {
    int n = x.channels();
    float[] values = x.toArray();
    Tensor y = Guarded.copy(x);
    KernelParity.SCALAR.softmax(y, new Workspace());
    double[] bounds = Naive.widen(y.toArray());
    for (int row = 0; row < values.length; row += n) {
      double max = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < n; c++) {
        max = Math.max(max, values[row + c]);
      }
      for (int c = row; c < row + n; c++) {
        double difference = bounds[c] == 0 ? 0 : max - values[c];
        bounds[c] *= (difference + EXP_AND_QUOTIENT + growth(n)) * ROUNDOFF;
        bounds[c] += FLUSHED;
      }
    }
    return bounds;
  }

  /**
   * Attention. A score's error is a factor of its weight, and of all others through the sum; with p
   * the weights and d the scores' errors, the result's is sum(p |v| (d + sum(p d) + roundings)),
   * and for each term the least float, to multiples of which denormal sums are rounded.
   */
  static double[] ofAttention(Tensor qkv, int heads, float scale, AttentionBias bias) {
    int tokens = qkv.rows();
    int dim = qkv.channels() / 3;
    int width = dim / heads;
    float[] data = qkv.toArray();
    double[] bounds = new double[tokens * dim];
    double[] weights = new double[tokens];
    double[] errors = new double[tokens];
    for (int query = 0; query < tokens; query++) {
      for (int channel = 0; channel < dim; channel += width) {
        int q = query * 3 * dim + channel;
        scores(data, q, dim + channel, 3 * dim, width, scale, weights, errors);
        if (bias != null) {
          addBias(bias, channel / width, query, weights, errors);
        }
        weigh(weights, errors);
        for (int key = 0; key < tokens; key++) {
          int v = (key * 3 + 2) * dim + channel;
          for (int i = 0; i < width; i++) {
            double magnitude = Math.abs(data[v + i]);
            bounds[query * dim + channel + i] +=
                weights[key] * magnitude * errors[key] + FLUSHED * magnitude + Float.MIN_VALUE;
          }
        }
      }
    }
    return bounds;
  }

  /** Multi-query attention, as {@link #ofAttention}. */
  static double[] ofMultiQueryAttention(Tensor q, Tensor keysAndValues, float scale) {
    int width = keysAndValues.channels();
    int keys = keysAndValues.dim(1);
    float[] data = Arrays.copyOf(q.toArray(), q.size() + keysAndValues.size());
    System.arraycopy(keysAndValues.toArray(), 0, data, q.size(), keysAndValues.size());
    double[] bounds = new double[q.size()];
    double[] weights = new double[keys];
    double[] errors = new double[keys];
    for (int query = 0; query < q.size(); query += width) {
      scores(data, query, q.size(), width, width, scale, weights, errors);
      weigh(weights, errors);
      for (int key = 0; key < keys; key++) {
        int v = q.size() + (keys + key) * width;
        for (int i = 0; i < width; i++) {
          double magnitude = Math.abs(data[v + i]);
          bounds[query + i] +=
              weights[key] * magnitude * errors[key] + FLUSHED * magnitude + Float.MIN_VALUE;
        }
      }
    }
    return bounds;
  }

  /** The scores of one query and the errors of their sums. */
  private static void scores(
      float[] data,
      int q,
      int firstKey,
      int stride,
      int width,
      float scale,
      double[] scores,
      double[] errors) {
    for (int key = 0; key < scores.length; key++) {
      int k = key * stride + firstKey;
      double sum = 0;
      double magnitude = 0;
      for (int i = 0; i < width; i++) {
        double product = (double) scale * data[q + i] * data[k + i];
        sum += product;
        magnitude += Math.abs(product);
      }
      scores[key] = sum;
      errors[key] = (growth(width) + 2) * ROUNDOFF * magnitude;
    }
  }

  /** The scores are sums that start from the bias, in another unit. */
  private static void addBias(
      AttentionBias bias, int head, int query, double[] scores, double[] errors) {
    for (int key = 0; key < scores.length; key++) {
      double added = bias.at(head, query, key);
      scores[key] += added;
      errors[key] += 3 * ROUNDOFF * (Math.abs(added) + Math.abs(scores[key]));
    }
  }

  /** Replaces scores by weights, and their errors by the relative errors of the weighted terms. */
  private static void weigh(double[] scores, double[] errors) {
    int tokens = scores.length;
    double max = Double.NEGATIVE_INFINITY;
    for (double score : scores) {
      max = Math.max(max, score);
    }
    double sum = 0;
    double meanError = 0;
    for (int key = 0; key < tokens; key++) {
      double difference = max - scores[key];
      scores[key] = Math.exp(-difference);
      // At a score of -infinity, which has no error, nothing is heard at all.
      errors[key] = scores[key] == 0 ? 0 : errors[key] + ROUNDOFF * difference;
      sum += scores[key];
      meanError += scores[key] * errors[key];
    }
    for (int key = 0; key < tokens; key++) {
      scores[key] /= sum;
      errors[key] += meanError / sum + (EXP_AND_QUOTIENT + 2 * growth(tokens)) * ROUNDOFF;
    }
  }
}
