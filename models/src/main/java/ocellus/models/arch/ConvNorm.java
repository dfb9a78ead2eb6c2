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
 * @param padding of strided convolutions; others keep the size
 * @param epsilon added to the variances
 */
record ConvNorm(Strided padding, double epsilon) {
  /** How strided convolutions are padded. */
  enum Strided {
    /** By the same on all sides, as in PyTorch. */
    SYMMETRIC {
      @Override
      Padding of(int reach, int stride) {
        return new Padding.Fixed((stride - 1 + reach) / 2);
      }
    },
    /** As TensorFlow's {@code SAME} does, the odd pixel below and to the right. */
    SAME {
      @Override
      Padding of(int reach, int stride) {
        return new Padding.Same();
      }
    },
    /** By one pixel less above and to the left, whatever the size: {@link #SAME} of even ones. */
    LOPSIDED {
      @Override
      Padding of(int reach, int stride) {
        return new Padding.Sides(reach / 2 - 1, reach / 2);
      }
    };

    /**
     * @param reach pixels from the first to the last tap
     */
    abstract Padding of(int reach, int stride);
  }

  /** PyTorch's defaults. */
  static final ConvNorm PYTORCH = new ConvNorm(Strided.SYMMETRIC, 1e-5);

  /** Google's, for weights that were trained in TensorFlow. */
  static final ConvNorm TENSORFLOW = new ConvNorm(Strided.SAME, 1e-3);

  /** The counters of batches that PyTorch saves with each batch norm; they matter in training. */
  static final Predicate<String> COUNTERS = name -> name.endsWith(".num_batches_tracked");

  private static final double MAX_EPSILON = 1;

  /** With timm's {@code pad_type} and {@code bn_eps} where they are given. */
  ConvNorm with(TimmArguments args) {
    String name = args.string("pad_type", padding == Strided.SAME ? "same" : "");
    if (!name.isEmpty() && !name.equals("same")) {
      throw args.invalid("pad_type", name, "same or an empty string");
    }
    Strided strided = name.isEmpty() ? Strided.SYMMETRIC : Strided.SAME;
    return new ConvNorm(strided, args.positive("bn_eps", epsilon, MAX_EPSILON));
  }

  /** The same but for the padding. */
  ConvNorm padded(Strided other) {
    return new ConvNorm(other, epsilon);
  }

  /**
   * A convolution, its batch norm and an activation, as one layer. Sets the padding of {@code
   * spec}.
   */
  Conv2d layer(
      Conv2d.Spec spec, WeightScope w, String convolution, String norm, Activation activation) {
    Affine batchNorm = affine(w.in(norm), spec.out());
    return new Conv2d(spec.padding(padding(spec)), w.in(convolution), batchNorm, activation);
  }

  /** A batch norm of this scope. */
  Affine affine(WeightScope norm, int channels) {
    return Affine.batchNorm(norm, channels, epsilon);
  }

  private Padding padding(Conv2d.Spec spec) {
    int reach = spec.dilation() * (spec.kernel() - 1);
    return (spec.stride() > 1 ? padding : Strided.SYMMETRIC).of(reach, spec.stride());
  }
}
