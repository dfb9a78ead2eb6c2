package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.Weight;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.WeightFormat;

/**
 * Attention pooling with one learned query, "Scaling Vision Transformers", Zhai et al. 2021, and
 * SigLIP: timm's {@code AttentionPoolLatent}. Immutable, thread-safe.
 *
 * <p>Neither keys nor values are computed. The query being constant, the score of a token x in head
 * h is {@code q_h (W_h x) = (q_h W_h) x}, one row for each head, up to what is the same for all
 * tokens and leaves the softmax alone; and as weights add up to 1, the weighted mean of values is
 * the value of the weighted mean of tokens.
 */
public final class AttentionPool {
  private final Linear scores; // dim to heads
  private final Linear[] values; // of a head, dim to dim / heads
  private final Linear proj;
  private final Norm norm;
  private final Mlp mlp;
  private final int dim;
  private final int heads;

  /**
   * {@code latent [1, 1, dim]}, {@code q}, {@code kv [2 dim, dim]} and {@code proj} with biases,
   * {@code norm} and {@code mlp} of the scope.
   *
   * @param hidden channels within the MLP
   * @param kind of the norm
   */
  public AttentionPool(
      WeightScope w,
      int dim,
      int heads,
      int hidden,
      Activation activation,
      Norm.Kind kind,
      double epsilon) {
    this.dim = dim;
    this.heads = heads;
    double[] query = query(w, dim);
    WeightScope kv = w.in("kv");
    Weight matrix = kv.tensor("weight", 2L * dim, dim);
    float[] bias = kv.tensor("bias", 2L * dim).toArray();
    this.scores = scores(w, query, matrix);
    this.values = new Linear[heads];
    for (int h = 0; h < heads; h++) {
      values[h] = value(w, matrix, bias, dim + h * (dim / heads));
    }
    this.proj = new Linear(w.in("proj"), dim, dim);
    this.norm = kind.of(w.in("norm"), dim, epsilon);
    this.mlp = new Mlp(w.in("mlp"), dim, hidden, activation, null);
  }

  /** The latent vector through {@code q}. */
  private static double[] query(WeightScope w, int dim) {
    float[] latent = w.tensor("latent", 1, 1, dim).toArray();
    Weight matrix = w.in("q").tensor("weight", dim, dim);
    float[] bias = w.in("q").tensor("bias", dim).toArray();
    double[] query = new double[dim];
    float[] row = new float[dim];
    for (int i = 0; i < dim; i++) {
      matrix.read((long) i * dim, row, 0, dim);
      query[i] = bias[i];
      for (int c = 0; c < dim; c++) {
        query[i] += (double) row[c] * latent[c];
      }
    }
    return query;
  }

  /** Row h: the query of head h through its keys, scaled. */
  private Linear scores(WeightScope w, double[] query, Weight matrix) {
    int width = dim / heads;
    double scale = 1 / Math.sqrt(width);
    PackedMatrix packed =
        w.pack(
            matrix,
            WeightFormat.F32,
            dim,
            heads,
            (head, target, offset) -> {
              double[] sum = new double[dim];
              float[] row = new float[dim];
              for (int i = head * width; i < (head + 1) * width; i++) {
                matrix.read((long) i * dim, row, 0, dim);
                for (int c = 0; c < dim; c++) {
                  sum[c] += scale * query[i] * row[c];
                }
              }
              for (int c = 0; c < dim; c++) {
                target[offset + c] = (float) sum[c];
              }
            });
    return new Linear(packed, null, Activation.IDENTITY);
  }

  /** The values of a head, whose rows begin at {@code first}. */
  private Linear value(WeightScope w, Weight matrix, float[] bias, int first) {
    int width = dim / heads;
    PackedMatrix packed =
        w.pack(
            matrix,
            matrix.format(),
            dim,
            width,
            (row, target, offset) -> matrix.read((long) (first + row) * dim, target, offset, dim));
    float[] shift = new float[width];
    System.arraycopy(bias, first, shift, 0, width);
    return new Linear(packed, shift, Activation.IDENTITY);
  }

  /**
   * @param x {@code [tokens, dim]}
   * @param y {@code [dim]}
   */
  public void forward(Tensor x, Tensor y, Workspace ws) {
    Mark mark = ws.mark();
    int tokens = x.rows();
    int width = dim / heads;
    Tensor byToken = ws.tensor(tokens, heads);
    Tensor weights = ws.tensor(heads, tokens);
    Tensor means = ws.tensor(heads, dim);
    Tensor heard = ws.tensor(dim);
    Tensor z = ws.tensor(dim);
    scores.forward(x, byToken, ws);
    transpose(byToken, weights);
    Kernels.softmax(weights, ws); // p_h = softmax((q_h W_h) x)                [heads, tokens]
    Kernels.weightedSums(weights, x, means, ws); // m_h = sum p_h x            [heads, dim]
    for (int h = 0; h < heads; h++) { // v_h = m_h V_h + b_h                   [dim / heads]
      values[h].forward(ws.view(means, h * dim, dim), ws.view(heard, h * width, width), ws);
    }
    proj.forward(heard, y, ws); // y = v W + b                                 [dim]
    norm.forward(y, z, ws); // z = norm(y)
    mlp.addTo(z, y, ws); // y = y + MLP(z)
    ws.release(mark);
  }

  private static void transpose(Tensor x, Tensor y) {
    int rows = x.rows();
    int columns = x.channels();
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        y.data()[y.offset() + c * rows + r] = x.data()[x.offset() + r * columns + c];
      }
    }
  }
}
