package ocellus.models.arch;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Conv2d.Spec;
import ocellus.engine.layers.InvertedBottleneck;
import ocellus.engine.layers.SqueezeExcite;

/**
 * Inverted residual with linear bottleneck, Sandler et al. 2018, table 1, with
 * squeeze-and-excitation on the expanded channels as in Howard et al. 2019, figure 4. The MBConv of
 * EfficientNet.
 */
final class InvertedResidual implements BlockStack.Block {
  private final InvertedBottleneck layers;
  private final boolean skips;

  /** {@code conv_pw, bn1, conv_dw, bn2, se, conv_pwl, bn3} of the scope. */
  InvertedResidual(
      DepthwiseForm form, BlockStack.Geometry geometry, BlockStack.Style style, WeightScope w) {
    int in = geometry.in();
    int out = geometry.out();
    int hidden = form.hidden(in, style.width());
    ConvNorm norm = style.convNorm();
    Activation activation = form.activation(style);
    Conv2d expand = norm.layer(Spec.of(in, hidden, 1), w, "conv_pw", "bn1", activation);
    Conv2d depthwise = form.depthwise(hidden, geometry, style, w, "bn2");
    SqueezeExcite squeeze = form.squeeze(in, hidden, style, w);
    Conv2d project = norm.layer(Spec.of(hidden, out, 1), w, "conv_pwl", "bn3", Activation.IDENTITY);
    this.layers = new InvertedBottleneck(expand, depthwise, squeeze, project);
    this.skips = form.skips() && geometry.keepsShape();
  }

  @Override
  public Tensor forward(Tensor x, Workspace ws) {
    return layers.forward(x, skips ? x : null, ws);
  }
}
