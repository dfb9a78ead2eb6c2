package ocellus.loaders.tokenizer;

/** Lower case as the reference libraries have it. */
final class CaseFolding {
  private static final int CAPITAL_I_WITH_DOT = 0x130;

  private CaseFolding() {}

  /** Each character by itself, as Rust's {@code char::to_lowercase}: no final sigma. */
  static String lowerEach(String text) {
    StringBuilder lower = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      appendLower(lower, c);
    }
    return lower.toString();
  }

  private static void appendLower(StringBuilder lower, int codePoint) {
    if (codePoint == CAPITAL_I_WITH_DOT) {
      lower.append("i\u0307");
    } else {
      lower.appendCodePoint(Character.toLowerCase(codePoint));
    }
  }
}
