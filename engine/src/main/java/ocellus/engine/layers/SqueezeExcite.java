package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.KernelSet;
import ocellus.engine.kernels.Kernels;

/**
 * Squeeze-and-excitation, Hu et al. 2018: channels weighed by what a small network makes of their
 * means. Immutable, thread-safe.
 */
public final class SqueezeExcite {
  private final Linear reduce;
  private final Linear expand;

  /** {@code conv_reduce} and {@code conv_expand} of the scope, 1x1 with biases. */
  public SqueezeExcite(
      WeightScope w, int channels, int reduced, Activation activation, Activation gate) {
    WeightScope first = w.in("conv_reduce");
    WeightScope second = w.in("conv_expand");
    this.reduce = new Linear(first, channels, reduced, Affine.bias(first, reduced), activation);
    this.expand = new Linear(second, reduced, channels, Affine.bias(second, channels), gate);
  }

  /**
   * The factors, {@code gate(expand(activation(reduce(mean(x)))))}.
   *
   * @param x a map in blocks, see {@link KernelSet#bottleneck}
   * @return {@code [channels]}, from the workspace
   */
  Tensor gate(Tensor x, Workspace ws) {
    Tensor factors = ws.tensor(expand.outFeatures());
    Mark mark = ws.mark();
    Tensor squeezed = ws.tensor(reduce.outFeatures());
    Kernels.averageBlocks(x, factors, ws);
    reduce.forward(factors, squeezed, ws);
    expand.forward(squeezed, factors, ws);
    ws.release(mark);
    return factors;
  }
}
