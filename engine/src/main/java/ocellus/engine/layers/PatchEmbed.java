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
   * @param x {@code [height, width, channels]}
   * @return {@code [height / patch * width / patch, dim]}, row by row, from the workspace
   */
  public Tensor forward(Tensor x, Workspace ws) {
    Tensor y = proj.forward(x, ws);
    return ws.view(y, 0, y.dim(0) * y.dim(1), y.dim(2));
  }
}
