package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.AttentionKernels;
import ocellus.engine.kernels.AttentionWindows;
import ocellus.engine.kernels.WarmUp;

/**
 * Multi-head self-attention within windows by the cosines of queries and keys, with a continuous
 * relative position bias: Liu et al. 2022, "Swin Transformer V2", section 3.2 and 3.3. Immutable,
 * thread-safe.
 */
public final class CosineWindowAttention {
  /** The largest factor of a cosine, 1 / 0.01. */
  private static final double LARGEST_SCALE = 100;

  private final WindowProjection qkv;
  private final float[] scales;
  private final AttentionWindows windows;
  private final Linear proj;
  private final int dim;
  private final int heads;

  /**
   * {@code qkv.weight [3 dim, dim]}, {@code q_bias [dim]}, {@code v_bias [dim]}, {@code logit_scale
   * [heads, 1, 1]}, {@code cpb_mlp} and {@code proj [dim, dim]} of the scope, the last with a bias.
   *
   * @param qkvBias whether there are q_bias and v_bias; k has none
   * @param trainedWindow rows and columns of the windows that the biases were trained with; 0 for
   *     those of this model
   */
  public CosineWindowAttention(
      WeightScope w,
      int dim,
      int heads,
      boolean qkvBias,
      ShiftedWindows windows,
      int trainedWindow) {
    int trainedHeight = trainedWindow > 0 ? trainedWindow : windows.rows().window();
    int trainedWidth = trainedWindow > 0 ? trainedWindow : windows.columns().window();
    float[] table =
        ContinuousPositionBias.table(
            w.in("cpb_mlp"), windows.rows(), windows.columns(), heads, trainedHeight, trainedWidth);
    this.qkv =
        new WindowProjection(w.in("qkv"), dim, qkvBias ? bias(w, dim) : Affine.none(), windows);
    this.scales = w.tensor("logit_scale", heads, 1, 1).toArray();
    for (int head = 0; head < heads; head++) {
      scales[head] = (float) Math.min(LARGEST_SCALE, Math.exp(scales[head]));
    }
    this.windows = windows.attention(table, heads);
    this.proj = new Linear(w.in("proj"), dim, dim);
    this.dim = dim;
    this.heads = heads;
    WarmUp.expect(WarmUp.Call.HEAD_NORMS, Activation.IDENTITY);
    WarmUp.expect(WarmUp.Call.BIASED_ATTENTION, Activation.IDENTITY);
  }

  private static Affine bias(WeightScope w, int dim) {
    float[] bias = new float[3 * dim];
    w.tensor("q_bias", dim).read(0, bias, 0, dim);
    w.tensor("v_bias", dim).read(0, bias, 2 * dim, dim);
    return Affine.shift(bias);
  }

  /**
   * {@code y = proj(attention(qkv(x)))}
   *
   * @param x {@code [tokens, dim]}: the rows of the map, one after the other
   * @param y of x's shape
   */
  public void forward(Tensor x, Tensor y, Workspace ws) {
    Mark mark = ws.mark();
    Tensor heard = ws.tensor(x.rows(), dim);
    Tensor qkvs = qkv.forward(x, ws);
    AttentionKernels.normalizeHeads(qkvs, heads, scales, ws);
    AttentionKernels.windowAttention(qkvs, windows, heads, 1, heard, ws);
    proj.forward(heard, y, ws);
    ws.release(mark);
  }
}
