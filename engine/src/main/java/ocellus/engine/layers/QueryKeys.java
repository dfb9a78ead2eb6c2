package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;

/** What becomes of queries and keys before they meet. Immutable, thread-safe. */
public interface QueryKeys {
  /**
   * @param qkv {@code [tokens, 3 dim]} of one sequence: queries, keys and values of all heads;
   *     updated in place
   */
  void forward(Tensor qkv, Workspace ws);
}
