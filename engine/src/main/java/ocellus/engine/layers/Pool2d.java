package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.WarmUp;
import ocellus.engine.kernels.Window;
import ocellus.engine.kernels.Window.Padding;

/**
 * Pooling over {@code [height, width, channels]}. Immutable, thread-safe. Keeps the window of the
 * last size, so that maps of one size are best pooled by a layer of their own.
 */
public final class Pool2d {
  /** What a window becomes. */
  public enum Kind {
    /** The largest of the pixels that are on the map. */
    MAX,
    /** The mean of the pixels that are on the map. */
    MEAN,
    /** The mean with zeros around the map; PyTorch's {@code count_include_pad=True}. */
    MEAN_WITH_PADDING
  }

  private final Kind kind;
  private final int kernel;
  private final int stride;
  private final Padding padding;
  private Window lastWindow; // a cache; any thread's value serves

  /**
   * @param kernel height and width
   */
  public Pool2d(Kind kind, int kernel, int stride, Padding padding) {
    this.kind = kind;
    this.kernel = kernel;
    this.stride = stride;
    this.padding = padding;
    WarmUp.expect(WarmUp.Call.POOLING, Activation.IDENTITY);
  }

  /**
   * @param x {@code [height, width, channels]}
   * @return {@code [outHeight, outWidth, channels]}, from the workspace
   */
  public Tensor forward(Tensor x, Workspace ws) {
    Window window = window(x.dim(0), x.dim(1));
    Tensor y = ws.tensor(window.outHeight(), window.outWidth(), x.channels());
    forward(x, y, ws);
    return y;
  }

  /**
   * @param x {@code [height, width, channels]}
   * @param y {@code [outHeight, outWidth, channels]}
   */
  public void forward(Tensor x, Tensor y, Workspace ws) {
    Window window = window(x.dim(0), x.dim(1));
    if (kind == Kind.MAX) {
      Kernels.maxPool(x, window, y, ws);
    } else {
      Kernels.averagePool(x, window, kind == Kind.MEAN_WITH_PADDING, y, ws);
    }
  }

  /** How the window moves over an input of this size. */
  public Window window(int height, int width) {
    Window window = lastWindow;
    if (window == null || window.inHeight() != height || window.inWidth() != width) {
      window = Window.of(height, width, kernel, stride, 1, padding);
      lastWindow = window;
    }
    return window;
  }
}
