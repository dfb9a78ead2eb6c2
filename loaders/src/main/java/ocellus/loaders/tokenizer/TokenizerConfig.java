package ocellus.loaders.tokenizer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.json.JsonObject;

/**
 * How transformers configures a tokenizer: {@code tokenizer_config.json}, and where that does not
 * list the added tokens {@code special_tokens_map.json}, {@code added_tokens.json} and {@code
 * tokenizer.json}.
 */
final class TokenizerConfig {
  static final String FILE = "tokenizer_config.json";
  private static final String SPECIAL_TOKENS = "special_tokens_map.json";
  private static final String ADDED_TOKENS = "added_tokens.json";
  private static final String DECODER = "added_tokens_decoder";

  private final JsonObject config;
  private final JsonObject special;
  private final Map<String, AddedToken> added = new LinkedHashMap<>();

  /**
   * Reads the files of a folder, as far as they are there.
   *
   * @param tokenizerJson the contents of {@code tokenizer.json}, if it is there
   */
  TokenizerConfig(Path folder, Optional<JsonObject> tokenizerJson) {
    config = read(folder, FILE).orElseGet(() -> JsonObject.empty(FILE));
    Optional<JsonObject> map =
        config.has(DECODER) ? Optional.empty() : read(folder, SPECIAL_TOKENS);
    special = map.map(m -> m.withDefaults(config)).orElse(config);
    if (config.has(DECODER)) {
      JsonObject decoder = config.object(DECODER);
      for (String id : decoder.keys()) {
        add(id(decoder, id), decoder.object(id));
      }
      return;
    }
    read(folder, ADDED_TOKENS)
        .ifPresent(
            tokens -> tokens.keys().forEach(t -> added.put(t, plain(tokens.integer(t), t, true))));
    tokenizerJson.ifPresent(this::addListed);
  }

  private static Optional<JsonObject> read(Path folder, String name) {
    Path file = folder.resolve(name);
    return Files.exists(file) ? Optional.of(JsonObject.read(file)) : Optional.empty();
  }

  private static int id(JsonObject decoder, String key) {
    try {
      return Integer.parseUnsignedInt(key);
    } catch (NumberFormatException e) {
      throw new CheckpointException(decoder.where(key) + ": expected the id of a token", e);
    }
  }

  private void addListed(JsonObject tokenizerJson) {
    for (Object token : tokenizerJson.list("added_tokens", List.of())) {
      if (!(token instanceof JsonObject object)) {
        throw new CheckpointException(
            tokenizerJson.where("added_tokens") + ": expected objects, one a token");
      }
      add(object.integer("id"), object);
    }
  }

  private void add(int id, JsonObject token) {
    String content = token.string("content");
    boolean normalized = token.bool("normalized", !token.bool("special", false));
    BpeVocabulary.requireSensible(token.source(), content, id);
    added.put(
        content,
        new AddedToken(
            id,
            content,
            token.bool("lstrip", false),
            token.bool("rstrip", false),
            token.bool("single_word", false),
            normalized));
  }

  private static AddedToken plain(int id, String content, boolean normalized) {
    return new AddedToken(id, content, false, false, false, normalized);
  }

  JsonObject root() {
    return config;
  }

  /** The class without {@code Fast}, or {@code absent}. */
  String tokenizerClass(String absent) {
    String name = config.string("tokenizer_class", absent);
    return name != null && name.endsWith("Fast")
        ? name.substring(0, name.length() - "Fast".length())
        : name;
  }

  /** The most tokens that a text may have; a very large number if the file does not say. */
  int mostTokens() {
    double most = config.number("model_max_length", Integer.MAX_VALUE);
    return (int) Math.clamp(most, 0, Integer.MAX_VALUE);
  }

  boolean padsLeft(boolean absent) {
    String side = config.string("padding_side", absent ? "left" : "right");
    if (!side.equals("left") && !side.equals("right")) {
      throw new CheckpointException(
          "%s is %s, expected left or right".formatted(config.where("padding_side"), side));
    }
    return side.equals("left");
  }

  /** What the token of a role is called, as in {@code eos_token}. */
  String named(String role, String absent) {
    return special.raw(role) instanceof JsonObject object
        ? object.string("content")
        : special.string(role, absent);
  }

  /**
   * The added tokens with their ids in the vocabulary, those of the roles among them.
   *
   * @param ids the vocabulary, whose ids count where both have the token
   * @param roles the contents of tokens that are found in texts though no file lists them
   */
  AddedTokens added(Map<String, Integer> ids, List<String> roles) {
    Map<String, AddedToken> all = new LinkedHashMap<>(added);
    for (String role : roles) {
      Integer id = ids.get(role);
      if (id != null) {
        all.putIfAbsent(role, plain(id, role, false));
      }
    }
    List<AddedToken> tokens = new ArrayList<>();
    for (AddedToken t : all.values()) {
      int id = ids.getOrDefault(t.content(), t.id());
      tokens.add(
          new AddedToken(
              id, t.content(), t.stripsLeft(), t.stripsRight(), t.singleWord(), t.normalized()));
    }
    return new AddedTokens(tokens);
  }

  /**
   * The id of a special token.
   *
   * @throws CheckpointException if there is no such token
   */
  int id(String role, String absent, Map<String, Integer> ids) {
    String token = named(role, absent);
    Integer id = ids.get(token);
    if (id != null) {
      return id;
    }
    AddedToken own = added.get(token);
    if (own == null) {
      throw new CheckpointException(
          "%s: the vocabulary has no token '%s', which is the %s; fetch all tokenizer files of one model"
              .formatted(config.source(), token, role));
    }
    return own.id();
  }
}
