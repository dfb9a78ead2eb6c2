package ocellus.models.arch;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Conv2d.Spec;

/**
 * A dense convolution with batch norm and activation, and perhaps its input added to that: the last
 * block of a MobileNetV3, the first ones of an EfficientNetV2. timm's {@code ConvBnAct}.
 */
final class ConvolutionBlock implements BlockStack.Block {
  /**
   * @param kernel side of the window
   * @param skips whether the input is added to an output of the same shape
   */
  record Form(int kernel, boolean skips) implements BlockForm {
    @Override
    public ConvolutionBlock build(
        BlockStack.Geometry geometry, BlockStack.Style style, WeightScope w) {
      return new ConvolutionBlock(this, geometry, style, w);
    }
  }

  private final Conv2d layer;
  private final boolean skips;

  /** {@code conv, bn1} of the scope. */
  private ConvolutionBlock(
      Form form, BlockStack.Geometry geometry, BlockStack.Style style, WeightScope w) {
    Spec spec =
        Spec.of(geometry.in(), geometry.out(), form.kernel)
            .stride(geometry.stride())
            .dilation(geometry.dilation());
    this.layer = style.convNorm().layer(spec, w, "conv", "bn1", style.activation());
    this.skips = form.skips && geometry.keepsShape();
  }

  @Override
  public Tensor forward(Tensor x, Workspace ws) {
    Tensor y = layer.forward(x, ws); // y = act(BN(conv(x)))  [H/s, W/s, C']
    if (skips) {
      Kernels.add(y, x, ws); // y = y + x
    }
    return y;
  }
}
