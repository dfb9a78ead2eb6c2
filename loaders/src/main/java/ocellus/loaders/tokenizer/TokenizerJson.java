package ocellus.loaders.tokenizer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
