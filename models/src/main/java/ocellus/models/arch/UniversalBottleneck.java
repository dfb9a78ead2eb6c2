package ocellus.models.arch;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.layers.Affine;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Conv2d.Spec;
import ocellus.engine.layers.InvertedBottleneck;

/**
 * Universal inverted bottleneck, Qin et al. 2024, figure 4: an inverted bottleneck with a depthwise
 * convolution before the expansion, between expansion and projection, both, or none. timm's {@code
 * UniversalInvertedResidual}.
 */
final class UniversalBottleneck implements BlockStack.Block {
  /** What is between expansion and projection, both included. */
  private sealed interface Core {
    Tensor forward(Tensor x, Tensor residual, Workspace ws);
  }

  /** With the depthwise convolution, which takes the stride. */
  private record Depthwise(InvertedBottleneck layers) implements Core {
    @Override
    public Tensor forward(Tensor x, Tensor residual, Workspace ws) {
      return layers.forward(x, residual, ws);
    }
  }

  /** Without: two products. */
  private record FeedForward(Conv2d expand, Conv2d project) implements Core {
    @Override
    public Tensor forward(Tensor x, Tensor residual, Workspace ws) {
      Tensor y = ws.tensor(x.dim(0), x.dim(1), project.outChannels());
      Mark mark = ws.mark();
      Tensor h = expand.forward(x, ws); // h = act(conv1x1(x))  [H, W, tC]
      project.forward(h, residual, y, ws); // y = conv1x1(h) (+ residual)  [H, W, C']
      ws.release(mark);
      return y;
    }
  }

  /**
   * @param start side of the first depthwise window, 0 for none
   * @param middle side of the second one, 0 for none
   * @param expansion channels of the second one, relative to those that come in
   * @param layerScale whether what is added to the input is multiplied with a factor a channel
   */
  record Form(int start, int middle, double expansion, boolean layerScale) implements BlockForm {
    @Override
    public UniversalBottleneck build(
        BlockStack.Geometry geometry, BlockStack.Style style, WeightScope w) {
      return new UniversalBottleneck(this, geometry, style, w);
    }
  }

  private final Conv2d start; // null for none
  private final Core core;
  private final boolean skips;

  /** {@code dw_start, pw_exp, dw_mid, pw_proj, layer_scale} of the scope. */
  private UniversalBottleneck(
      Form form, BlockStack.Geometry geometry, BlockStack.Style style, WeightScope w) {
    int in = geometry.in();
    int out = geometry.out();
    int hidden = style.width().rounded(in * form.expansion);
    int startStride = form.middle == 0 ? geometry.stride() : 1;
    ConvNorm norm = style.convNorm();
    Activation activation = style.activation();
    this.start =
        form.start == 0
            ? null
            : norm.layer(
                Spec.depthwise(in, form.start).stride(startStride),
                w.in("dw_start"),
                "conv",
                "bn",
                Activation.IDENTITY);
    Conv2d expand = norm.layer(Spec.of(in, hidden, 1), w.in("pw_exp"), "conv", "bn", activation);
    Conv2d depthwise =
        form.middle == 0
            ? null
            : norm.layer(
                Spec.depthwise(hidden, form.middle).stride(geometry.stride()),
                w.in("dw_mid"),
                "conv",
                "bn",
                activation);
    WeightScope last = w.in("pw_proj");
    Affine affine = norm.affine(last.in("bn"), out);
    if (form.layerScale) {
      affine = affine.then(w.in("layer_scale").tensor("gamma", out).toArray());
    }
    Conv2d project =
        new Conv2d(Spec.of(hidden, out, 1), last.in("conv"), affine, Activation.IDENTITY);
    this.core =
        depthwise == null
            ? new FeedForward(expand, project)
            : new Depthwise(new InvertedBottleneck(expand, depthwise, null, project));
    this.skips = geometry.keepsShape();
  }

  @Override
  public Tensor forward(Tensor x, Workspace ws) {
    // y = core(depthwise(x)) (+ x)  [H/s, W/s, C']
    Tensor h = start == null ? x : start.forward(x, ws);
    return core.forward(h, skips ? x : null, ws);
  }
}
