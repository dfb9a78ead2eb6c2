package ocellus.engine.kernels.scalar;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;

/** Normalisation of each row by itself. */
final class RowWise {
  private static final int ROWS = 8;

  private RowWise() {}

  static void layerNorm(
      Tensor x, float[] weight, float[] bias, double epsilon, Tensor y, Workspace ws) {
    int c = x.channels();
    Blocks.run(
        ws,
        x.rows(),
        ROWS,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            int p = x.offset() + row * c;
            double mean = sum(x.data(), p, c) / c;
            double variance = sumOfSquares(x.data(), p, c, mean) / c;
            double scale = 1 / Math.sqrt(variance + epsilon);
            affine(x.data(), p, c, mean, scale, weight, bias, y.data(), y.offset() + row * c);
          }
        });
  }

  static void rmsNorm(Tensor x, float[] weight, double epsilon, Tensor y, Workspace ws) {
    int c = x.channels();
    Blocks.run(
        ws,
        x.rows(),
        ROWS,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            int p = x.offset() + row * c;
            double scale = 1 / Math.sqrt(sumOfSquares(x.data(), p, c, 0) / c + epsilon);
            affine(x.data(), p, c, 0, scale, weight, null, y.data(), y.offset() + row * c);
          }
        });
  }

  static void simpleNorm(Tensor x, float[] weight, double epsilon, Tensor y, Workspace ws) {
    int c = x.channels();
    Blocks.run(
        ws,
        x.rows(),
        ROWS,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            int p = x.offset() + row * c;
            double mean = sum(x.data(), p, c) / c;
            double variance = sumOfSquares(x.data(), p, c, mean) / (c - 1);
            double scale = 1 / Math.sqrt(variance + epsilon);
            affine(x.data(), p, c, 0, scale, weight, null, y.data(), y.offset() + row * c);
          }
        });
  }

  /** y = (x - mean) scale weight + bias. */
  private static void affine(
      float[] x,
      int p,
      int count,
      double mean,
      double scale,
      float[] weight,
      float[] bias,
      float[] y,
      int q) {
    for (int i = 0; i < count; i++) {
      double factor = weight == null ? scale : scale * weight[i];
      double shift = bias == null ? 0 : bias[i];
      y[q + i] = (float) ((x[p + i] - mean) * factor + shift);
    }
  }

  static void normalizeHeads(Tensor qkv, int heads, float[] factors, Workspace ws) {
    int width = qkv.channels() / 3 / heads;
    Blocks.run(
        ws,
        qkv.rows(),
        ROWS,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            for (int head = 0; head < 2 * heads; head++) {
              int p = qkv.offset() + row * qkv.channels() + head * width;
              double length = Math.sqrt(sumOfSquares(qkv.data(), p, width, 0));
              double scale = (head < heads ? factors[head] : 1) / Math.max(length, 1e-12);
              for (int i = p; i < p + width; i++) {
                qkv.data()[i] = (float) (qkv.data()[i] * scale);
              }
            }
          }
        });
  }

  static void softmax(Tensor x, Workspace ws) {
    int c = x.channels();
    Blocks.run(
        ws,
        x.rows(),
        ROWS,
        (from, to) -> {
          double[] exps = new double[c];
          for (int row = from; row < to; row++) {
            int p = x.offset() + row * c;
            for (int i = 0; i < c; i++) {
              exps[i] = x.data()[p + i];
            }
            double sum = exponentials(exps);
            for (int i = 0; i < c; i++) {
              x.data()[p + i] = (float) (exps[i] / sum);
            }
          }
        });
  }

  /** Replaces each value by exp(value - maximum) and returns their sum. */
  static double exponentials(double[] values) {
    double max = Double.NEGATIVE_INFINITY;
    for (double v : values) {
      max = Math.max(max, v);
    }
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.exp(values[i] - max);
      sum += values[i];
    }
    return sum;
  }

  private static double sum(float[] data, int offset, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += data[offset + i];
    }
    return sum;
  }

  private static double sumOfSquares(float[] data, int offset, int count, double mean) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      double difference = data[offset + i] - mean;
      sum += difference * difference;
    }
    return sum;
  }
}
