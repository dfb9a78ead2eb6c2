package ocellus.models.arch;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Conv2d.Spec;

/** A 1x1 convolution with batch norm and activation: the last block of a MobileNetV3. */
final class PointwiseBlock implements BlockStack.Block {
  private final Conv2d layer;

  /** {@code conv, bn1} of the scope. */
  PointwiseBlock(BlockStack.Geometry geometry, BlockStack.Style style, WeightScope w) {
    Spec spec = Spec.of(geometry.in(), geometry.out(), 1);
    this.layer = style.convNorm().layer(spec, w, "conv", "bn1", style.activation());
  }

  @Override
  public Tensor forward(Tensor x, Workspace ws) {
    return layer.forward(x, ws); // [H, W, C'] y = act(BN(conv1x1(x)))
  }
}
