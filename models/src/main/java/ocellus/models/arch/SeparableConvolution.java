package ocellus.models.arch;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Conv2d.Spec;
import ocellus.engine.layers.InvertedBottleneck;
import ocellus.engine.layers.SqueezeExcite;

/**
 * Depthwise separable convolution, Howard et al. 2017, figure 3: a depthwise and a pointwise
 * convolution, both with batch norm and activation. Other than {@link DepthwiseSeparable} it is not
 * linear in the end, and its input is never added.
 */
final class SeparableConvolution implements BlockStack.Block {
  /**
   * @param kernel side of the depthwise window
   * @param squeezes whether squeeze-and-excitation follows the depthwise convolution
   */
  record Form(int kernel, boolean squeezes) implements BlockForm {
    @Override
    public SeparableConvolution build(
        BlockStack.Geometry geometry, BlockStack.Style style, WeightScope w) {
      return new SeparableConvolution(this, geometry, style, w);
    }
  }

  private final InvertedBottleneck layers;

  /** {@code conv_dw, bn1, se, conv_pw, bn2} of the scope. */
  private SeparableConvolution(
      Form form, BlockStack.Geometry geometry, BlockStack.Style style, WeightScope w) {
    ConvNorm norm = style.convNorm();
    Spec window =
        Spec.depthwise(geometry.in(), form.kernel)
            .stride(geometry.stride())
            .dilation(geometry.dilation());
    Spec pointwise = Spec.of(geometry.in(), geometry.out(), 1);
    Conv2d depthwise = norm.layer(window, w, "conv_dw", "bn1", style.activation());
    SqueezeExcite squeeze =
        form.squeezes
            ? style.squeeze().layer(w.in("se"), geometry.in(), geometry.in(), style.activation())
            : null;
    Conv2d project = norm.layer(pointwise, w, "conv_pw", "bn2", style.activation());
    this.layers = new InvertedBottleneck(null, depthwise, squeeze, project);
  }

  @Override
  public Tensor forward(Tensor x, Workspace ws) {
    return layers.forward(x, null, ws); // [H/s, W/s, C']
  }
}
