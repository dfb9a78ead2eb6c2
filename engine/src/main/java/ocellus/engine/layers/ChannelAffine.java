package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.WarmUp;
import ocellus.engine.kernels.Window;
import ocellus.engine.kernels.Window.Padding;

/**
 * An {@link Affine} that no linear map comes before: a batch norm at the beginning of a block.
 * Immutable, thread-safe.
 */
public final class ChannelAffine {
  private final float[] scale;
  private final float[] shift; // null for zeros
  private Window lastWindow; // a cache; any thread's value serves

  public ChannelAffine(Affine affine, int channels) {
    WarmUp.expect(WarmUp.Call.DEPTHWISE, Activation.IDENTITY);
    this.scale = affine.scale(channels);
    this.shift = affine.bias();
  }

  /**
   * {@code y = scale x + shift}: a depthwise convolution with windows of one pixel.
   *
   * @param x {@code [height, width, channels]}
   * @return of x's shape, from the workspace
   */
  public Tensor forward(Tensor x, Workspace ws) {
    Tensor y = ws.like(x);
    Window window = lastWindow;
    if (window == null || window.inHeight() != x.dim(0) || window.inWidth() != x.dim(1)) {
      window = Window.of(x.dim(0), x.dim(1), 1, 1, 1, new Padding.Fixed(0));
      lastWindow = window;
    }
    Kernels.depthwise(x, window, scale, shift, Activation.IDENTITY, y, ws);
    return y;
  }
}
