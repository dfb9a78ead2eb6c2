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
  private static final String TOKENIZER_JSON = "tokenizer.json";

  private final Path folder;
  private final TokenizerConfig config;

  private TransformersTokenizer(Path folder) {
    this.folder = folder;
    config = new TokenizerConfig(folder, Optional.empty());
  }

  /**
   * The tokenizer of a folder.
   *
   * @param modelConfig the contents of {@code config.json}
   */
  static Tokenizer load(Path folder, JsonObject modelConfig) {
    return new TransformersTokenizer(folder).load(modelConfig);
  }

  private Tokenizer load(JsonObject modelConfig) {
    String modelType = modelConfig.string("model_type");
    String name = config.tokenizerClass(modelType.equals("clip") ? CLIP : null);
    if (!CLIP.equals(name)) {
      throw new CheckpointException(
          "%s: unknown tokenizer %s of model type %s, expected %s"
              .formatted(Printable.name(folder), name, Printable.clip(modelType), CLIP));
    }
    int positions = modelConfig.objectOrEmpty("text_config").integer("max_position_embeddings", 77);
    return clip(Math.min(positions, config.mostTokens()));
  }

  private Tokenizer clip(int contextLength) {
    requireFiles(BpeFiles.VOCABULARY, BpeFiles.MERGES);
    BpeVocabulary vocabulary = BpeFiles.read(folder);
    Map<String, Integer> ids = vocabulary.ids();
    String end = "<|endoftext|>";
    Frame frame =
        new Frame(
            contextLength,
            config.id("bos_token", "<|startoftext|>", ids),
            config.id("eos_token", end, ids),
            config.id("pad_token", end, ids),
            config.padsLeft(false));
    List<String> roles =
        List.of(
            config.named("bos_token", "<|startoftext|>"),
            config.named("eos_token", end),
            config.named("unk_token", end),
            config.named("pad_token", end));
    int unknown = config.id("unk_token", end, ids);
    return new Tokenizer(
        new TransformersClip(vocabulary, unknown, config.added(ids, roles)), frame);
  }

  private void requireFiles(String... names) {
    for (String name : names) {
      if (!Files.exists(folder.resolve(name))) {
        throw new CheckpointException(
            "%s: no tokenizer; looked for %s with %s, and for %s"
                .formatted(
                    Printable.name(folder), BpeFiles.VOCABULARY, BpeFiles.MERGES, TOKENIZER_JSON));
      }
    }
  }
}
