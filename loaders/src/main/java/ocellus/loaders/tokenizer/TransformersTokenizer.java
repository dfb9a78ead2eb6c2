package ocellus.loaders.tokenizer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.internal.Printable;
import ocellus.loaders.json.JsonObject;

/** Builds the tokenizer that transformers would, from the files of a folder. */
final class TransformersTokenizer {
  private static final String CLIP = "CLIPTokenizer";

  /** What models have whose {@code tokenizer_config.json} names no class. */
  private static final Map<String, String> CLASSES = Map.of("clip", CLIP);

  /** The context of a configuration that does not say. */
  private static final Map<String, Integer> CONTEXTS = Map.of("clip", 77);

  private final Path folder;
  private final Optional<TokenizerJson> json;
  private final TokenizerConfig config;

  private TransformersTokenizer(Path folder) {
    this.folder = folder;
    json = TokenizerJson.read(folder);
    config = new TokenizerConfig(folder, json.map(TokenizerJson::root));
  }

  /**
   * The tokenizer of a folder.
   *
   * @param modelConfig the contents of {@code config.json}
   */
  static Tokenizer load(Path folder, JsonObject modelConfig) {
    String modelType = modelConfig.string("model_type");
    if (!CLASSES.containsKey(modelType)) {
      throw new CheckpointException(
          "%s is \"%s\", which has no text tower; expected %s"
              .formatted(
                  modelConfig.where("model_type"),
                  Printable.clip(modelType),
                  String.join(", ", CLASSES.keySet().stream().sorted().toList())));
    }
    TransformersTokenizer files = new TransformersTokenizer(folder);
    int positions =
        modelConfig
            .objectOrEmpty("text_config")
            .integer("max_position_embeddings", CONTEXTS.get(modelType));
    return files.tokenizer(
        files.config.tokenizerClass(CLASSES.get(modelType)),
        Math.min(positions, files.config.mostTokens()));
  }

  private Tokenizer tokenizer(String name, int contextLength) {
    if (CLIP.equals(name)) {
      return clip(contextLength);
    }
    throw new CheckpointException(
        "%s: unknown tokenizer %s, expected %s"
            .formatted(config.root().where("tokenizer_class"), Printable.clip(name), CLIP));
  }

  private Tokenizer clip(int contextLength) {
    BpeVocabulary vocabulary = bpe();
    Map<String, Integer> ids = vocabulary.ids();
    Frame frame =
        new Frame(
            contextLength,
            config.id("bos_token", BpeFiles.START, ids),
            config.id("eos_token", BpeFiles.END, ids),
            config.id("pad_token", BpeFiles.END, ids),
            config.padsLeft(false));
    List<String> roles =
        List.of(
            config.named("bos_token", BpeFiles.START),
            config.named("eos_token", BpeFiles.END),
            config.named("unk_token", BpeFiles.END),
            config.named("pad_token", BpeFiles.END));
    int unknown = config.id("unk_token", BpeFiles.END, ids);
    return new Tokenizer(
        new TransformersClip(vocabulary, unknown, config.added(ids, roles)), frame);
  }

  private BpeVocabulary bpe() {
    return json.isPresent() ? json.get().bpe() : clipVocabulary(folder);
  }

  /** A vocabulary of CLIP in the forms that are not {@code tokenizer.json}. */
  static BpeVocabulary clipVocabulary(Path folder) {
    if (BpeFiles.exist(folder)) {
      return BpeFiles.read(folder);
    }
    if (Files.exists(folder.resolve(BpeFiles.OPENAI))) {
      return BpeFiles.readOpenAi(folder);
    }
    throw new CheckpointException(
        "%s: no tokenizer; looked for %s, %s with %s, and %s; copy them from the model this one"
                .formatted(
                    Printable.name(folder),
                    TokenizerJson.FILE,
                    BpeFiles.VOCABULARY,
                    BpeFiles.MERGES,
                    BpeFiles.OPENAI)
            + " was made from");
  }
}
