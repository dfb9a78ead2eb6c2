package ocellus.models.arch;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.layers.Affine;
import ocellus.engine.layers.LayerNorm;
import ocellus.engine.layers.Linear;
import ocellus.engine.layers.Mlp;
import ocellus.engine.layers.PatchMerge;
import ocellus.engine.layers.ShiftedWindows;
import ocellus.engine.layers.WindowAttention;

/** The layers of Swin Transformer, Liu et al. 2021. Immutable, thread-safe. */
final class SwinV1 implements Swin.Version {
  @Override
  public Swin.Block block(
      Swin.Config config, Swin.Stage stage, ShiftedWindows windows, WeightScope w) {
    return new PreNormBlock(config, stage, windows, w);
  }

  @Override
  public Swin.Merging merging(Swin.Config config, int in, int out, WeightScope w) {
    return new NormedMerging(config, in, out, w);
  }

  /** Section 3.2, equation 3. */
  private static final class PreNormBlock implements Swin.Block {
    private final LayerNorm norm1;
    private final WindowAttention attention;
    private final LayerNorm norm2;
    private final Mlp mlp;

    PreNormBlock(Swin.Config config, Swin.Stage stage, ShiftedWindows windows, WeightScope w) {
      int dim = stage.dim();
      this.norm1 = new LayerNorm(w.in("norm1"), dim, config.epsilon());
      this.attention =
          new WindowAttention(w.in("attn"), dim, stage.heads(), config.qkvBias(), windows);
      this.norm2 = new LayerNorm(w.in("norm2"), dim, config.epsilon());
      this.mlp = new Mlp(w.in("mlp"), dim, stage.hidden(), config.activation(), null);
    }

    @Override
    public void forward(Tensor x, Workspace ws) {
      Mark mark = ws.mark();
      Tensor y = ws.like(x);
      norm1.forward(x, y, ws); // y = LN(x)
      attention.addTo(y, x, ws); // x = x + W-MSA(y) or SW-MSA(y)
      norm2.forward(x, y, ws); // y = LN(x)
      mlp.addTo(y, x, ws); // x = x + MLP(y)
      ws.release(mark);
    }
  }

  /** Section 3.1; the norm is that of the four tokens together. */
  private static final class NormedMerging implements Swin.Merging {
    private final LayerNorm norm;
    private final Linear reduction;

    NormedMerging(Swin.Config config, int in, int out, WeightScope w) {
      this.norm = new LayerNorm(w.in("norm"), 4 * in, config.embedEpsilon());
      this.reduction =
          new Linear(w.in("reduction"), 4 * in, out, Affine.none(), Activation.IDENTITY);
    }

    @Override
    public Tensor forward(Tensor x, Workspace ws) {
      Tensor y =
          ws.tensor(Math.ceilDiv(x.dim(0), 2), Math.ceilDiv(x.dim(1), 2), reduction.outFeatures());
      Mark mark = ws.mark();
      Tensor merged = PatchMerge.of(x, ws); // [h / 2, w / 2, 4 in]
      norm.forward(merged, merged, ws); // m = LN(m)
      reduction.forward(merged, y, ws); // y = m W^T  [h / 2, w / 2, out]
      ws.release(mark);
      return y;
    }
  }
}
