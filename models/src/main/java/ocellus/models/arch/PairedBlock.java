package ocellus.models.arch;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.layers.Branch;
import ocellus.engine.layers.Norm;
import ocellus.engine.layers.SelfAttention;

/**
 * Block with two attentions side by side and then two MLPs, "Three things everyone should know
 * about Vision Transformers", Touvron et al. 2022, 3.
 */
record PairedBlock(Attention attention1, Attention attention2, Feed feed1, Feed feed2)
    implements TransformerBlock {
  /** A branch of attention. */
  record Attention(Norm norm, SelfAttention attention) {}

  /** A branch with an MLP. */
  record Feed(Norm norm, Branch mlp) {}

  @Override
  public void forward(Tensor x, int images, Workspace ws) {
    Mark mark = ws.mark();
    Tensor y1 = ws.like(x);
    Tensor y2 = ws.like(x);
    attention1.norm.forward(x, y1, ws);
    attention2.norm.forward(x, y2, ws);
    attention1.attention.addTo(y1, images, x, ws); // x = x + MSA1(norm1(x)) + MSA2(norm2(x))
    attention2.attention.addTo(y2, images, x, ws);
    feed1.norm.forward(x, y1, ws);
    feed2.norm.forward(x, y2, ws);
    feed1.mlp.addTo(y1, x, ws); // x = x + MLP1(norm1(x)) + MLP2(norm2(x))
    feed2.mlp.addTo(y2, x, ws);
    ws.release(mark);
  }
}
