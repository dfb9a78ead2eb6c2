package ocellus.models.arch;

import java.util.Arrays;
import java.util.List;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.json.JsonObject;

/** Sizes and counts of a configuration, checked to be positive and not absurd. */
final class Extents {
  private Extents() {}

  /** An integer from 1 to {@code most}. */
  static int one(JsonObject json, String key, int absent, int most) {
    int value = json.integer(key, absent);
    if (value < 1 || value > most) {
      throw invalid(json, key, "an integer from 1 to " + most);
    }
    return value;
  }

  /** A list of {@code count} integers from 1 to {@code most}. */
  static int[] list(JsonObject json, String key, int count, int most) {
    int[] values = json.integers(key);
    if (values.length != count || Arrays.stream(values).anyMatch(v -> v < 1 || v > most)) {
      throw invalid(json, key, "a list of %d integers from 1 to %d".formatted(count, most));
    }
    return values;
  }

  /** An integer from 1 to {@code most} for all of {@code count}, or a list of as many. */
  static int[] oneOrList(JsonObject json, String key, int absent, int count, int most) {
    if (json.raw(key) instanceof List<?>) {
      return list(json, key, count, most);
    }
    int[] values = new int[count];
    Arrays.fill(values, one(json, key, absent, most));
    return values;
  }

  /** A value is not what can be supported. */
  static CheckpointException invalid(JsonObject json, String key, String expected) {
    return new CheckpointException(
        "%s is %s, expected %s".formatted(json.where(key), json.raw(key), expected));
  }
}
