package ocellus.models.arch;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.layers.Branch;
import ocellus.engine.layers.Norm;
import ocellus.engine.layers.SelfAttention;

/**
 * Block whose attention and MLP see the same tokens, "Scaling Vision Transformers to 22 Billion
 * Parameters", Dehghani et al. 2023, 2.
 */
record ParallelBlock(Norm norm, SelfAttention attention, Branch mlp) implements TransformerBlock {
  @Override
  public void forward(Tensor x, int images, Workspace ws) {
    Mark mark = ws.mark();
    Tensor y = ws.like(x);
    norm.forward(x, y, ws); // y = norm(x)
    attention.addTo(y, images, x, ws); // x = x + gamma MSA(y)
    mlp.addTo(y, x, ws); // x = x + gamma MLP(y)
    ws.release(mark);
  }
}
