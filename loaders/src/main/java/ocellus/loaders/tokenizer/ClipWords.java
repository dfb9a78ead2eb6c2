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

  /** The one letter beside S that is an s to who ignores case. */
  private static final char LONG_S = '\u017f';

  private final String text;
  private final boolean ignoresCase;
  private int start;
  private int end;

  /**
   * @param ignoresCase whether the endings of contractions may be upper case
   */
  ClipWords(String text, boolean ignoresCase) {
    this.text = text;
    this.ignoresCase = ignoresCase;
  }

  /** Goes to the next word; false if there is none. */
  boolean next() {
    start = end;
    while (start < text.length() && UnicodeClass.isSpace(text.codePointAt(start))) {
      start++; // white space is in the first plane
    }
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

  private static boolean isOther(int codePoint) {
    return !UnicodeClass.isSpace(codePoint)
        && !UnicodeClass.isLetter(codePoint)
        && !UnicodeClass.isNumber(codePoint);
  }

  /** The length of a contraction's ending after the apostrophe, or 0. */
  private int ending() {
    for (String ending : ENDINGS) {
      boolean there =
          text.regionMatches(ignoresCase, end, ending, 0, ending.length())
              || (ignoresCase && ending.equals("s") && text.startsWith("" + LONG_S, end));
      if (there) {
        return ending.length();
      }
    }
    return 0;
  }

  /** Whether {@code literal} is what comes next, white space aside. */
  boolean nextStartsWith(String literal) {
    int at = end;
    while (at < text.length() && UnicodeClass.isSpace(text.charAt(at))) {
      at++;
    }
    return text.startsWith(literal, at);
  }

  /** Goes past what {@link #nextStartsWith} found. */
  void skip(String literal) {
    start = text.indexOf(literal, end);
    end = start + literal.length();
  }

  String word() {
    return text.substring(start, end);
  }
}
