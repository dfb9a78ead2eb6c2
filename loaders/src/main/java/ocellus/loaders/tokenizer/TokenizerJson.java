package ocellus.loaders.tokenizer;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.json.JsonObject;

/** {@code tokenizer.json} as Hugging Face's tokenizers library saves it. */
final class TokenizerJson {
  static final String FILE = "tokenizer.json";

  private final JsonObject root;
  private final JsonObject model;

  private TokenizerJson(JsonObject root) {
    this.root = root;
    model = root.object("model");
  }

  /** The file of a folder, if it is there. */
  static Optional<TokenizerJson> read(Path folder) {
    Path file = folder.resolve(FILE);
    return Files.exists(file)
        ? Optional.of(new TokenizerJson(JsonObject.read(file)))
        : Optional.empty();
  }

  JsonObject root() {
    return root;
  }

  JsonObject model() {
    return model;
  }

  /** Refuses another kind of model than {@code type}. */
  void requireModel(String type) {
    String own = model.string("type", type); // older files leave it out
    if (!own.equals(type)) {
      throw new CheckpointException(
          "%s is \"%s\", expected \"%s\" for this tokenizer"
              .formatted(model.where("type"), own, type));
    }
  }

  BpeVocabulary bpe() {
    requireModel("BPE");
    List<Object> merges = model.list("merges");
    List<BpeVocabulary.Pair> pairs = new ArrayList<>(merges.size());
    for (int i = 0; i < merges.size(); i++) {
      pairs.add(pair(merges.get(i), model.where("merges") + "[" + i + "]"));
    }
    return BpeVocabulary.of(root.source(), BpeFiles.ids(model.object("vocab")), pairs);
  }

  /**
   * The vocabulary of a unigram model.
   *
   * @param ids of each piece
   * @param scores by id
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Pieces(Map<String, Integer> ids, double[] scores) {}

  Pieces pieces() {
    requireModel("Unigram");
    List<Object> vocabulary = model.list("vocab");
    Map<String, Integer> ids = HashMap.newHashMap(vocabulary.size());
    double[] scores = new double[vocabulary.size()];
    for (int id = 0; id < scores.length; id++) {
      if (!(vocabulary.get(id) instanceof List<?> entry
          && entry.size() == 2
          && entry.get(0) instanceof String piece
          && entry.get(1) instanceof Number score
          && Double.isFinite(score.doubleValue()))) {
        throw new CheckpointException(
            "%s[%d]: expected a piece and its score".formatted(model.where("vocab"), id));
      }
      ids.put(piece, id);
      scores[id] = score.doubleValue();
    }
    return new Pieces(ids, scores);
  }

  /** The replacements of the normalizer {@code Precompiled}; none if it isn't there. */
  CharsMap charsMap() {
    for (JsonObject step : normalizers()) {
      if (step.string("type", "").equals("Precompiled") && step.has("precompiled_charsmap")) {
        String base64 = step.string("precompiled_charsmap");
        try {
          return CharsMap.of(root.source(), ByteBuffer.wrap(Base64.getDecoder().decode(base64)));
        } catch (IllegalArgumentException e) {
          throw new CheckpointException(
              step.where("precompiled_charsmap") + ": expected Base64", e);
        }
      }
    }
    return CharsMap.of(root.source(), ByteBuffer.allocate(0));
  }

  private List<JsonObject> normalizers() {
    JsonObject normalizer = root.objectOrEmpty("normalizer");
    return normalizer.string("type", "").equals("Sequence")
        ? objects(normalizer, "normalizers")
        : List.of(normalizer);
  }

  /** The id that the post-processor puts before a text, or {@link Frame#NONE}. */
  int start(Map<String, Integer> ids) {
    List<JsonObject> template = template();
    return special(template.isEmpty() ? null : template.getFirst(), ids);
  }

  /** The id that the post-processor puts after a text, or {@link Frame#NONE}. */
  int end(Map<String, Integer> ids) {
    List<JsonObject> template = template();
    return special(template.isEmpty() ? null : template.getLast(), ids);
  }

  /** What surrounds a single text: at most one token on each side of it. */
  private List<JsonObject> template() {
    JsonObject processor = root.objectOrEmpty("post_processor");
    String type = processor.string("type", "TemplateProcessing");
    List<JsonObject> single = processor.has("single") ? objects(processor, "single") : List.of();
    long texts = single.stream().filter(p -> p.has("Sequence")).count();
    boolean surrounds =
        single.size() <= 3
            && (single.size() < 3 || single.get(1).has("Sequence"))
            && (single.isEmpty() || texts == 1);
    if (!type.equals("TemplateProcessing") || !surrounds) {
      throw new CheckpointException(
          processor.where("type")
              + ": expected TemplateProcessing with at most a token on each side of a text");
    }
    return single;
  }

  private static int special(JsonObject part, Map<String, Integer> ids) {
    if (part == null || part.has("Sequence")) {
      return Frame.NONE;
    }
    JsonObject token = part.object("SpecialToken");
    Integer id = ids.get(token.string("id"));
    if (id == null) {
      throw new CheckpointException(token.where("id") + ": no token of the vocabulary");
    }
    return id;
  }

  private static List<JsonObject> objects(JsonObject parent, String key) {
    List<JsonObject> objects = new ArrayList<>();
    for (Object value : parent.list(key)) {
      if (!(value instanceof JsonObject object)) {
        throw new CheckpointException(parent.where(key) + ": expected a list of objects");
      }
      objects.add(object);
    }
    return objects;
  }

  /** Two tokens as a list or, in older files, as one string. */
  private static BpeVocabulary.Pair pair(Object merge, String where) {
    if (merge instanceof String text) {
      return BpeFiles.pair(text, where);
    }
    if (merge instanceof List<?> tokens
        && tokens.size() == 2
        && tokens.get(0) instanceof String left
        && tokens.get(1) instanceof String right) {
      return new BpeVocabulary.Pair(left, right, where);
    }
    throw new CheckpointException(where + ": expected two tokens");
  }
}
