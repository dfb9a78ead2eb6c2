package ocellus.loaders.tokenizer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.internal.Printable;
import ocellus.loaders.json.JsonObject;

/**
 * Builds the tokenizer that transformers would, from the files of a folder.
 *
 * @param encoder what cuts texts
 * @param frame what the ids are set into, in a context as long as the tokenizer's own
 * @param masksPadding whether the tower is told which ids are padding
 */
record TransformersTokenizer(TextEncoder encoder, Frame frame, boolean masksPadding) {
  private static final String SENTENCE_PIECE = "spiece.model";

  private static final String CLIP = "CLIPTokenizer";
  private static final String SIGLIP = "SiglipTokenizer";
  private static final String GEMMA = "GemmaTokenizer";
  private static final String SIGLIP2 = "Siglip2Tokenizer";
  private static final String T5 = "T5Tokenizer";

  /** What models have whose {@code tokenizer_config.json} names no class. */
  private static final Map<String, String> CLASSES =
      Map.of("clip", CLIP, "siglip", SIGLIP, "siglip2", SIGLIP2);

  /** The context of a configuration that does not say. */
  private static final Map<String, Integer> CONTEXTS =
      Map.of("clip", 77, "siglip", 64, "siglip2", 64);

  // What tokens are called by their roles where no file says.

  private static final Map<String, String> CLIP_ROLES =
      Map.of(
          "bos_token", BpeFiles.START,
          "eos_token", BpeFiles.END,
          "unk_token", BpeFiles.END,
          "pad_token", BpeFiles.END);

  private static final Map<String, String> SIGLIP_ROLES =
      Map.of("eos_token", "</s>", "unk_token", "<unk>", "pad_token", "</s>");

  private static final Map<String, String> GEMMA_ROLES =
      Map.of(
          "unk_token", "<unk>",
          "bos_token", "<bos>",
          "eos_token", "<eos>",
          "pad_token", "<pad>",
          "mask_token", "<mask>");

  private static final Map<String, String> T5_ROLES =
      Map.of("eos_token", "</s>", "unk_token", "<unk>", "pad_token", "<pad>");

  /** The unknown piece of T5, whatever its file says. */
  private static final int T5_UNKNOWN = 2;

  /**
   * The tokenizer of a checkpoint's folder.
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
    TransformersTokenizer own = load(folder, CLASSES.get(modelType));
    int positions =
        modelConfig
            .objectOrEmpty("text_config")
            .integer("max_position_embeddings", CONTEXTS.get(modelType));
    int context = Math.min(positions, own.frame.contextLength());
    return new Tokenizer(own.encoder, own.frame.withContextLength(context), own.masksPadding);
  }

  /**
   * The tokenizer that {@code tokenizer_config.json} names.
   *
   * @param absent the class if it names none; null: that is refused
   */
  static TransformersTokenizer load(Path folder, String absent) {
    Source files = new Source(folder);
    String name = files.config.tokenizerClass(absent);
    if (name == null) {
      throw new CheckpointException(
          "%s: no tokenizer; looked for a %s that names its class"
              .formatted(Printable.name(folder), TokenizerConfig.FILE));
    }
    return switch (name) {
      case CLIP -> files.clip();
      case SIGLIP -> files.siglip();
      case GEMMA -> files.gemma(false);
      case SIGLIP2 -> files.gemma(true);
      case T5 -> files.t5();
      default ->
          throw new CheckpointException(
              "%s: unknown tokenizer %s, expected %s"
                  .formatted(
                      files.config.root().where("tokenizer_class"),
                      Printable.clip(name),
                      String.join(", ", CLIP, SIGLIP, SIGLIP2, GEMMA, T5)));
    };
  }

  /** What a folder has. */
  private static final class Source {
    private final Path folder;
    private final Optional<TokenizerJson> json;
    private final TokenizerConfig config;

    Source(Path folder) {
      this.folder = folder;
      json = TokenizerJson.read(folder);
      config = new TokenizerConfig(folder, json.map(TokenizerJson::root));
    }

    private Frame frame(int start, int end, boolean endsOnce, int padding, boolean leftIfAbsent) {
      boolean left = config.padsLeft(leftIfAbsent);
      return new Frame(config.mostTokens(), start, end, endsOnce, padding, left);
    }

    private TransformersTokenizer built(TextEncoder encoder, Frame frame) {
      return new TransformersTokenizer(encoder, frame, config.masksPadding());
    }

    TransformersTokenizer clip() {
      BpeVocabulary vocabulary = json.isPresent() ? json.get().bpe() : clipVocabulary(folder);
      Map<String, Integer> ids = vocabulary.ids();
      Frame frame =
          frame(
              config.id("bos_token", CLIP_ROLES, ids),
              config.id("eos_token", CLIP_ROLES, ids),
              false,
              config.id("pad_token", CLIP_ROLES, ids),
              false);
      int unknown = config.id("unk_token", CLIP_ROLES, ids);
      return built(
          new TransformersClip(vocabulary, unknown, config.added(ids, CLIP_ROLES, false)), frame);
    }

    TransformersTokenizer siglip() {
      Path file = folder.resolve(SENTENCE_PIECE);
      if (!Files.exists(file)) {
        throw missing(SENTENCE_PIECE);
      }
      SentencePiece pieces = new SentencePiece(SentencePieceModel.read(file));
      Map<String, Integer> ids = pieces.ids();
      int end = config.id("eos_token", SIGLIP_ROLES, ids);
      String unknown = config.named("unk_token", SIGLIP_ROLES);
      AddedTokens added = config.added(ids, SIGLIP_ROLES, true);
      boolean lowers = config.root().bool("do_lower_case", true);
      return built(
          new SiglipEncoder(pieces, added, unknown, lowers),
          frame(Frame.NONE, end, true, config.id("pad_token", SIGLIP_ROLES, ids), false));
    }

    TransformersTokenizer gemma(boolean lowers) {
      TokenizerJson tokenizer = json.orElseThrow(() -> missing(TokenizerJson.FILE));
      BpeVocabulary vocabulary = tokenizer.bpe();
      Map<String, Integer> ids = vocabulary.ids();
      int bos = config.id("bos_token", GEMMA_ROLES, ids);
      int eos = config.id("eos_token", GEMMA_ROLES, ids);
      JsonObject root = config.root();
      boolean explicit = root.has("add_bos_token") || root.has("add_eos_token");
      Frame frame =
          frame(
              explicit ? only(root.bool("add_bos_token", false), bos) : tokenizer.start(ids),
              explicit ? only(root.bool("add_eos_token", false), eos) : tokenizer.end(ids),
              false,
              config.id("pad_token", GEMMA_ROLES, ids),
              true);
      int unknown = config.id("unk_token", GEMMA_ROLES, ids);
      AddedTokens added = config.added(ids, GEMMA_ROLES, false);
      return built(new GemmaEncoder(vocabulary, unknown, added, lowers), frame);
    }

    private static int only(boolean added, int id) {
      return added ? id : Frame.NONE;
    }

    TransformersTokenizer t5() {
      TokenizerJson tokenizer = json.orElseThrow(() -> missing(TokenizerJson.FILE));
      TokenizerJson.Pieces pieces = tokenizer.pieces();
      Map<String, Integer> ids = pieces.ids();
      if (pieces.scores().length <= T5_UNKNOWN) {
        throw new CheckpointException(
            tokenizer.model().where("vocab") + ": too few pieces, expected T5's");
      }
      PieceTrie trie = new PieceTrie();
      ids.forEach(trie::add);
      double least = Arrays.stream(pieces.scores()).min().orElseThrow();
      Unigram unigram = new Unigram(trie, pieces.scores(), T5_UNKNOWN, least, false, new int[0]);
      AddedTokens added = config.added(ids, T5_ROLES, false);
      int end = config.id("eos_token", T5_ROLES, ids);
      int padding = config.id("pad_token", T5_ROLES, ids);
      return built(
          new T5Encoder(tokenizer.charsMap(), unigram, added, pieces.scores().length),
          frame(Frame.NONE, end, false, padding, false));
    }

    private CheckpointException missing(String name) {
      return new CheckpointException(
          "%s: no tokenizer; looked for %s; copy it from the model this one was made from"
              .formatted(Printable.name(folder), name));
    }
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
