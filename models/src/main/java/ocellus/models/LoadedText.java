package ocellus.models;

import java.nio.file.Path;
import java.util.List;
import ocellus.engine.OcellusException;
import ocellus.engine.kernels.NativeMemoryException;
import ocellus.engine.kernels.Packer;
import ocellus.engine.kernels.WarmUp;
import ocellus.engine.threads.Threads;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.tokenizer.TextTokens;
import ocellus.loaders.tokenizer.Tokenizer;

/**
 * The text tower of a checkpoint with all that running it takes: tokenizer, weights in native
 * memory, the table of tokens in the file, threads, workspaces.
 *
 * <p>Thread-safe. The result for a text is the same to the last bit whatever the number of threads,
 * and whatever texts are computed along with it. Once closed, running calls finish and new ones
 * throw {@link IllegalStateException}.
 */
final class LoadedText implements AutoCloseable {
  /** Tokens that are run at once: a weight from memory is multiplied with all of them. */
  private static final int ROWS_AT_ONCE = 448;

  /** Texts that keep all threads busy: no more need to be given to one call. */
  static final int TEXTS_AT_ONCE = 512;

  /** More characters than make any context full; the rest would be cut off anyway. */
  private static final int MOST_CHARACTERS = 1 << 21;

  private final String name;
  private final TextModel model;
  private final Tokenizer tokenizer;
  private final ModelMemory memory;
  private final Passes passes;

  private LoadedText(
      String name, TextModel model, Tokenizer tokenizer, ModelMemory memory, Threads team) {
    this.name = name;
    this.model = model;
    this.tokenizer = tokenizer;
    this.memory = memory;
    this.passes = new Passes(team);
  }

  /**
   * Loads the text tower of a folder.
   *
   * @throws OcellusException if there is none, it is damaged, it is not supported, or it lacks its
   *     tokenizer
   */
  static LoadedText load(Path directory, LoadOptions options) {
    WarmUp.start();
    Checkpoint checkpoint = Checkpoint.open(directory);
    Threads team = Threads.of(options.threads());
    ModelMemory memory =
        new ModelMemory(
            () -> {
              team.close();
              checkpoint.close();
            });
    try {
      Packer packer = Packer.into(memory.arena(), options.weights().orElse(null));
      TextModel model = ModelCatalog.buildTexts(checkpoint, packer);
      Tokenizer tokenizer = Tokenizer.load(directory);
      if (tokenizer.contextLength() != model.contextLength()) {
        throw new CheckpointException(
            "%s: the tokenizer makes %d ids of a text, but the model takes %d; do they belong together?"
                .formatted(checkpoint.name(), tokenizer.contextLength(), model.contextLength()));
      }
      return new LoadedText(checkpoint.name(), model, tokenizer, memory, team);
    } catch (NativeMemoryException e) {
      memory.close();
      throw MemoryException.ofPacking(checkpoint.name(), e);
    } catch (Throwable e) {
      memory.close();
      throw e;
    }
  }

  /** The length of the vectors. */
  int dimension() {
    return model.featureCount();
  }

  /**
   * The features of each text.
   *
   * @throws OcellusException if a result is not finite
   */
  List<float[]> features(List<String> texts) {
    memory.enter();
    try {
      List<TextTokens> tokens = texts.stream().map(this::tokens).toList();
      passes.awaitKernels();
      long rows = 0;
      for (TextTokens text : tokens) {
        rows += model.rows(text);
      }
      int atOnce = (int) Math.max(1, ROWS_AT_ONCE * (long) tokens.size() / Math.max(1, rows));
      List<float[]> results =
          passes.run(tokens, atOnce, (group, ws) -> Passes.rows(model.features(group, ws)));
      results.forEach(this::requireFinite);
      return results;
    } finally {
      memory.exit();
    }
  }

  private TextTokens tokens(String text) {
    if (text.length() > MOST_CHARACTERS) {
      throw new OcellusException(
          "a text of %d characters is too long, no more than %d can be embedded; shorten it"
              .formatted(text.length(), MOST_CHARACTERS));
    }
    TextTokens tokens = tokenizer.encode(text);
    return tokenizer.masksPadding() ? tokens : tokens.unmasked();
  }

  private void requireFinite(float[] result) {
    for (float value : result) {
      if (!Float.isFinite(value)) {
        throw new OcellusException(
            "%s: the text tower's output is not finite; its weights are damaged or overflow"
                .formatted(name));
      }
    }
  }

  /** Frees the weights as soon as no call is running. May be called more than once. */
  @Override
  public void close() {
    memory.close();
  }
}
