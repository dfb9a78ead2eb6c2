package ocellus.engine.kernels;

import java.util.Arrays;

/**
 * The textbook formulas, element by element in double: what the scalar kernels and the layers are
 * tested against. Weights are in PyTorch's layout.
 */
public final class Naive {
  private Naive() {}

  /**
   * x W^T + bias.
   *
   * @param x {@code [rows, k]}
   * @param weight {@code [n, k]}
   */
  public static double[] linear(float[] x, int k, float[] weight, float[] bias, int n) {
    int rows = k == 0 ? 0 : x.length / k;
    double[] y = new double[rows * n];
    for (int row = 0; row < rows; row++) {
      for (int j = 0; j < n; j++) {
        double sum = bias == null ? 0 : bias[j];
        for (int i = 0; i < k; i++) {
          sum += (double) x[row * k + i] * weight[j * k + i];
        }
        y[row * n + j] = sum;
      }
    }
    return y;
  }

  /**
   * Convolution with zeros around the map, plus bias.
   *
   * @param x {@code [height, width, groups * cin]}
   * @param weight {@code [groups * cout, cin, kernelHeight, kernelWidth]}
   * @param out {@code groups * cout}
   */
  public static double[] conv2d(
      float[] x, int cin, Window window, float[] weight, float[] bias, int out, int groups) {
    double[] y = new double[window.outHeight() * window.outWidth() * out];
    for (int oy = 0; oy < window.outHeight(); oy++) {
      for (int ox = 0; ox < window.outWidth(); ox++) {
        for (int o = 0; o < out; o++) {
          int group = o / (out / groups);
          double sum = bias == null ? 0 : bias[o];
          for (int c = 0; c < cin; c++) {
            for (int ky = 0; ky < window.kernelHeight(); ky++) {
              for (int kx = 0; kx < window.kernelWidth(); kx++) {
                int iy = oy * window.strideY() - window.padTop() + ky * window.dilationY();
                int ix = ox * window.strideX() - window.padLeft() + kx * window.dilationX();
                if (iy >= 0 && iy < window.inHeight() && ix >= 0 && ix < window.inWidth()) {
                  int tap = (ky * window.kernelWidth()) + kx;
                  double pixel = x[(iy * window.inWidth() + ix) * cin * groups + group * cin + c];
                  sum += pixel * weight[(o * cin + c) * window.taps() + tap];
                }
              }
            }
          }
          y[(oy * window.outWidth() + ox) * out + o] = sum;
        }
      }
    }
    return y;
  }

  /** (x - mean) / sqrt(variance + epsilon) weight + bias of each row. */
  public static double[] layerNorm(
      float[] x, int channels, float[] weight, float[] bias, double epsilon) {
    double[] y = new double[x.length];
    for (int row = 0; row < x.length; row += channels) {
      double mean = 0;
      double meanOfSquares = 0;
      for (int c = 0; c < channels; c++) {
        mean += x[row + c] / (double) channels;
        meanOfSquares += (double) x[row + c] * x[row + c] / channels;
      }
      double deviation = Math.sqrt(meanOfSquares - mean * mean + epsilon);
      for (int c = 0; c < channels; c++) {
        double scaled = (x[row + c] - mean) / deviation * (weight == null ? 1 : weight[c]);
        y[row + c] = scaled + (bias == null ? 0 : bias[c]);
      }
    }
    return y;
  }

  /** x / sqrt(mean(x^2) + epsilon) weight of each row. */
  public static double[] simpleNorm(float[] x, int channels, float[] weight, double epsilon) {
    double[] y = new double[x.length];
    for (int row = 0; row < x.length; row += channels) {
      double mean = 0;
      double squares = 0;
      for (int c = 0; c < channels; c++) {
        mean += x[row + c] / (double) channels;
        squares += (double) x[row + c] * x[row + c];
      }
      double variance = (squares - channels * mean * mean) / (channels - 1);
      for (int c = 0; c < channels; c++) {
        double factor = weight == null ? 1 : weight[c];
        y[row + c] = x[row + c] * factor / Math.sqrt(variance + epsilon);
      }
    }
    return y;
  }

  public static double[] rmsNorm(float[] x, int channels, float[] weight, double epsilon) {
    double[] y = new double[x.length];
    for (int row = 0; row < x.length; row += channels) {
      double squares = 0;
      for (int c = 0; c < channels; c++) {
        squares += (double) x[row + c] * x[row + c];
      }
      for (int c = 0; c < channels; c++) {
        double factor = weight == null ? 1 : weight[c];
        y[row + c] = x[row + c] * factor / Math.sqrt(squares / channels + epsilon);
      }
    }
    return y;
  }

  /** exp(x) / sum(exp(x)) of each row, for values that exp takes. */
  public static double[] softmax(double[] x, int channels) {
    double[] y = new double[x.length];
    for (int row = 0; row < x.length; row += channels) {
      double sum = 0;
      for (int c = 0; c < channels; c++) {
        sum += Math.exp(x[row + c]);
      }
      for (int c = 0; c < channels; c++) {
        y[row + c] = Math.exp(x[row + c]) / sum;
      }
    }
    return y;
  }

  /**
   * softmax(q k^T scale) v of each head.
   *
   * @param qkv {@code [tokens, 3, heads, dim / heads]}
   */
  public static double[] attention(double[] qkv, int tokens, int heads, int dim, double scale) {
    return attention(qkv, tokens, heads, dim, scale, new double[heads * tokens * tokens]);
  }

  /**
   * @param qkv {@code [tokens, 3, heads, dim / heads]}
   * @param bias {@code [heads, tokens, tokens]}
   */
  static double[] attention(
      double[] qkv, int tokens, int heads, int dim, double scale, double[] bias) {
    int width = dim / heads;
    double[] y = new double[tokens * dim];
    for (int head = 0; head < heads; head++) {
      for (int query = 0; query < tokens; query++) {
        double[] scores = new double[tokens];
        for (int key = 0; key < tokens; key++) {
          for (int i = 0; i < width; i++) {
            double q = qkv[((query * 3 + 0) * heads + head) * width + i];
            double k = qkv[((key * 3 + 1) * heads + head) * width + i];
            scores[key] += q * k * scale;
          }
          scores[key] += bias[(head * tokens + query) * tokens + key];
        }
        double[] weights = softmax(scores, tokens);
        for (int i = 0; i < width; i++) {
          for (int key = 0; key < tokens; key++) {
            double v = qkv[((key * 3 + 2) * heads + head) * width + i];
            y[(query * heads + head) * width + i] += weights[key] * v;
          }
        }
      }
    }
    return y;
  }

  /** The mean, over all rows, of each channel. */
  public static double[] averageRows(float[] x, int channels) {
    double rows = (double) x.length / channels;
    double[] y = new double[channels];
    for (int i = 0; i < x.length; i++) {
      y[i % channels] += x[i] / rows;
    }
    return y;
  }

  /** How a window is reduced: to its maximum or to a mean. */
  enum Pool {
    MAX,
    AVERAGE,
    AVERAGE_WITH_PADDING
  }

  static double[] pool(float[] x, int channels, Window window, Pool pool) {
    double[] y = new double[window.outPixels() * channels];
    for (int i = 0; i < y.length; i++) {
      int oy = i / channels / window.outWidth();
      int ox = i / channels % window.outWidth();
      double max = Double.NEGATIVE_INFINITY;
      double sum = 0;
      int inside = 0;
      for (int ky = 0; ky < window.kernelHeight(); ky++) {
        for (int kx = 0; kx < window.kernelWidth(); kx++) {
          int iy = oy * window.strideY() - window.padTop() + ky * window.dilationY();
          int ix = ox * window.strideX() - window.padLeft() + kx * window.dilationX();
          if (iy >= 0 && iy < window.inHeight() && ix >= 0 && ix < window.inWidth()) {
            double pixel = x[(iy * window.inWidth() + ix) * channels + i % channels];
            max = Double.isNaN(pixel) || pixel > max ? pixel : max;
            sum += pixel;
            inside++;
          }
        }
      }
      y[i] =
          switch (pool) {
            case MAX -> max;
            case AVERAGE -> inside == 0 ? 0 : sum / inside;
            case AVERAGE_WITH_PADDING -> sum / (window.kernelHeight() * window.kernelWidth());
          };
    }
    return y;
  }

  /** {@code activation(z)} of each element. */
  public static double[] activate(Activation activation, double[] z) {
    return Arrays.stream(z).map(activation::apply).toArray();
  }

  /** Element by element. */
  public static double[] add(double[] a, double[] b) {
    double[] sum = a.clone();
    Arrays.setAll(sum, i -> a[i] + b[i]);
    return sum;
  }

  public static double[] widen(float[] x) {
    double[] wide = new double[x.length];
    Arrays.setAll(wide, i -> x[i]);
    return wide;
  }
}
