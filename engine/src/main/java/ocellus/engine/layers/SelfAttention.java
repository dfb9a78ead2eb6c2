package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.WarmUp;

/**
 * Multi-head self-attention, Vaswani et al. 2017, 3.2; scores scaled by 1 / sqrt(head width).
 * Immutable, thread-safe.
 */
public final class SelfAttention {
  private final Linear qkv;
  private final Linear proj;
  private final int dim;
  private final int heads;
  private final float scale;

  /**
   * {@code qkv [3 dim, dim]} and {@code proj [dim, dim]} of the scope.
   *
   * @param qkvBias whether qkv has a bias
   * @param projBias whether proj has a bias
   * @param layerScale factors of the result per channel, or null
   */
  public SelfAttention(
      WeightScope w, int dim, int heads, boolean qkvBias, boolean projBias, float[] layerScale) {
    WeightScope qkvScope = w.in("qkv");
    this.qkv =
        new Linear(
            qkvScope,
            dim,
            3 * dim,
            qkvBias ? Affine.bias(qkvScope, 3 * dim) : Affine.none(),
            Activation.IDENTITY);
    Affine out = projBias ? Affine.bias(w.in("proj"), dim) : Affine.none();
    this.proj =
        new Linear(
            w.in("proj"),
            dim,
            dim,
            layerScale == null ? out : out.then(layerScale),
            Activation.IDENTITY);
    this.dim = dim;
    WarmUp.expect(WarmUp.Call.ATTENTION, Activation.IDENTITY);
    this.heads = heads;
    this.scale = (float) (1 / Math.sqrt((double) dim / heads));
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
    qkv.forward(x, qkvs, ws);
    for (int s = 0; s < sequences; s++) {
      int row = s * tokens;
      Tensor of = ws.view(qkvs, row * 3 * dim, tokens, 3 * dim);
      Kernels.attention(of, heads, scale, ws.view(heard, row * dim, tokens, dim), ws);
    }
    proj.addTo(heard, y, ws);
    ws.release(mark);
  }
}
