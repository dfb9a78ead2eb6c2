package ocellus.models.arch;

import java.util.List;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;

/** From map to map. Immutable, thread-safe. */
@FunctionalInterface
interface Layer {
  /**
   * @param x {@code [height, width, in]}, unchanged
   * @return {@code [outHeight, outWidth, out]}, from the workspace
   */
  Tensor forward(Tensor x, Workspace ws);

  /** One layer after the other. */
  static Layer sequence(Layer... layers) {
    List<Layer> all = List.of(layers);
    return (x, ws) -> {
      Tensor y = x;
      for (int i = 0; i < all.size(); i++) {
        y = all.get(i).forward(y, ws);
      }
      return y;
    };
  }
}
