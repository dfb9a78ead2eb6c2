package ocellus.engine.kernels.scalar;

import java.util.Arrays;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;

/** Attention of several heads to the same keys and values, one query after the other. */
final class MultiQueryAttention {
  private static final int QUERIES = 16;

  private MultiQueryAttention() {}

  static void attention(Tensor q, Tensor keysAndValues, float scale, Tensor y, Workspace ws) {
    int width = keysAndValues.channels();
    Blocks.run(
        ws,
        q.size() / width,
        QUERIES,
        (from, to) -> {
          double[] weights = new double[keysAndValues.dim(1)];
          double[] heard = new double[width];
          for (int query = from; query < to; query++) {
            int at = query * width;
            attend(q.data(), q.offset() + at, keysAndValues, scale, weights, heard);
            for (int i = 0; i < width; i++) {
              y.data()[y.offset() + at + i] = (float) heard[i];
            }
          }
        });
  }

  /** heard = softmax(q k^T scale) v. */
  private static void attend(
      float[] queries, int q, Tensor keysAndValues, float scale, double[] weights, double[] heard) {
    float[] data = keysAndValues.data();
    int width = heard.length;
    int keys = weights.length;
    int firstKey = keysAndValues.offset();
    int firstValue = firstKey + keys * width;
    for (int key = 0; key < keys; key++) {
      weights[key] = scale * MatrixProduct.dot(queries, q, data, firstKey + key * width, width);
    }
    double sum = RowWise.exponentials(weights);
    Arrays.fill(heard, 0);
    for (int key = 0; key < keys; key++) {
      double weight = weights[key] / sum;
      for (int i = 0; i < width; i++) {
        heard[i] += weight * data[firstValue + key * width + i];
      }
    }
  }
}
