package ocellus.engine.layers;

import ocellus.engine.WeightScope;
import ocellus.engine.kernels.Activation;

/**
 * Where the projection to queries, keys and values comes from. Each is a joint layer {@code [3 dim,
 * dim]}; heads follow each other in each of the three.
 */
public final class QkvProjection {
  private final WeightScope w;
  private final LinearRows rows;
  private final int dim;

  private QkvProjection(WeightScope w, LinearRows rows, int dim) {
    this.w = w;
    this.rows = rows;
    this.dim = dim;
  }

  /** {@code qkv} of the scope. */
  public static QkvProjection joint(WeightScope w, int dim, boolean bias) {
    return new QkvProjection(w, new LinearRows(dim).add(w.in("qkv"), 3 * dim, bias), dim);
  }

  /** {@code qkv.weight}, {@code q_bias} and {@code v_bias} of the scope; keys have no bias. */
  public static QkvProjection jointWithoutKeyBias(WeightScope w, int dim) {
    float[] bias = new float[3 * dim];
    w.tensor("q_bias", dim).read(0, bias, 0, dim);
    w.tensor("v_bias", dim).read(0, bias, 2 * dim, dim);
    return new QkvProjection(w, new LinearRows(dim).add(w.in("qkv"), 3 * dim, bias), dim);
  }

  /** {@code q_proj}, {@code k_proj} and {@code v_proj} of the scope. */
  public static QkvProjection separate(
      WeightScope w, int dim, boolean queryBias, boolean keyBias, boolean valueBias) {
    LinearRows rows =
        new LinearRows(dim)
            .add(w.in("q_proj"), dim, queryBias)
            .add(w.in("k_proj"), dim, keyBias)
            .add(w.in("v_proj"), dim, valueBias);
    return new QkvProjection(w, rows, dim);
  }

  /** The layer. */
  public Linear pack() {
    return rows.pack(w);
  }

  /**
   * The layer with the even channels of each query and key before the odd: rotations of neighbours
   * become rotations of halves, see {@link RotaryEmbedding}. Scores stay the same, since the
   * channels of both are in the same order.
   */
  public Linear packEvenBeforeOdd(int heads) {
    int width = dim / heads;
    int half = width / 2;
    int[] order = new int[3 * dim];
    for (int i = 0; i < order.length; i++) {
      int channel = i % width;
      int from = channel < half ? 2 * channel : 2 * (channel - half) + 1;
      order[i] = i < 2 * dim ? i - channel + from : i;
    }
    return rows.pack(w, order, Activation.IDENTITY);
  }
}
