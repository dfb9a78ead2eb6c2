package ocellus.loaders.tokenizer;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The ids of words seen before, as long as there is room. Thread-safe. */
final class WordCache {
  private static final int MOST_WORDS = 1 << 16;
  private static final int LONGEST_WORD = 64;

  private final ConcurrentHashMap<String, int[]> ids = new ConcurrentHashMap<>();

  int[] get(String word, Function<String, int[]> encode) {
    int[] known = ids.get(word);
    if (known != null) {
      return known;
    }
    int[] computed = encode.apply(word);
    if (word.length() <= LONGEST_WORD && ids.mappingCount() < MOST_WORDS) {
      ids.put(word, computed);
    }
    return computed;
  }
}
