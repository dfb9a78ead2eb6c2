package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Kernels;

/**
 * Division by the standard deviation without subtracting the mean, timm's {@code SimpleNorm}.
 * Immutable, thread-safe.
 */
public final class SimpleNorm implements Norm {
  private final float[] weight;
  private final double epsilon;

  /** {@code weight [channels]} of the scope; at least two channels. */
  public SimpleNorm(WeightScope w, int channels, double epsilon) {
    this.weight = w.tensor("weight", channels).toArray();
    this.epsilon = epsilon;
  }

  @Override
  public void forward(Tensor x, Tensor y, Workspace ws) {
    Kernels.simpleNorm(x, weight, epsilon, y, ws);
  }
}
