package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.WarmUp;

/** Layer normalisation over the channels, Ba et al. 2016. Immutable, thread-safe. */
public final class LayerNorm implements Norm {
  private final float[] weight;
  private final float[] bias;
  private final double epsilon;

  /** {@code weight [channels]} and {@code bias [channels]} of the scope. */
  public LayerNorm(WeightScope w, int channels, double epsilon) {
    this.weight = w.tensor("weight", channels).toArray();
    this.bias = w.tensor("bias", channels).toArray();
    this.epsilon = epsilon;
    WarmUp.expect(WarmUp.Call.LAYER_NORM, Activation.IDENTITY);
  }

  @Override
  public void forward(Tensor x, Tensor y, Workspace ws) {
    Kernels.layerNorm(x, weight, bias, epsilon, y, ws);
  }
}
