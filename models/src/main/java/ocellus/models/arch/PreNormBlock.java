package ocellus.models.arch;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.layers.Branch;
import ocellus.engine.layers.Norm;
import ocellus.engine.layers.SelfAttention;

/** Pre-norm block, Dosovitskiy et al. 2020, eq. 2-3; layer scale is part of the branches. */
record PreNormBlock(Norm norm1, SelfAttention attention, Norm norm2, Branch mlp)
    implements TransformerBlock {
  @Override
  public void forward(Tensor x, int images, Workspace ws) {
    Mark mark = ws.mark();
    Tensor y = ws.like(x);
    norm1.forward(x, y, ws); // y = norm(x)
    attention.addTo(y, images, x, ws); // x = x + gamma1 MSA(y)
    norm2.forward(x, y, ws); // y = norm(x)
    mlp.addTo(y, x, ws); // x = x + gamma2 MLP(y)
    ws.release(mark);
  }
}
