package ocellus.models.arch;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Window;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Conv2d.Spec;

/**
 * {@link InvertedResidual} whose expansion and depthwise convolution are one dense convolution: the
 * Fused-MBConv of Tan and Le 2021, "EfficientNetV2: Smaller Models and Faster Training", figure 2.
 * timm's {@code EdgeResidual}.
 */
final class FusedResidual implements BlockStack.Block {
  /**
   * @param kernel side of the window
   * @param expansion channels between the convolutions, relative to {@code base}
   * @param base what the expansion is relative to, before the width multiplier; 0 for the channels
   *     that come in
   * @param skips whether the input is added to an output of the same shape
   */
  record Form(int kernel, double expansion, int base, boolean skips) implements BlockForm {
    @Override
    public FusedResidual build(
        BlockStack.Geometry geometry, BlockStack.Style style, WeightScope w) {
      return new FusedResidual(this, geometry, style, w);
    }

    private int hidden(int in, ChannelWidth width) {
      return width.rounded((base == 0 ? in : width.scaled(base)) * expansion);
    }
  }

  private final Conv2d expand;
  private final Conv2d project;
  private final boolean skips;

  /** {@code conv_exp, bn1, conv_pwl, bn2} of the scope. */
  private FusedResidual(
      Form form, BlockStack.Geometry geometry, BlockStack.Style style, WeightScope w) {
    int in = geometry.in();
    int hidden = form.hidden(in, style.width());
    ConvNorm norm = style.convNorm();
    Spec window =
        Spec.of(in, hidden, form.kernel).stride(geometry.stride()).dilation(geometry.dilation());
    Spec linear = Spec.of(hidden, geometry.out(), 1);
    this.expand = norm.layer(window, w, "conv_exp", "bn1", style.activation());
    this.project = norm.layer(linear, w, "conv_pwl", "bn2", Activation.IDENTITY);
    this.skips = form.skips && geometry.keepsShape();
  }

  @Override
  public Tensor forward(Tensor x, Workspace ws) {
    Window window = expand.window(x.dim(0), x.dim(1));
    Tensor y = ws.tensor(window.outHeight(), window.outWidth(), project.outChannels());
    Mark mark = ws.mark();
    Tensor h = expand.forward(x, ws); // h = act(conv(x))  [H/s, W/s, tC]
    project.forward(h, skips ? x : null, y, ws); // y = conv1x1(h) (+ x)  [H/s, W/s, C']
    ws.release(mark);
    return y;
  }
}
