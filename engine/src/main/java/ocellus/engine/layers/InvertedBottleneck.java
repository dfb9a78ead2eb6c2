package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
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
  }

  /**
   * @param x {@code [height, width, in]}
   * @param skips whether x is added to the result, which is of its shape
   * @return {@code [outHeight, outWidth, out]}, from the workspace
   */
  public Tensor forward(Tensor x, boolean skips, Workspace ws) {
    Window window = depthwise.window(x.dim(0), x.dim(1));
    Tensor y = ws.tensor(window.outHeight(), window.outWidth(), project.outChannels());
    Tensor residual = skips ? x : null;
    if (squeeze == null) {
      // y = conv1x1(act(depthwise(act(conv1x1(x))))) (+ x)  [H/s, W/s, C]
      depthwise.invertedBottleneck(x, expansion, project, residual, y, ws);
      return y;
    }
    Mark mark = ws.mark();
    Tensor h = Kernels.blocks(window.outPixels(), depthwise.outChannels(), ws);
    depthwise.bottleneck(
        x, expansion, h, ws); // h = act(depthwise(act(conv1x1(x))))  [H/s, W/s, tC]
    Tensor gate = squeeze.gate(h, ws); // g = gate(mean(h))   [tC]
    project.forwardBlocks(h, gate, residual, y, ws); // y = conv1x1(h g) (+ x) [H/s, W/s, C]
    ws.release(mark);
    return y;
  }
}
