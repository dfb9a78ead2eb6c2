package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;

/**
 * Image to sequence: each {@code patch x patch} square becomes one token, Dosovitskiy et al. 2020,
 * eq. 1. Immutable, thread-safe.
 */
public final class PatchEmbed {
  private final Conv2d proj;

  /** {@code proj} of the scope, a convolution whose stride is its kernel. */
  public PatchEmbed(WeightScope w, int channels, int patch, int dim, boolean bias) {
    WeightScope scope = w.in("proj");
    this.proj =
        new Conv2d(
            Conv2d.Spec.of(channels, dim, patch).stride(patch),
            scope,
            bias ? Affine.bias(scope, dim) : Affine.none(),
            Activation.IDENTITY);
  }

  /**
   * {@code y = proj(x) + positions}
   *
   * @param x {@code [height, width, channels]}; what does not fill a square is left out
   * @param positions of y's shape, or null
   * @param y {@code [height / patch, width / patch, dim]}
   */
  public void forward(Tensor x, Tensor positions, Tensor y, Workspace ws) {
    proj.forward(x, positions, y, ws);
  }
}
