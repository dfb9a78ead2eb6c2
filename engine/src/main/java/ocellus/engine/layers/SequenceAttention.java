package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.AttentionKernels;
import ocellus.engine.kernels.WarmUp;

/**
 * Multi-head self-attention within each of some sequences, which may differ in length; Vaswani et
 * al. 2017, 3.2, scores scaled by 1 / sqrt(head width). The projections of all sequences are one
 * product. Immutable, thread-safe.
 */
public final class SequenceAttention {
  /** What a token attends to. */
  public enum Reach {
    /** All tokens of its sequence. */
    ALL,
    /** Itself and the tokens before it. */
    PAST
  }

  private final Linear qkv;
  private final Linear proj;
  private final int dim;
  private final int heads;
  private final Reach reach;
  private final float scale;

  /**
   * {@code qkv [3 dim, dim]} and {@code proj [dim, dim]} of the scope, with biases.
   *
   * @param layerScale factors of the result per channel, or null
   */
  public SequenceAttention(WeightScope w, int dim, int heads, Reach reach, float[] layerScale) {
    this.qkv = QkvProjection.joint(w, dim, true).pack();
    this.proj = SelfAttention.output(w, dim, true, layerScale);
    this.dim = dim;
    this.heads = heads;
    this.reach = reach;
    this.scale = (float) (1 / Math.sqrt((double) dim / heads));
    WarmUp.expect(
        reach == Reach.ALL ? WarmUp.Call.ATTENTION : WarmUp.Call.CAUSAL_ATTENTION,
        Activation.IDENTITY);
  }

  /**
   * {@code y = y + proj(attention(qkv(x)))}
   *
   * @param x {@code [sequences.rows(), dim]}
   */
  public void addTo(Tensor x, Sequences sequences, Tensor y, Workspace ws) {
    Mark mark = ws.mark();
    Tensor qkvs = ws.tensor(x.rows(), 3 * dim);
    Tensor heard = ws.tensor(x.rows(), dim);
    qkv.forward(x, qkvs, ws);
    for (int s = 0; s < sequences.count(); s++) {
      int row = sequences.start(s);
      int tokens = sequences.length(s);
      Tensor of = ws.view(qkvs, row * 3 * dim, tokens, 3 * dim);
      Tensor by = ws.view(heard, row * dim, tokens, dim);
      switch (reach) {
        case ALL -> AttentionKernels.attention(of, heads, scale, sequences.bias(s), by, ws);
        case PAST -> {
          if (sequences.bias(s) != null) {
            throw new IllegalArgumentException("causal attention takes no bias");
          }
          AttentionKernels.causalAttention(of, heads, scale, by, ws);
        }
      }
    }
    proj.addTo(heard, y, ws);
    ws.release(mark);
  }
}
