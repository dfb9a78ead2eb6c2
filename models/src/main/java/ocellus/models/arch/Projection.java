package ocellus.models.arch;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Window.Padding;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Pool2d;

/**
 * What takes the input of a {@link ResidualBlock} to the shape of its output: a convolution, after
 * a pooling or not, or nothing. Immutable, thread-safe.
 */
final class Projection {
  private final Pool2d pool; // null for none
  private final Conv2d conv; // null for a block without shortcut

  private Projection(Pool2d pool, Conv2d conv) {
    this.pool = pool;
    this.conv = conv;
  }

  /** The input is not added to what the block makes of it. */
  static Projection none() {
    return new Projection(null, null);
  }

  /** A convolution, strided where the block is. */
  static Projection strided(Conv2d conv) {
    return new Projection(null, conv);
  }

  /**
   * Means of 2x2 pixels and then a convolution, He et al. 2019, "Bag of Tricks", figure 2c.
   *
   * @param stride of the block
   * @param dilated whether a stride has become a dilation: then the mean keeps the size and counts
   *     zeros around the map, timm's {@code AvgPool2dSame}
   */
  static Projection averaging(int stride, boolean dilated, Conv2d conv) {
    if (stride == 1 && !dilated) {
      return strided(conv);
    }
    Pool2d.Kind kind = dilated ? Pool2d.Kind.MEAN_WITH_PADDING : Pool2d.Kind.MEAN;
    return new Projection(new Pool2d(kind, 2, dilated ? 1 : stride, new Padding.Same()), conv);
  }

  /**
   * @param x {@code [height, width, in]}, unchanged
   * @param y {@code [outHeight, outWidth, out]}
   * @return y, or null if there is nothing to add
   */
  Tensor forward(Tensor x, Tensor y, Workspace ws) {
    if (conv == null) {
      return null;
    }
    Mark mark = ws.mark();
    Tensor pooled = pool == null ? x : pool.forward(x, ws);
    conv.forward(pooled, null, y, ws);
    ws.release(mark);
    return y;
  }
}
