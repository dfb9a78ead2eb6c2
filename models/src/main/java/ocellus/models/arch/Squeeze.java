package ocellus.models.arch;

import ocellus.engine.WeightScope;
import ocellus.engine.kernels.Activation;
import ocellus.engine.layers.SqueezeExcite;

/** How a family does squeeze-and-excitation, in the blocks that have it. */
sealed interface Squeeze {
  /**
   * The layer of a block.
   *
   * @param w its scope
   * @param in channels of the block's input
   * @param hidden channels that are weighed
   * @param activation of the block
   */
  SqueezeExcite layer(WeightScope w, int in, int hidden, Activation activation);

  /** Of the expanded channels, with a hard sigmoid: MobileNetV3. */
  enum OfHidden implements Squeeze {
    /** As published: squeezed to a quarter, in multiples of 8, with ReLU. */
    PUBLISHED {
      @Override
      public SqueezeExcite layer(WeightScope w, int in, int hidden, Activation activation) {
        int reduced = ChannelWidth.of(1).rounded(hidden * QUARTER);
        return new SqueezeExcite(w, hidden, reduced, Activation.RELU, Activation.HARD_SIGMOID);
      }
    },
    /** To the nearest integer, with ReLU: PP-LCNet. */
    NEAREST {
      @Override
      public SqueezeExcite layer(WeightScope w, int in, int hidden, Activation activation) {
        int reduced = (int) Math.rint(hidden * QUARTER);
        return new SqueezeExcite(w, hidden, reduced, Activation.RELU, Activation.HARD_SIGMOID);
      }
    },
    /** As in timm's first version: to the nearest integer, with the activation of the block. */
    UNROUNDED {
      @Override
      public SqueezeExcite layer(WeightScope w, int in, int hidden, Activation activation) {
        int reduced = (int) Math.rint(hidden * QUARTER);
        return new SqueezeExcite(w, hidden, reduced, activation, Activation.HARD_SIGMOID);
      }
    };

    private static final double QUARTER = 0.25;
  }

  /**
   * To a part of the channels that come into the block, with the activation of the block and a
   * sigmoid: EfficientNet.
   */
  record OfInput(double ratio) implements Squeeze {
    static final OfInput QUARTER = new OfInput(0.25);

    @Override
    public SqueezeExcite layer(WeightScope w, int in, int hidden, Activation activation) {
      int reduced = Math.max(1, (int) (in * ratio));
      return new SqueezeExcite(w, hidden, reduced, activation, Activation.SIGMOID);
    }
  }

  /**
   * To a quarter of the channels that come into the block, rounded as the network's channels are,
   * with the activation of the block and a hard sigmoid: FBNetV3.
   */
  record OfInputRounded(ChannelWidth width) implements Squeeze {
    private static final double QUARTER = 0.25;

    @Override
    public SqueezeExcite layer(WeightScope w, int in, int hidden, Activation activation) {
      int reduced = width.rounded(in * QUARTER);
      return new SqueezeExcite(w, hidden, reduced, activation, Activation.HARD_SIGMOID);
    }
  }
}
