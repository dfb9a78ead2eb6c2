package ocellus.models.arch;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.layers.LayerNorm;
import ocellus.engine.layers.Mlp;
import ocellus.engine.layers.SequenceAttention;
import ocellus.engine.layers.Sequences;

/** Pre-norm block of a text tower: {@link PreNormBlock} over texts of any lengths. */
final class TextBlock {
  private final LayerNorm norm1;
  private final SequenceAttention attention;
  private final LayerNorm norm2;
  private final Mlp mlp;

  /** {@code norm1}, {@code attn}, {@code norm2} and {@code mlp} of the scope, in timm's names. */
  TextBlock(TextTransformer.Config c, WeightScope w) {
    norm1 = new LayerNorm(w.in("norm1"), c.dim(), c.epsilon());
    attention = new SequenceAttention(w.in("attn"), c.dim(), c.heads(), c.reach(), null);
    norm2 = new LayerNorm(w.in("norm2"), c.dim(), c.epsilon());
    mlp = new Mlp(w.in("mlp"), c.dim(), c.hidden(), c.activation(), null);
  }

  /**
   * @param x {@code [texts.rows(), dim]}, updated in place
   */
  void forward(Tensor x, Sequences texts, Workspace ws) {
    Mark mark = ws.mark();
    Tensor y = ws.like(x);
    norm1.forward(x, y, ws); // y = norm(x)
    attention.addTo(y, texts, x, ws); // x = x + MSA(y)
    norm2.forward(x, y, ws); // y = norm(x)
    mlp.addTo(y, x, ws); // x = x + MLP(y)
    ws.release(mark);
  }
}
