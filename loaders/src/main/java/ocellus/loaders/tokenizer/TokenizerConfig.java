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
        .ifPresent(tokens -> tokens.keys().forEach(t -> added.put(t, plain(tokens.integer(t), t))));
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
    added.put(token.string("content"), token(id, token));
  }

  private static AddedToken token(int id, JsonObject token) {
    String content = token.string("content");
    BpeVocabulary.requireSensible(token.source(), content, id);
    return new AddedToken(
        id,
        content,
        token.bool("lstrip", false),
        token.bool("rstrip", false),
        token.bool("single_word", false),
        token.bool("normalized", !token.bool("special", false)));
  }

  private static AddedToken plain(int id, String content) {
    return new AddedToken(id, content, false, false, false, true);
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

  boolean masksPadding() {
    return !config.has("model_input_names")
        || config.strings("model_input_names").contains("attention_mask");
  }

  boolean padsLeft(boolean absent) {
    String side = config.string("padding_side", absent ? "left" : "right");
    if (!side.equals("left") && !side.equals("right")) {
      throw new CheckpointException(
          "%s is %s, expected left or right".formatted(config.where("padding_side"), side));
    }
    return side.equals("left");
  }

  /**
   * What the token of a role is called.
   *
   * @param roles the roles, as in {@code eos_token}, and what the tokens are called if no file says
   */
  String named(String role, Map<String, String> roles) {
    return special.raw(role) instanceof JsonObject object
        ? object.string("content")
        : special.string(role, roles.get(role));
  }

  /**
   * The added tokens with their ids in the vocabulary, those of the roles among them.
   *
   * @param ids the vocabulary, whose ids count where both have the token
   * @param roles whose tokens are found in texts even if no file lists them
   * @param strips whether white space around those belongs to them
   */
  AddedTokens added(Map<String, Integer> ids, Map<String, String> roles, boolean strips) {
    Map<String, AddedToken> all = new LinkedHashMap<>(added);
    for (String role : roles.keySet()) {
      String token = named(role, roles);
      Integer id = ids.get(token);
      if (id != null && !all.containsKey(token)) {
        all.put(
            token,
            special.raw(role) instanceof JsonObject flags
                ? token(id, flags)
                : new AddedToken(id, token, strips, strips, false, false));
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
  int id(String role, Map<String, String> roles, Map<String, Integer> ids) {
    String token = named(role, roles);
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
