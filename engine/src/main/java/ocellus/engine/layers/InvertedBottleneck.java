package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Expansion;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.WarmUp;
import ocellus.engine.kernels.Window;

/**
 * Inverted bottleneck, Sandler et al. 2018, table 1: expansion, depthwise convolution, projection,
 * with squeeze-and-excitation on the expanded channels as in Howard et al. 2019, figure 4. The
 * expanded map is never stored as a whole. Immutable, thread-safe.
 */
public final class InvertedBottleneck {
  private final Expansion expansion; // null for none
  private final Conv2d depthwise;
  private final SqueezeExcite squeeze; // null for none
  private final Conv2d project;
  private final boolean linear; // whether the projection is without activation

  /**
   * @param expand pointwise, or null where the depthwise convolution is the first layer
   * @param squeeze null for none
   * @param project pointwise
   */
  public InvertedBottleneck(
      Conv2d expand, Conv2d depthwise, SqueezeExcite squeeze, Conv2d project) {
    WarmUp.expect(WarmUp.Call.BOTTLENECK, depthwise.activation());
    this.expansion = expand == null ? null : expand.expansion();
    this.depthwise = depthwise;
    this.squeeze = squeeze;
    this.project = project;
    this.linear = project.activation() == Activation.IDENTITY;
  }

  /**
   * @param x {@code [height, width, in]}
   * @param residual what is added to the result, of its shape; null for nothing
   * @return {@code [outHeight, outWidth, out]}, from the workspace
   */
  public Tensor forward(Tensor x, Tensor residual, Workspace ws) {
    Window window = depthwise.window(x.dim(0), x.dim(1));
    Tensor y = ws.tensor(window.outHeight(), window.outWidth(), project.outChannels());
    if (linear && squeeze == null) {
      // y = conv1x1(act(depthwise(act(conv1x1(x))))) (+ residual)  [H/s, W/s, C]
      depthwise.invertedBottleneck(x, expansion, project, residual, y, ws);
      return y;
    }
    Mark mark = ws.mark();
    Tensor h = Kernels.blocks(window.outPixels(), depthwise.outChannels(), ws);
    // h = act(depthwise(act(conv1x1(x))))  [H/s, W/s, tC]
    depthwise.bottleneck(x, expansion, h, ws);
    // g = gate(mean(h))  [tC]
    Tensor gate = squeeze == null ? null : squeeze.gate(h, ws);
    // y = act(conv1x1(h g) (+ residual))  [H/s, W/s, C]
    project.forwardBlocks(h, gate, residual, y, ws);
    ws.release(mark);
    return y;
  }
}
