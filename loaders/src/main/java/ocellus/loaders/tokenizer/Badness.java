package ocellus.loaders.tokenizer;

import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether characters stand side by side in a text as they only do when it was decoded wrongly.
 *
 * <p>Source: {@code badness.py} of ftfy 6.3. Its expression has many alternatives of few characters
 * each, so that what two characters allow is kept.
 */
final class Badness {
  private static final Pattern PATTERN = TextRepairData.pattern("pattern", "badness");
  private static final int MOST_PAIRS = 1 << 16;

  /** Whether a match may begin with a pair of characters that are not the first of a text. */
  private static final ConcurrentHashMap<Integer, Boolean> PAIRS = new ConcurrentHashMap<>();

  private Badness() {}

  static boolean of(String text) {
    Matcher matcher = PATTERN.matcher(text).useAnchoringBounds(false);
    for (int i = 0; i < text.length(); i++) {
      boolean whole = i == 0 || i + 1 == text.length();
      if (whole || mayBegin(text.charAt(i), text.charAt(i + 1))) {
        if (matcher.region(i, text.length()).lookingAt()) {
          return true;
        }
      }
    }
    return false;
  }

  @SuppressWarnings("JdkObsolete") // hitEnd tells that more characters may make a match
  private static boolean mayBegin(char first, char second) {
    int pair = first << Character.SIZE | second;
    Boolean known = PAIRS.get(pair);
    if (known != null) {
      return known;
    }
    // Something precedes the pair, so that it is not the beginning of the text.
    Matcher matcher = PATTERN.matcher("." + first + second).useAnchoringBounds(false).region(1, 3);
    boolean may = matcher.lookingAt() || matcher.hitEnd();
    if (PAIRS.mappingCount() < MOST_PAIRS) {
      PAIRS.put(pair, may);
    }
    return may;
  }
}
