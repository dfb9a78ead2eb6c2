package ocellus.engine.kernels;

import java.util.Arrays;

/**
 * A linear map from each pixel to more channels, {@code activation(x W + bias)}: the first layer of
 * an inverted bottleneck. Immutable.
 */
public final class Expansion {
  private final PackedMatrix weight;
  private final float[] bias; // of n elements and zeros up to a whole panel
  private final Activation activation;

  /**
   * @param bias of as many elements as weight has columns, or null for zeros
   */
  public Expansion(PackedMatrix weight, float[] bias, Activation activation) {
    if (bias != null && bias.length != weight.n()) {
      throw new IllegalArgumentException(
          "bias of " + bias.length + " elements should have " + weight.n());
    }
    int padded = Math.multiplyExact(weight.panelCount(), weight.panelWidth());
    this.weight = weight;
    this.bias = bias == null ? new float[padded] : Arrays.copyOf(bias, padded);
    this.activation = activation;
  }

  public PackedMatrix weight() {
    return weight;
  }

  /** The bias of each column, then zeros up to a whole panel. Not a copy. */
  public float[] paddedBias() {
    return bias;
  }

  public Activation activation() {
    return activation;
  }
}
