package ocellus.loaders.tokenizer;

import java.util.List;

/**
 * The words of a text as CLIP cuts it: the endings of English contractions, runs of letters, single
 * digits, and runs of anything else that is not white space.
 *
 * <p>Source: the regular expression of OpenAI's {@code simple_tokenizer.py}, {@code
 * 's|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+}.
 */
final class ClipWords {
  private static final List<String> ENDINGS = List.of("s", "t", "re", "ve", "m", "ll", "d");

  /**
   * A mark whose capital is the letter iota. To who ignores case it is no letter as it stands, and
   * not one of the others either: it is skipped.
   */
  private static final int COMBINING_IOTA = 0x345;

  private final String text;
  private final boolean ignoresCase;
  private int start;
  private int end;

  /**
   * @param ignoresCase whether the expression is matched without regard to case
   */
  ClipWords(String text, boolean ignoresCase) {
    this.text = text;
    this.ignoresCase = ignoresCase;
  }

  /** Goes to the next word; false if there is none. */
  boolean next() {
    start = afterSpace();
    if (start == text.length()) {
      end = start;
      return false;
    }
    int first = text.codePointAt(start);
    end = start + Character.charCount(first);
    if (UnicodeClass.isLetter(first)) {
      while (end < text.length() && UnicodeClass.isLetter(text.codePointAt(end))) {
        end += Character.charCount(text.codePointAt(end));
      }
    } else if (!UnicodeClass.isNumber(first)) {
      int ending = first == '\'' ? ending() : 0;
      end += ending;
      while (ending == 0 && end < text.length() && isOther(text.codePointAt(end))) {
        end += Character.charCount(text.codePointAt(end));
      }
    }
    return true;
  }

  private boolean isSkipped(int codePoint) {
    return UnicodeClass.isSpace(codePoint) || (ignoresCase && codePoint == COMBINING_IOTA);
  }

  private boolean isOther(int codePoint) {
    return !isSkipped(codePoint)
        && !UnicodeClass.isLetter(codePoint)
        && !UnicodeClass.isNumber(codePoint);
  }

  /** The length of a contraction's ending after the apostrophe, or 0. */
  private int ending() {
    for (String ending : ENDINGS) {
      if (text.regionMatches(ignoresCase, end, ending, 0, ending.length())) {
        return ending.length();
      }
    }
    return 0;
  }

  /** Whether {@code literal} is what comes next, white space aside. */
  boolean nextIs(String literal) {
    return text.regionMatches(ignoresCase, afterSpace(), literal, 0, literal.length());
  }

  /** Goes to the next word, which is what {@link #nextIs} found. */
  void next(String literal) {
    start = afterSpace();
    end = start + literal.length();
  }

  private int afterSpace() {
    int at = end;
    while (at < text.length() && isSkipped(text.charAt(at))) {
      at++; // all of these are in the first plane
    }
    return at;
  }

  String word() {
    return text.substring(start, end);
  }
}
