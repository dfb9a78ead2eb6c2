package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.AttentionBias;
import ocellus.engine.kernels.AttentionKernels;
import ocellus.engine.kernels.WarmUp;

/**
 * Multi-head self-attention, Vaswani et al. 2017, 3.2; scores scaled by 1 / sqrt(head width).
 * Immutable, thread-safe.
 */
public final class SelfAttention {
  /**
   * What it is made of.
   *
   * @param qkv from dim to 3 dim
   * @param queryKeys null for nothing
   * @param bias added to the scores; null for none
   * @param norm of what was heard; null for none
   * @param proj from dim to dim
   */
  public record Parts(
      Linear qkv, QueryKeys queryKeys, AttentionBias bias, Norm norm, Linear proj) {}

  private final Parts parts;
  private final int dim;
  private final int heads;
  private final float scale;

  public SelfAttention(Parts parts, int heads) {
    this.parts = parts;
    this.dim = parts.proj.outFeatures();
    this.heads = heads;
    this.scale = (float) (1 / Math.sqrt((double) dim / heads));
    WarmUp.expect(
        parts.bias == null ? WarmUp.Call.ATTENTION : WarmUp.Call.BIASED_ATTENTION,
        Activation.IDENTITY);
  }

  /**
   * {@code qkv [3 dim, dim]} and {@code proj [dim, dim]} of the scope.
   *
   * @param qkvBias whether qkv has a bias
   * @param projBias whether proj has a bias
   * @param layerScale factors of the result per channel, or null
   */
  public SelfAttention(
      WeightScope w, int dim, int heads, boolean qkvBias, boolean projBias, float[] layerScale) {
    Linear qkv = QkvProjection.joint(w, dim, qkvBias).pack();
    this(new Parts(qkv, null, null, null, output(w, dim, projBias, layerScale)), heads);
  }

  /**
   * The last map, {@code proj} of the scope.
   *
   * @param layerScale factors of the result per channel, or null
   */
  public static Linear output(WeightScope w, int dim, boolean bias, float[] layerScale) {
    WeightScope proj = w.in("proj");
    Affine out = bias ? Affine.bias(proj, dim) : Affine.none();
    return new Linear(
        proj, dim, dim, layerScale == null ? out : out.then(layerScale), Activation.IDENTITY);
  }

  /**
   * {@code y = y + proj(attention(qkv(x)))}
   *
   * @param x {@code [sequences * tokens, dim]}: sequences of equal length, each of which attends to
   *     itself
   */
  public void addTo(Tensor x, int sequences, Tensor y, Workspace ws) {
    Mark mark = ws.mark();
    int tokens = x.rows() / sequences;
    Tensor qkvs = ws.tensor(x.rows(), 3 * dim);
    Tensor heard = ws.tensor(x.rows(), dim);
    parts.qkv.forward(x, qkvs, ws);
    for (int s = 0; s < sequences; s++) {
      int row = s * tokens;
      Tensor of = ws.view(qkvs, row * 3 * dim, tokens, 3 * dim);
      if (parts.queryKeys != null) {
        parts.queryKeys.forward(of, ws);
      }
      Tensor by = ws.view(heard, row * dim, tokens, dim);
      AttentionKernels.attention(of, heads, scale, parts.bias, by, ws);
    }
    if (parts.norm != null) {
      parts.norm.forward(heard, heard, ws);
    }
    parts.proj.addTo(heard, y, ws);
    ws.release(mark);
  }
}
