package ocellus.models.arch;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Window;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Conv2d.Spec;
import ocellus.engine.layers.SqueezeExcite;

/** {@link InvertedResidual} without expansion: the first block of a MobileNet. */
final class DepthwiseSeparable implements BlockStack.Block {
  private final Conv2d depthwise;
  private final SqueezeExcite squeeze; // null for none
  private final Conv2d project;
  private final boolean skips;

  /** {@code conv_dw, bn1, se, conv_pw, bn2} of the scope. */
  DepthwiseSeparable(
      BlockRow row, BlockStack.Geometry geometry, BlockStack.Style style, WeightScope w) {
    int in = geometry.in();
    ConvNorm layers = style.convNorm();
    Activation activation = row.activation() == null ? style.activation() : row.activation();
    Spec window =
        Spec.depthwise(in, row.kernel()).stride(geometry.stride()).dilation(geometry.dilation());
    this.depthwise = layers.layer(window, w, "conv_dw", "bn1", activation);
    this.squeeze = row.squeezes() ? style.squeeze().of(w.in("se"), in, activation) : null;
    this.project =
        layers.layer(Spec.of(in, geometry.out(), 1), w, "conv_pw", "bn2", Activation.IDENTITY);
    this.skips = row.skips() && geometry.keepsShape();
  }

  @Override
  public Tensor forward(Tensor x, Workspace ws) {
    Window window = depthwise.window(x.dim(0), x.dim(1));
    Tensor y = ws.tensor(window.outHeight(), window.outWidth(), project.outChannels());
    Mark mark = ws.mark();
    Tensor h = depthwise.forward(x, ws); // [H/s, W/s, C]  h = act(BN(depthwise(x)))
    if (squeeze != null) {
      squeeze.apply(h, ws); //                h = h gate(mean(h))
    }
    project.forward(h, skips ? x : null, y, ws); // [H/s, W/s, C'] y = BN(conv1x1(h)) (+ x)
    ws.release(mark);
    return y;
  }
}
