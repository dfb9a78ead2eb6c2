package ocellus.engine.layers;

import java.util.Arrays;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;

/**
 * Squares of 2 x 2 tokens become one, with the channels of all four: Liu et al. 2021, "Swin
 * Transformer", section 3.1.
 */
public final class PatchMerge {
  private PatchMerge() {}

  /**
   * {@code y[i, j] = [x[2i, 2j], x[2i + 1, 2j], x[2i, 2j + 1], x[2i + 1, 2j + 1]]}, zeros where the
   * map has ended.
   *
   * @param x {@code [height, width, dim]}
   * @return {@code [(height + 1) / 2, (width + 1) / 2, 4 dim]}, from the workspace
   */
  public static Tensor of(Tensor x, Workspace ws) {
    int height = x.dim(0);
    int width = x.dim(1);
    int dim = x.channels();
    Tensor y = ws.tensor(Math.ceilDiv(height, 2), Math.ceilDiv(width, 2), 4 * dim);
    int to = y.offset();
    for (int i = 0; i < height; i += 2) {
      for (int j = 0; j < width; j += 2) {
        for (int part = 0; part < 4; part++) {
          int row = i + part % 2;
          int column = j + part / 2;
          if (row < height && column < width) {
            int from = x.offset() + (row * width + column) * dim;
            System.arraycopy(x.data(), from, y.data(), to, dim);
          } else {
            Arrays.fill(y.data(), to, to + dim, 0f);
          }
          to += dim;
        }
      }
    }
    return y;
  }
}
