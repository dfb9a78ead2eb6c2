package ocellus.models.arch;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.layers.Affine;
import ocellus.engine.layers.CosineWindowAttention;
import ocellus.engine.layers.LayerNorm;
import ocellus.engine.layers.Linear;
import ocellus.engine.layers.Mlp;
import ocellus.engine.layers.PatchMerge;
import ocellus.engine.layers.ShiftedWindows;

/** The layers of Swin Transformer V2, Liu et al. 2022. Immutable, thread-safe. */
final class SwinV2 implements Swin.Version {
  @Override
  public Swin.Block block(
      Swin.Config config, Swin.Stage stage, ShiftedWindows windows, WeightScope w) {
    return new PostNormBlock(config, stage, windows, w);
  }

  @Override
  public Swin.Merging merging(Swin.Config config, int in, int out, WeightScope w) {
    return new NormedReduction(config, in, out, w);
  }

  /** Section 3.2, "residual post normalization". */
  private static final class PostNormBlock implements Swin.Block {
    private final CosineWindowAttention attention;
    private final LayerNorm norm1;
    private final Mlp mlp;
    private final LayerNorm norm2;

    PostNormBlock(Swin.Config config, Swin.Stage stage, ShiftedWindows windows, WeightScope w) {
      int dim = stage.dim();
      this.attention =
          new CosineWindowAttention(
              w.in("attn"), dim, stage.heads(), config.qkvBias(), windows, stage.trainedWindow());
      this.norm1 = new LayerNorm(w.in("norm1"), dim, config.epsilon());
      this.mlp = new Mlp(w.in("mlp"), dim, stage.hidden(), config.activation(), null);
      this.norm2 = new LayerNorm(w.in("norm2"), dim, config.epsilon());
    }

    @Override
    public void forward(Tensor x, Workspace ws) {
      Mark mark = ws.mark();
      Tensor y = ws.like(x);
      attention.forward(x, y, ws); // y = W-MSA(x) or SW-MSA(x)
      norm1.forward(y, y, ws);
      Kernels.add(x, y, ws); // x = x + LN(y)
      mlp.forward(x, y, ws); // y = MLP(x)
      norm2.forward(y, y, ws);
      Kernels.add(x, y, ws); // x = x + LN(y)
      ws.release(mark);
    }
  }

  /** Patch merging, with the norm behind it. */
  private static final class NormedReduction implements Swin.Merging {
    private final Linear reduction;
    private final LayerNorm norm;

    NormedReduction(Swin.Config config, int in, int out, WeightScope w) {
      this.reduction =
          new Linear(w.in("reduction"), 4 * in, out, Affine.none(), Activation.IDENTITY);
      this.norm = new LayerNorm(w.in("norm"), out, config.embedEpsilon());
    }

    @Override
    public Tensor forward(Tensor x, Workspace ws) {
      Tensor y =
          ws.tensor(Math.ceilDiv(x.dim(0), 2), Math.ceilDiv(x.dim(1), 2), reduction.outFeatures());
      Mark mark = ws.mark();
      Tensor merged = PatchMerge.of(x, ws); // [h / 2, w / 2, 4 in]
      reduction.forward(merged, y, ws); // y = m W^T  [h / 2, w / 2, out]
      norm.forward(y, y, ws); // y = LN(y)
      ws.release(mark);
      return y;
    }
  }
}
