package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Kernels;

/**
 * Attention pooling of CLIP's ResNets, Radford et al. 2021, 2.4: the mean of a map attends to
 * itself and to all pixels, each with a learned position; up to the projection of what was heard.
 * timm's {@code AttentionPool2d}. Immutable, thread-safe.
 *
 * <p>Values are not computed: as weights add up to 1, the weighted mean of values is the value of
 * the weighted mean of tokens.
 */
public final class MeanQueryPool {
  private final Tensor positions; // [1 + pixels, dim], the first of the mean
  private final Linear query;
  private final Linear key;
  private final Linear[] values; // of a head, dim to dim / heads
  private final int dim;
  private final int heads;

  /**
   * {@code pos_embed [1 + pixels, dim]} and {@code q}, {@code k}, {@code v [dim, dim]} with biases
   * of the scope.
   *
   * @param heads divides dim
   */
  public MeanQueryPool(WeightScope w, int pixels, int dim, int heads) {
    this.dim = dim;
    this.heads = heads;
    this.positions = Tensor.of(w.tensor("pos_embed", 1 + pixels, dim).toArray(), 1 + pixels, dim);
    this.query = new Linear(w.in("q"), dim, dim);
    this.key = new Linear(w.in("k"), dim, dim);
    LinearRows value = new LinearRows(dim).add(w.in("v"), dim, /* hasBias= */ true);
    int width = dim / heads;
    this.values = new Linear[heads];
    for (int h = 0; h < heads; h++) {
      values[h] = value.pack(w, h * width, (h + 1) * width, Activation.IDENTITY);
    }
  }

  /**
   * @param x {@code [height, width, dim]}, of as many pixels as there are positions
   * @param y {@code [dim]}
   */
  public void forward(Tensor x, Tensor y, Workspace ws) {
    int tokens = positions.rows();
    if (x.channels() != dim || x.rows() != tokens - 1) {
      throw new IllegalArgumentException("MeanQueryPool: input " + x + ", positions " + positions);
    }
    Mark mark = ws.mark();
    int width = dim / heads;
    Tensor t = ws.tensor(tokens, dim);
    Tensor q = ws.tensor(dim);
    Tensor k = ws.tensor(tokens, dim);
    Tensor weights = ws.tensor(heads, tokens);
    Tensor heard = ws.tensor(heads, dim);
    Kernels.averageRows(x, ws.view(t, 0, dim), ws);
    System.arraycopy(x.data(), x.offset(), t.data(), t.offset() + dim, x.size());
    Kernels.add(t, positions, ws); // t = [mean x; x] + positions              [1 + pixels, dim]
    query.forward(ws.view(t, 0, dim), q, ws); // q = W_q t_0 + b_q             [dim]
    key.forward(t, k, ws); // k = W_k t + b_k                                  [1 + pixels, dim]
    scores(q, k, weights);
    Kernels.softmax(weights, ws); // p_h = softmax(q_h k_h / sqrt(width))      [heads, tokens]
    Kernels.weightedSums(weights, t, heard, ws); // m_h = sum p_h t            [heads, dim]
    for (int h = 0; h < heads; h++) { // y_h = V_h m_h + b_h                   [dim / heads]
      values[h].forward(ws.view(heard, h * dim, dim), ws.view(y, h * width, width), ws);
    }
    ws.release(mark);
  }

  /** Of one query there are too few to be worth vectors. */
  private void scores(Tensor q, Tensor k, Tensor y) {
    int tokens = k.rows();
    int width = dim / heads;
    double scale = 1 / Math.sqrt(width);
    for (int t = 0; t < tokens; t++) {
      for (int h = 0; h < heads; h++) {
        int queryAt = q.offset() + h * width;
        int keyAt = k.offset() + t * dim + h * width;
        double sum = 0;
        for (int i = 0; i < width; i++) {
          sum += (double) q.data()[queryAt + i] * k.data()[keyAt + i];
        }
        y.data()[y.offset() + h * tokens + t] = (float) (scale * sum);
      }
    }
  }
}
