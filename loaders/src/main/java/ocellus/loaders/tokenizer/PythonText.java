package ocellus.loaders.tokenizer;

/** Methods of Python's {@code str} where Java's differ. */
final class PythonText {
  private static final int CAPITAL_SIGMA = 0x3a3;
  private static final char FINAL_SIGMA = '\u03c2';

  private PythonText() {}

  /** White space as {@code str.isspace} has it: also the four separators of ASCII. */
  static boolean isSpace(int codePoint) {
    return UnicodeClass.isSpace(codePoint) || (codePoint >= 0x1c && codePoint <= 0x1f);
  }

  /** Whether it is in {@code string.punctuation}: all of ASCII's, symbols included. */
  static boolean isPunctuation(char c) {
    return c > ' ' && c < 0x7f && !Character.isLetterOrDigit(c);
  }

  /** {@code " ".join(text.split())}. */
  static String singleSpaced(String text) {
    StringBuilder joined = new StringBuilder(text.length());
    boolean pending = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i); // all white space is in the first plane
      if (isSpace(c)) {
        pending = true;
        continue;
      }
      if (pending && !joined.isEmpty()) {
        joined.append(' ');
      }
      pending = false;
      joined.append(c);
    }
    return joined.toString();
  }

  /** {@code text.lower()}: a sigma at the end of a word has its own form. */
  static String lower(String text) {
    if (text.indexOf(CAPITAL_SIGMA) < 0) {
      return CaseFolding.lowerEach(text);
    }
    StringBuilder lower = new StringBuilder(CaseFolding.lowerEach(text));
    int at = 0; // in the lower text, whose characters may be longer
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      if (c == CAPITAL_SIGMA && endsWord(text, i)) {
        lower.setCharAt(at, FINAL_SIGMA);
      }
      at += CaseFolding.lowerEach(Character.toString(c)).length();
      i += Character.charCount(c);
    }
    return lower.toString();
  }

  /**
   * Whether a cased letter precedes and none follows, characters aside that case ignores: the
   * Unicode Standard, table 3-17, Final_Sigma.
   */
  private static boolean endsWord(String text, int sigma) {
    int before = sigma;
    while (before > 0 && UnicodeClass.isCaseIgnorable(text.codePointBefore(before))) {
      before -= Character.charCount(text.codePointBefore(before));
    }
    if (before == 0 || !UnicodeClass.isCased(text.codePointBefore(before))) {
      return false;
    }
    int after = sigma + 1;
    while (after < text.length() && UnicodeClass.isCaseIgnorable(text.codePointAt(after))) {
      after += Character.charCount(text.codePointAt(after));
    }
    return after == text.length() || !UnicodeClass.isCased(text.codePointAt(after));
  }
}
