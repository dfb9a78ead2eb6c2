package ocellus.loaders.tokenizer;

/**
 * The classes of characters that tokenizers cut text by, in the version of Unicode that the JDK
 * has.
 */
final class UnicodeClass {
  private UnicodeClass() {}

  /** {@code \p{L}}. */
  static boolean isLetter(int codePoint) {
    return Character.isLetter(codePoint);
  }

  /** {@code \p{N}}. */
  static boolean isNumber(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
      default -> false;
    };
  }

  /** {@code \s}, the property White_Space. */
  static boolean isSpace(int codePoint) {
    return switch (codePoint) {
      case '\t', '\n', 0x0b, '\f', '\r', 0x85 -> true;
      default -> Character.isSpaceChar(codePoint);
    };
  }

  /** {@code \w}: letters, marks, decimal digits, connectors such as the underscore, and joiners. */
  static boolean isWord(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.NON_SPACING_MARK,
          Character.COMBINING_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.DECIMAL_DIGIT_NUMBER,
          Character.CONNECTOR_PUNCTUATION ->
          true;
      default -> Character.isAlphabetic(codePoint) || codePoint == 0x200c || codePoint == 0x200d;
    };
  }
}
