package ocellus.models.arch;

import java.util.List;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Window;
import ocellus.engine.layers.Pool2d;

/**
 * Layers side by side, whose maps are one behind the other in the channels of the result: the
 * Inception module of Szegedy et al. 2015, figure 2. Immutable, thread-safe.
 */
final class Branches implements Layer {
  private final int channels;
  private final Pool2d size; // null for that of the input
  private final List<Layer> branches;

  private Branches(int channels, Pool2d size, List<Layer> branches) {
    this.channels = channels;
    this.size = size;
    this.branches = branches;
  }

  /**
   * Branches that keep the size of the map.
   *
   * @param channels of all together
   */
  static Branches of(int channels, Layer... branches) {
    return new Branches(channels, null, List.of(branches));
  }

  /**
   * Branches that make the map as small as a pooling does.
   *
   * @param channels of all together
   */
  static Branches sized(int channels, Pool2d size, Layer... branches) {
    return new Branches(channels, size, List.of(branches));
  }

  @Override
  public Tensor forward(Tensor x, Workspace ws) {
    Window window = size == null ? null : size.window(x.dim(0), x.dim(1));
    int height = window == null ? x.dim(0) : window.outHeight();
    int width = window == null ? x.dim(1) : window.outWidth();
    Tensor y = ws.tensor(height, width, channels);
    int first = 0;
    for (int i = 0; i < branches.size(); i++) {
      Mark mark = ws.mark();
      Tensor part = branches.get(i).forward(x, ws);
      put(part, y, first);
      first += part.channels();
      ws.release(mark);
    }
    return y;
  }

  /** To channels {@code first}.. of y. */
  private static void put(Tensor part, Tensor y, int first) {
    int count = part.channels();
    for (int p = 0; p < part.rows(); p++) {
      int to = y.offset() + p * y.channels() + first;
      System.arraycopy(part.data(), part.offset() + p * count, y.data(), to, count);
    }
  }
}
