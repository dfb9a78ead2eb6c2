package ocellus.models;

import java.nio.file.Path;
import java.util.List;
import ocellus.engine.OcellusException;

/**
 * Maps texts to vectors in the space of the images' that {@link ImageEmbedder} gives with the same
 * checkpoint: CLIP and SigLIP.
 *
 * <p>Immutable and thread-safe. The result for a text is the same to the last bit whatever the
 * number of threads, and whatever texts are embedded along with it. What does not fit into the
 * model's context is cut off. Once closed, running calls finish and new ones throw {@link
 * IllegalStateException}.
 */
public final class TextEmbedder implements AutoCloseable {
  private final LoadedText model;
  private final boolean unitLength;

  private TextEmbedder(LoadedText model, boolean unitLength) {
    this.model = model;
    this.unitLength = unitLength;
  }

  /** As {@link #load(Path, LoadOptions)}, with {@link LoadOptions#defaults()}. */
  public static TextEmbedder load(Path directory) {
    return load(directory, LoadOptions.defaults());
  }

  /**
   * Loads the text tower of the checkpoint in a folder, as transformers or open_clip saves it.
   *
   * @throws OcellusException if there is none, it is damaged, it is not supported, or it lacks its
   *     tokenizer
   */
  public static TextEmbedder load(Path directory, LoadOptions options) {
    return new TextEmbedder(LoadedText.load(directory, options), false);
  }

  /**
   * An embedder whose vectors have length 1. It shares this one's model: closing either closes
   * both.
   */
  public TextEmbedder normalized() {
    return new TextEmbedder(model, true);
  }

  /** The length of the vectors. */
  public int dimension() {
    return model.dimension();
  }

  /**
   * Embeds a text.
   *
   * @return {@code [dimension]}
   */
  public float[] embed(String text) {
    return embed(List.of(text)).getFirst();
  }

  /**
   * Embeds texts, several at once.
   *
   * @return {@code [dimension]} for each
   */
  public List<float[]> embed(List<String> texts) {
    List<float[]> vectors = model.features(texts);
    if (unitLength) {
      vectors.forEach(UnitLength::normalize);
    }
    return vectors;
  }

  /** Frees the weights as soon as no call is running. May be called more than once. */
  @Override
  public void close() {
    model.close();
  }
}
