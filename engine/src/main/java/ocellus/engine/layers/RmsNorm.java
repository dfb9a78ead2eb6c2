package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Kernels;

/** Root-mean-square normalisation, Zhang and Sennrich 2019. Immutable, thread-safe. */
public final class RmsNorm implements Norm {
  private final float[] weight;
  private final double epsilon;

  /** {@code weight [channels]} of the scope. */
  public RmsNorm(WeightScope w, int channels, double epsilon) {
    this.weight = w.tensor("weight", channels).toArray();
    this.epsilon = epsilon;
  }

  @Override
  public void forward(Tensor x, Tensor y, Workspace ws) {
    Kernels.rmsNorm(x, weight, epsilon, y, ws);
  }
}
