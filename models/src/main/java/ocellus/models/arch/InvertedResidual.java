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

/**
 * Inverted residual with linear bottleneck, Sandler et al. 2018, table 1, with
 * squeeze-and-excitation on the expanded channels as in Howard et al. 2019, figure 4.
 */
final class InvertedResidual implements BlockStack.Block {
  private final Conv2d expand;
  private final Conv2d depthwise;
  private final SqueezeExcite squeeze; // null for none
  private final Conv2d project;
  private final boolean skips;

  /** {@code conv_pw, bn1, conv_dw, bn2, se, conv_pwl, bn3} of the scope. */
  InvertedResidual(
      BlockRow row, BlockStack.Geometry geometry, BlockStack.Style style, WeightScope w) {
    int in = geometry.in();
    int out = geometry.out();
    int hidden = row.hidden(in, style.width());
    ConvNorm layers = style.convNorm();
    Activation activation = row.activation() == null ? style.activation() : row.activation();
    Spec window =
        Spec.depthwise(hidden, row.kernel())
            .stride(geometry.stride())
            .dilation(geometry.dilation());
    this.expand = layers.layer(Spec.of(in, hidden, 1), w, "conv_pw", "bn1", activation);
    this.depthwise = layers.layer(window, w, "conv_dw", "bn2", activation);
    this.squeeze = row.squeezes() ? style.squeeze().of(w.in("se"), hidden, activation) : null;
    this.project = layers.layer(Spec.of(hidden, out, 1), w, "conv_pwl", "bn3", Activation.IDENTITY);
    this.skips = row.skips() && geometry.keepsShape();
  }

  @Override
  public Tensor forward(Tensor x, Workspace ws) {
    Window window = depthwise.window(x.dim(0), x.dim(1));
    Tensor y = ws.tensor(window.outHeight(), window.outWidth(), project.outChannels());
    Mark mark = ws.mark();
    Tensor h = expand.forward(x, ws); // [H, W, tC]     h = act(BN(conv1x1(x)))
    h = depthwise.forward(h, ws); // [H/s, W/s, tC] h = act(BN(depthwise(h)))
    if (squeeze != null) {
      squeeze.apply(h, ws); //                h = h gate(mean(h))
    }
    project.forward(h, skips ? x : null, y, ws); // [H/s, W/s, C'] y = BN(conv1x1(h)) (+ x)
    ws.release(mark);
    return y;
  }
}
