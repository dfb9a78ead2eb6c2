package ocellus.models;

import java.util.List;
import ocellus.engine.OcellusException;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.loaders.tokenizer.TextTokens;

/**
 * A text tower with its weights: token ids in, features out, in the space of an image tower's.
 *
 * <p>Immutable after construction and safe for concurrent use, as long as each call has a {@link
 * Workspace} of its own. No method may be called once the memory of the model or the checkpoint
 * that it was built from is closed.
 */
public interface TextModel {
  /** The number of ids of each text, padding included. */
  int contextLength();

  /** Length of the feature vector. */
  int featureCount();

  /**
   * How many rows a text takes in the products of the tower: what is worth being computed at once
   * is a matter of their sum.
   *
   * @param text of {@link #contextLength} ids
   */
  int rows(TextTokens text);

  /**
   * The features of some texts; each has the same bits as if it were alone.
   *
   * @param texts of {@link #contextLength} ids each. No token attends to their padding
   * @return {@code [texts, featureCount]}, from the workspace
   * @throws OcellusException if an id is not in the tower's vocabulary, or the token that stands
   *     for the text is padding that a causal tower masks
   */
  Tensor features(List<TextTokens> texts, Workspace ws);
}
