package ocellus.models.arch;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Conv2d.Spec;
import ocellus.engine.layers.InvertedBottleneck;
import ocellus.engine.layers.SqueezeExcite;

/** {@link InvertedResidual} without expansion: the first block of a MobileNet. */
final class DepthwiseSeparable implements BlockStack.Block {
  private final InvertedBottleneck layers;
  private final boolean skips;

  /** {@code conv_dw, bn1, se, conv_pw, bn2} of the scope. */
  DepthwiseSeparable(
      BlockRow row, BlockStack.Geometry geometry, BlockStack.Style style, WeightScope w) {
    int in = geometry.in();
    ConvNorm norm = style.convNorm();
    Activation activation = row.activation() == null ? style.activation() : row.activation();
    Spec window =
        Spec.depthwise(in, row.kernel()).stride(geometry.stride()).dilation(geometry.dilation());
    Conv2d depthwise = norm.layer(window, w, "conv_dw", "bn1", activation);
    SqueezeExcite squeeze = row.squeezes() ? style.squeeze().of(w.in("se"), in, activation) : null;
    Conv2d project =
        norm.layer(Spec.of(in, geometry.out(), 1), w, "conv_pw", "bn2", Activation.IDENTITY);
    this.layers = new InvertedBottleneck(null, depthwise, squeeze, project);
    this.skips = row.skips() && geometry.keepsShape();
  }

  @Override
  public Tensor forward(Tensor x, Workspace ws) {
    return layers.forward(x, skips, ws);
  }
}
