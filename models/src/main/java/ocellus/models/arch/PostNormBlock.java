package ocellus.models.arch;

import java.util.Arrays;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.layers.Branch;
import ocellus.engine.layers.Norm;
import ocellus.engine.layers.SelfAttention;

/** Block whose branches end with a norm, Liu et al. 2021, "Swin Transformer V2", 3.2. */
record PostNormBlock(SelfAttention attention, Norm norm1, Branch mlp, Norm norm2)
    implements TransformerBlock {
  @Override
  public void forward(Tensor x, int images, Workspace ws) {
    Mark mark = ws.mark();
    Tensor y = ws.like(x);
    clear(y);
    attention.addTo(x, images, y, ws); // y = MSA(x)
    norm1.forward(y, y, ws);
    Kernels.add(x, y, ws); // x = x + norm(y)
    clear(y);
    mlp.addTo(x, y, ws); // y = MLP(x)
    norm2.forward(y, y, ws);
    Kernels.add(x, y, ws); // x = x + norm(y)
    ws.release(mark);
  }

  private static void clear(Tensor y) {
    Arrays.fill(y.data(), y.offset(), y.offset() + y.size(), 0f);
  }
}
