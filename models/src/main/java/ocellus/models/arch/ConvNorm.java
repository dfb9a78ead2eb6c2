package ocellus.models.arch;

import java.util.function.Predicate;
import ocellus.engine.WeightScope;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Window.Padding;
import ocellus.engine.layers.Affine;
import ocellus.engine.layers.Conv2d;

/**
 * What all convolutions of a network have in common: how they are padded, and the batch norm that
 * follows each.
 *
 * @param same whether strided convolutions are padded as TensorFlow's {@code SAME} does, the odd
 *     pixel below and to the right; else by the same on all sides, as in PyTorch
 * @param epsilon added to the variances
 */
record ConvNorm(boolean same, double epsilon) {
  /** PyTorch's defaults. */
  static final ConvNorm PYTORCH = new ConvNorm(false, 1e-5);

  /** Google's, for weights that were trained in TensorFlow. */
  static final ConvNorm TENSORFLOW = new ConvNorm(true, 1e-3);

  /** The counters of batches that PyTorch saves with each batch norm; they matter in training. */
  static final Predicate<String> COUNTERS = name -> name.endsWith(".num_batches_tracked");

  private static final double MAX_EPSILON = 1;

  /** With timm's {@code pad_type} and {@code bn_eps} where they are given. */
  ConvNorm with(TimmArguments args) {
    String padding = args.string("pad_type", same ? "same" : "");
    if (!padding.isEmpty() && !padding.equals("same")) {
      throw args.invalid("pad_type", padding, "same or an empty string");
    }
    return new ConvNorm(!padding.isEmpty(), args.positive("bn_eps", epsilon, MAX_EPSILON));
  }

  /**
   * A convolution, its batch norm and an activation, as one layer. Sets the padding of {@code
   * spec}.
   */
  Conv2d layer(
      Conv2d.Spec spec, WeightScope w, String convolution, String norm, Activation activation) {
    Affine batchNorm = Affine.batchNorm(w.in(norm), spec.out(), epsilon);
    return new Conv2d(spec.padding(padding(spec)), w.in(convolution), batchNorm, activation);
  }

  private Padding padding(Conv2d.Spec spec) {
    int reach = spec.dilation() * (spec.kernel() - 1);
    return same && spec.stride() > 1
        ? new Padding.Same()
        : new Padding.Fixed((spec.stride() - 1 + reach) / 2);
  }
}
