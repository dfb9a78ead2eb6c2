package ocellus.loaders.tokenizer;

import java.nio.file.Path;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.OpenClipConfig;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.internal.Printable;

/**
 * Turns text into the token ids that a text tower takes, exactly as the library that the checkpoint
 * is of.
 *
 * <p>Immutable but for a cache of words, and thread-safe.
 */
public final class Tokenizer {
  /** Longer than any published context; keeps a wrong number from filling the memory. */
  private static final int LONGEST_CONTEXT = 1 << 16;

  private final TextEncoder encoder;
  private final Frame frame;
  private final boolean masksPadding;

  /**
   * @param masksPadding whether the tower is told which ids are padding
   */
  Tokenizer(TextEncoder encoder, Frame frame, boolean masksPadding) {
    this.encoder = encoder;
    this.frame = frame;
    this.masksPadding = masksPadding;
    if (frame.room() < 1 || frame.contextLength() > LONGEST_CONTEXT) {
      throw new CheckpointException(
          "a context of %d tokens cannot be right, expected 3 to %d; correct the configuration"
              .formatted(frame.contextLength(), LONGEST_CONTEXT));
    }
  }

  /**
   * Reads the tokenizer of a checkpoint's folder, of the library whose configuration counts there
   * ({@link Checkpoint#configOf}): transformers and open_clip clean text differently and pad with
   * different ids.
   *
   * @throws CheckpointException if there is none, or it is one of another kind, or its files are
   *     damaged
   */
  public static Tokenizer load(Path folder) {
    return switch (Checkpoint.configOf(folder).orElse(null)) {
      case TransformersConfig transformers ->
          TransformersTokenizer.load(folder, transformers.root());
      case OpenClipConfig openClip -> OpenClipTokenizer.load(folder, openClip);
      case TimmConfig _ ->
          throw new CheckpointException(
              Printable.name(folder)
                  + ": the config.json is timm's, of a model without tokenizer; an"
                  + " open_clip_config.json counts instead where its weights,"
                  + " open_clip_model.safetensors, or none are beside it");
      case null ->
          throw new CheckpointException(
              Printable.name(folder)
                  + ": neither transformers' config.json nor open_clip's open_clip_config.json, so"
                  + " there is no telling which tokenizer it has");
    };
  }

  /**
   * The ids of a text, with start and end token and padding: {@link #contextLength} of them. What
   * does not fit is cut off before the end token. Surrogates without their other half count as
   * U+FFFD.
   */
  public TextTokens encode(String text) {
    TokenBuffer ids = new TokenBuffer(frame.room());
    encoder.encode(wellFormed(text), ids);
    return frame.around(ids);
  }

  /** How many ids each text becomes. */
  public int contextLength() {
    return frame.contextLength();
  }

  /** One more than the largest id that can come out; the token embedding needs as many rows. */
  public int vocabularySize() {
    return encoder.vocabularySize();
  }

  /** The id that ends each text, or -1 if none does. */
  public int endId() {
    return frame.end();
  }

  /** The id that fills up the context. */
  public int paddingId() {
    return frame.padding();
  }

  /**
   * Whether the library gives the tower a mask that leaves padding out of attention. open_clip does
   * not. transformers does unless {@code model_input_names} of {@code tokenizer_config.json} lacks
   * it, as that of the published SigLIPs does, which were trained without.
   */
  public boolean masksPadding() {
    return masksPadding;
  }

  private static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints()
            .map(c -> Character.getType(c) == Character.SURROGATE ? 0xfffd : c)
            .forEach(clean::appendCodePoint);
        return clean.toString();
      }
    }
    return text;
  }
}
