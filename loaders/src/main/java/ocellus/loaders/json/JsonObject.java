package ocellus.loaders.json;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.internal.Printable;

/**
 * An immutable JSON object whose values are asked for by key and type.
 *
 * <p>What is absent or of another type is a {@link CheckpointException} that names the file, the
 * key with its path, what is there and what was expected. A {@code null} counts as absent. The
 * variants with a default return it where the key is absent, and still refuse another type.
 */
public final class JsonObject {
  /** Larger than the class lists of the largest published checkpoints by a factor of ten. */
  private static final int MAX_BYTES = 64 << 20;

  private final String source;
  private final String path; // of this object within the document, "" or ending in "."
  private final Map<String, Object> values;

  JsonObject(String source, String path, Map<String, Object> values) {
    this.source = source;
    this.path = path;
    this.values = Collections.unmodifiableMap(values);
  }

  /**
   * Reads a file; messages call it by its folder and name, as in {@code vit/config.json}.
   *
   * @throws CheckpointException if it cannot be read, or is not one JSON object, or repeats a key
   */
  public static JsonObject read(Path file) {
    String source = Printable.name(file);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new CheckpointException(
            "%s: larger than %d MiB, which no configuration file is"
                .formatted(source, MAX_BYTES >> 20));
      }
      return parse(source, bytes);
    } catch (IOException e) {
      throw new CheckpointException(source + ": cannot be read: " + Printable.reason(e), e);
    }
  }

  /**
   * Parses a document.
   *
   * @param source what messages call it
   * @throws CheckpointException if it is not one JSON object in UTF-8, or repeats a key
   */
  public static JsonObject parse(String source, byte[] utf8) {
    return JsonParsing.parse(source, utf8);
  }

  /** An object without keys. */
  public static JsonObject empty(String source) {
    return new JsonObject(source, "", Map.of());
  }

  /**
   * This object, with those entries of {@code defaults} whose keys it lacks. A key that is there
   * with the value {@code null} is not lacking.
   */
  public JsonObject withDefaults(JsonObject defaults) {
    Map<String, Object> all = new LinkedHashMap<>(defaults.values);
    all.putAll(values);
    return new JsonObject(source, path, all);
  }

  /** What messages call the document, as in {@code vit/config.json}. */
  public String source() {
    return source;
  }

  /** The keys, in the order of the document. */
  public Set<String> keys() {
    return values.keySet();
  }

  /** Whether {@code key} is there and not {@code null}. */
  public boolean has(String key) {
    return values.get(key) != null;
  }

  /**
   * The value as it is: a {@code String}, {@code Boolean}, {@code Long}, {@code Double} (also an
   * integer too large for a {@code long}), {@code JsonObject}, {@code List<Object>} of these, or
   * null.
   */
  public Object raw(String key) {
    return values.get(key);
  }

  public String string(String key) {
    return required(key, "a string", JsonObject::asString);
  }

  public String string(String key, String absent) {
    return optional(key, absent, "a string", JsonObject::asString);
  }

  public int integer(String key) {
    return required(key, "an integer", JsonObject::asInteger);
  }

  public int integer(String key, int absent) {
    return optional(key, absent, "an integer", JsonObject::asInteger);
  }

  /** A finite number. */
  public double number(String key) {
    return required(key, "a number", JsonObject::asNumber);
  }

  /** A finite number. */
  public double number(String key, double absent) {
    return optional(key, absent, "a number", JsonObject::asNumber);
  }

  public boolean bool(String key) {
    return required(key, "true or false", JsonObject::asBoolean);
  }

  public boolean bool(String key, boolean absent) {
    return optional(key, absent, "true or false", JsonObject::asBoolean);
  }

  public JsonObject object(String key) {
    return required(key, "an object", JsonObject::asObject);
  }

  public JsonObject object(String key, JsonObject absent) {
    return optional(key, absent, "an object", JsonObject::asObject);
  }

  /** The object, or one without keys where it is absent. */
  public JsonObject objectOrEmpty(String key) {
    return object(key, new JsonObject(source, path + key + ".", Map.of()));
  }

  /** A list of values as {@link #raw} describes them. */
  public List<Object> list(String key) {
    return required(key, "a list", JsonObject::asList);
  }

  public List<Object> list(String key, List<Object> absent) {
    return optional(key, absent, "a list", JsonObject::asList);
  }

  public List<String> strings(String key) {
    return required(key, "a list of strings", v -> elements(v, JsonObject::asString));
  }

  public int[] integers(String key) {
    List<Integer> elements =
        required(key, "a list of integers", v -> elements(v, JsonObject::asInteger));
    return elements.stream().mapToInt(Integer::intValue).toArray();
  }

  /** A list of finite numbers. */
  public double[] numbers(String key) {
    List<Double> elements =
        required(key, "a list of numbers", v -> elements(v, JsonObject::asNumber));
    return elements.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Where {@code key} is, for messages: the file and the key's path in it. */
  public String where(String key) {
    return source + ": " + path + Printable.clip(key);
  }

  private <T> T required(String key, String expected, Function<Object, T> cast) {
    Object value = values.get(key);
    if (value == null) {
      throw new CheckpointException("%s is missing, expected %s".formatted(where(key), expected));
    }
    return checked(key, value, expected, cast);
  }

  private <T> T optional(String key, T absent, String expected, Function<Object, T> cast) {
    Object value = values.get(key);
    return value == null ? absent : checked(key, value, expected, cast);
  }

  private <T> T checked(String key, Object value, String expected, Function<Object, T> cast) {
    T result = cast.apply(value);
    if (result == null) {
      throw new CheckpointException(
          "%s is %s, expected %s".formatted(where(key), show(value), expected));
    }
    return result;
  }

  // Each of these is null for a value of another type.

  private static String asString(Object value) {
    return value instanceof String s ? s : null;
  }

  private static Integer asInteger(Object value) {
    return value instanceof Long l && l == l.intValue() ? (Integer) l.intValue() : null;
  }

  private static Double asNumber(Object value) {
    return value instanceof Number n && Double.isFinite(n.doubleValue())
        ? (Double) n.doubleValue()
        : null;
  }

  private static Boolean asBoolean(Object value) {
    return value instanceof Boolean b ? b : null;
  }

  private static JsonObject asObject(Object value) {
    return value instanceof JsonObject o ? o : null;
  }

  @SuppressWarnings("unchecked") // the parser makes no other lists
  private static List<Object> asList(Object value) {
    return value instanceof List<?> l ? (List<Object>) l : null;
  }

  private static <T> List<T> elements(Object value, Function<Object, T> cast) {
    if (!(value instanceof List<?> list)) {
      return null;
    }
    List<T> elements = list.stream().<T>map(cast).toList();
    return elements.contains(null) ? null : elements;
  }

  private static String show(Object value) {
    return switch (value) {
      case JsonObject _ -> "an object";
      case String s -> '"' + Printable.clip(s) + '"';
      default -> Printable.clip(value.toString());
    };
  }

  /** The keys and values, for debugging. */
  @Override
  public String toString() {
    return values.toString();
  }
}
