package ocellus.engine.kernels.scalar;

import java.util.Arrays;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.AttentionBias;
import ocellus.engine.kernels.AttentionWindows;

/** Multi-head self-attention, one query after the other. */
final class Attention {
  private static final int QUERIES = 16;

  /** The rows of q, k and v that attend to each other. */
  @FunctionalInterface
  private interface Rows {
    int of(int token);
  }

  private final Tensor qkv;
  private final float scale;
  private final Tensor y;
  private final int tokens;
  private final boolean causal;
  private final int width;

  private Attention(Tensor qkv, float scale, Tensor y, int tokens, boolean causal, int heads) {
    this.qkv = qkv;
    this.scale = scale;
    this.y = y;
    this.tokens = tokens;
    this.causal = causal;
    this.width = y.channels() / heads;
  }

  static void attention(
      Tensor qkv, int heads, float scale, AttentionBias bias, Tensor y, Workspace ws) {
    new Attention(qkv, scale, y, y.rows(), false, heads).run(heads, bias, ws);
  }

  static void causalAttention(Tensor qkv, int heads, float scale, Tensor y, Workspace ws) {
    new Attention(qkv, scale, y, y.rows(), true, heads).run(heads, null, ws);
  }

  private void run(int heads, AttentionBias bias, Workspace ws) {
    int blocks = Math.ceilDiv(tokens, QUERIES);
    ws.threads()
        .run(
            Math.multiplyExact(heads, blocks),
            (chunk, _) -> {
              int from = chunk % blocks * QUERIES;
              int to = Math.min(tokens, from + QUERIES);
              attend(token -> token, bias, chunk / blocks, from, to);
            });
  }

  static void windowAttention(
      Tensor qkv, AttentionWindows windows, int heads, float scale, Tensor y, Workspace ws) {
    int tokens = windows.tokens();
    var attention = new Attention(qkv, scale, y, tokens, false, heads);
    ws.threads()
        .run(
            Math.multiplyExact(heads, windows.count()),
            (chunk, _) -> {
              int window = chunk / heads;
              AttentionBias bias = windows.bias(window);
              attention.attend(t -> windows.row(window, t), bias, chunk % heads, 0, tokens);
            });
  }

  /** {@code softmax(q k^T scale + bias) v} of one head, for some queries. */
  private void attend(Rows rows, AttentionBias bias, int head, int from, int to) {
    double[] heard = new double[width];
    int channel = head * width;
    for (int query = from; query < to; query++) {
      int row = rows.of(query);
      if (row >= y.rows()) {
        continue; // heard by others, hears nothing
      }
      double[] weights = new double[causal ? query + 1 : tokens];
      for (int key = 0; key < weights.length; key++) {
        float added = bias == null ? 0 : bias.at(head, query, key);
        weights[key] = scale * dot(row, rows.of(key), channel) + added;
      }
      hear(rows, channel, weights, heard);
      int p = y.offset() + row * y.channels() + channel;
      for (int i = 0; i < width; i++) {
        y.data()[p + i] = (float) heard[i];
      }
    }
  }

  /** q of a row times k of another. */
  private double dot(int query, int key, int channel) {
    float[] data = qkv.data();
    int q = qkv.offset() + query * qkv.channels() + channel;
    int k = qkv.offset() + key * qkv.channels() + y.channels() + channel;
    return MatrixProduct.dot(data, q, data, k, width);
  }

  /** heard = softmax(weights) v. */
  private void hear(Rows rows, int channel, double[] weights, double[] heard) {
    double sum = RowWise.exponentials(weights);
    Arrays.fill(heard, 0);
    for (int t = 0; t < weights.length; t++) {
      double weight = weights[t] / sum;
      int v = qkv.offset() + rows.of(t) * qkv.channels() + 2 * y.channels() + channel;
      for (int i = 0; i < width; i++) {
        heard[i] += weight * qkv.data()[v + i];
      }
    }
  }
}
