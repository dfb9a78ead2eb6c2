package ocellus.loaders.tokenizer;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.OpenClipConfig;
import ocellus.loaders.internal.Printable;
import ocellus.loaders.json.JsonObject;

/** Builds the tokenizer that open_clip would, from the files of a folder. */
final class OpenClipTokenizer {
  private static final int DEFAULT_CONTEXT = 77;

  private OpenClipTokenizer() {}

  /**
   * The tokenizer of a folder.
   *
   * @param config its {@code open_clip_config.json}
   */
  static Tokenizer load(Path folder, OpenClipConfig config) {
    JsonObject text = config.text();
    int contextLength = text.integer("context_length", DEFAULT_CONTEXT);
    JsonObject arguments = text.objectOrEmpty("tokenizer_kwargs");
    requireSupported(text, arguments);
    return text.string("hf_tokenizer_name", "").isEmpty()
        ? simple(folder, contextLength, TextCleaning.of(arguments, TextCleaning.LOWER))
        : ofTransformers(
            folder, contextLength, TextCleaning.of(arguments, TextCleaning.WHITESPACE));
  }

  private static Tokenizer simple(Path folder, int contextLength, TextCleaning cleaning) {
    BpeVocabulary vocabulary = vocabulary(folder);
    int start = id(folder, vocabulary, BpeFiles.START, "<start_of_text>");
    int end = id(folder, vocabulary, BpeFiles.END, "<end_of_text>");
    return new Tokenizer(
        new OpenClipBpe(cleaning, vocabulary, start, end),
        new Frame(contextLength, start, end, false, 0, false),
        false);
  }

  private static Tokenizer ofTransformers(Path folder, int contextLength, TextCleaning cleaning) {
    TransformersTokenizer inner = TransformersTokenizer.load(folder, (String) null);
    return new Tokenizer(
        new CleanedEncoder(cleaning, inner.encoder()),
        inner.frame().withContextLength(contextLength),
        false);
  }

  private static void requireSupported(JsonObject text, JsonObject arguments) {
    if (!text.string("tokenizer_mode", "").isEmpty()) {
      throw unsupported(text, "tokenizer_mode");
    }
    for (String argument : arguments.keys()) {
      // No tokenizer that is supported has a separator, so that there is none to strip.
      boolean off =
          arguments.raw(argument) == null || Boolean.FALSE.equals(arguments.raw(argument));
      if (!argument.equals("clean") && !off) {
        throw unsupported(arguments, argument);
      }
    }
  }

  private static CheckpointException unsupported(JsonObject object, String key) {
    return new CheckpointException(
        "%s is not supported; expected a tokenizer of CLIP or SigLIP".formatted(object.where(key)));
  }

  /** open_clip ships its own; the other forms have the same tokens. */
  private static BpeVocabulary vocabulary(Path folder) {
    boolean listed = BpeFiles.exist(folder);
    Optional<TokenizerJson> json = listed ? Optional.empty() : TokenizerJson.read(folder);
    return json.map(TokenizerJson::bpe)
        .orElseGet(() -> TransformersTokenizer.clipVocabulary(folder));
  }

  private static int id(Path folder, BpeVocabulary vocabulary, String... names) {
    Map<String, Integer> ids = vocabulary.ids();
    for (String name : List.of(names)) {
      if (ids.containsKey(name)) {
        return ids.get(name);
      }
    }
    throw new CheckpointException(
        "%s: the vocabulary has no token %s; fetch CLIP's own"
            .formatted(Printable.name(folder), String.join(" or ", names)));
  }
}
