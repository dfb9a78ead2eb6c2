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
      DepthwiseForm form, BlockStack.Geometry geometry, BlockStack.Style style, WeightScope w) {
    int in = geometry.in();
    Spec spec = Spec.of(in, geometry.out(), 1);
    Conv2d depthwise = form.depthwise(in, geometry, style, w, "bn1");
    SqueezeExcite squeeze = form.squeeze(in, in, style, w);
    Conv2d project = style.convNorm().layer(spec, w, "conv_pw", "bn2", Activation.IDENTITY);
    this.layers = new InvertedBottleneck(null, depthwise, squeeze, project);
    this.skips = form.skips() && geometry.keepsShape();
  }

  @Override
  public Tensor forward(Tensor x, Workspace ws) {
    return layers.forward(x, skips ? x : null, ws);
  }
}
