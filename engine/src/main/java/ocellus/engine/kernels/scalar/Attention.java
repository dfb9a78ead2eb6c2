package ocellus.engine.kernels.scalar;

import java.util.Arrays;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;

/** Multi-head self-attention, one query after the other. */
final class Attention {
  private static final int QUERIES = 16;

  private Attention() {}

  static void attention(Tensor qkv, int heads, float scale, Tensor y, Workspace ws) {
    int tokens = qkv.rows();
    int width = y.channels() / heads;
    int blocks = Math.ceilDiv(tokens, QUERIES);
    ws.threads()
        .run(
            Math.multiplyExact(heads, blocks),
            (chunk, worker) -> {
              int channel = chunk / blocks * width;
              int from = chunk % blocks * QUERIES;
              int to = Math.min(tokens, from + QUERIES);
              double[] weights = new double[tokens];
              double[] heard = new double[width];
              for (int query = from; query < to; query++) {
                attend(qkv, query, channel, scale, weights, heard);
                int p = y.offset() + query * y.channels() + channel;
                for (int i = 0; i < width; i++) {
                  y.data()[p + i] = (float) heard[i];
                }
              }
            });
  }

  /** heard = softmax(q · k scale) v, for one query and the head that starts at {@code channel}. */
  private static void attend(
      Tensor qkv, int query, int channel, float scale, double[] weights, double[] heard) {
    float[] data = qkv.data();
    int stride = qkv.channels();
    int dim = stride / 3;
    int q = qkv.offset() + query * stride + channel;
    int k = qkv.offset() + dim + channel;
    int v = qkv.offset() + 2 * dim + channel;
    for (int t = 0; t < weights.length; t++) {
      weights[t] = scale * MatrixProduct.dot(data, q, data, k + t * stride, heard.length);
    }
    double sum = RowWise.exponentials(weights);
    Arrays.fill(heard, 0);
    for (int t = 0; t < weights.length; t++) {
      double weight = weights[t] / sum;
      int p = v + t * stride;
      for (int i = 0; i < heard.length; i++) {
        heard[i] += weight * data[p + i];
      }
    }
  }
}
