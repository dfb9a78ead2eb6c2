package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;

/** What a residual block adds to its stream. */
public interface Branch {
  /**
   * {@code y = y + f(x)}
   *
   * @param x {@code [.., dim]}
   * @param y of x's shape
   */
  void addTo(Tensor x, Tensor y, Workspace ws);
}
