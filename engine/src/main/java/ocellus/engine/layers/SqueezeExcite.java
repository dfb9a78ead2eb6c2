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
public final class SqueezeExcite implements ChannelGate {
  private final Linear reduce;
  private final Linear expand;

  /** {@code conv_reduce} and {@code conv_expand} of the scope, 1x1 with biases. */
  public SqueezeExcite(
      WeightScope w, int channels, int reduced, Activation activation, Activation gate) {
    this(w.in("conv_reduce"), w.in("conv_expand"), channels, reduced, activation, gate);
  }

  /**
   * @param first the scope of the 1x1 convolution that reduces, with bias
   * @param second that of the one that expands
   */
  public SqueezeExcite(
      WeightScope first,
      WeightScope second,
      int channels,
      int reduced,
      Activation activation,
      Activation gate) {
    this.reduce = new Linear(first, channels, reduced, Affine.bias(first, reduced), activation);
    this.expand = new Linear(second, reduced, channels, Affine.bias(second, channels), gate);
  }

  /** {@code gate(expand(activation(reduce(mean(x)))))}. */
  @Override
  public Tensor factors(Tensor x, Workspace ws) {
    Tensor factors = ws.tensor(expand.outFeatures());
    Kernels.averageRows(x, factors, ws);
    excite(factors, ws);
    return factors;
  }

  /**
   * As {@link #factors}.
   *
   * @param x a map in blocks, see {@link KernelSet#bottleneck}
   */
  Tensor gate(Tensor x, Workspace ws) {
    Tensor factors = ws.tensor(expand.outFeatures());
    Kernels.averageBlocks(x, factors, ws);
    excite(factors, ws);
    return factors;
  }

  /** From means to factors, in place. */
  private void excite(Tensor means, Workspace ws) {
    Mark mark = ws.mark();
    Tensor squeezed = ws.tensor(reduce.outFeatures());
    reduce.forward(means, squeezed, ws);
    expand.forward(squeezed, means, ws);
    ws.release(mark);
  }
}
