package ocellus.models.arch;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;

/** One layer of a transformer. Immutable, thread-safe. */
interface TransformerBlock {
  /**
   * @param x {@code [images * tokens, dim]}, updated in place
   */
  void forward(Tensor x, int images, Workspace ws);
}
