package ocellus.loaders.tokenizer;

import java.util.List;
import java.util.Map;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.internal.Printable;

/**
 * The tokens of byte pair encoding and how they are put together.
 *
 * @param ids the id of each token
 * @param merges in the order in which they were learned
 */
record BpeVocabulary(Map<String, Integer> ids, Merges merges) {
  /** Far beyond any vocabulary; keeps a wrong number from filling the memory. */
  private static final int LARGEST_ID = 1 << 24;

  /**
   * A merge as vocabularies write it.
   *
   * @param where what messages call it
   */
  record Pair(String left, String right, String where) {}

  /**
   * Looks the merges up.
   *
   * @param source what messages call the vocabulary
   * @throws CheckpointException if a merge uses or makes a token that has no id
   */
  static BpeVocabulary of(String source, Map<String, Integer> ids, List<Pair> pairs) {
    ids.forEach((token, id) -> requireSensible(source, token, id));
    Merges merges = new Merges(pairs.size());
    for (Pair pair : pairs) {
      int left = id(ids, pair.left(), pair);
      int right = id(ids, pair.right(), pair);
      merges.add(left, right, id(ids, pair.left() + pair.right(), pair));
    }
    return new BpeVocabulary(Map.copyOf(ids), merges);
  }

  static void requireSensible(String source, String token, int id) {
    if (id < 0 || id > LARGEST_ID) {
      throw new CheckpointException(
          "%s: the id of %s is %d, expected 0 to %d"
              .formatted(source, Printable.clip(token), id, LARGEST_ID));
    }
  }

  private static int id(Map<String, Integer> ids, String token, Pair pair) {
    Integer id = ids.get(token);
    if (id == null || token.isEmpty()) {
      throw new CheckpointException(
          "%s: merges '%s' and '%s', but the vocabulary has no token '%s'; fetch both files of one model"
              .formatted(
                  pair.where(),
                  Printable.clip(pair.left()),
                  Printable.clip(pair.right()),
                  Printable.clip(token)));
    }
    return id;
  }

  /** One more than the largest id. */
  int size() {
    return 1 + ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
  }
}
