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

  /** The property Cased. */
  static boolean isCased(int codePoint) {
    return Character.isLowerCase(codePoint)
        || Character.isUpperCase(codePoint)
        || Character.isTitleCase(codePoint);
  }

  /** The property Case_Ignorable: marks, formats, modifiers, and punctuation within words. */
  static boolean isCaseIgnorable(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.FORMAT,
          Character.MODIFIER_LETTER,
          Character.MODIFIER_SYMBOL ->
          true;
      default ->
          switch (codePoint) {
            case '\'', '.', ':', 0xb7, 0x387, 0x55f, 0x5f4, 0x2018, 0x2019, 0x2024, 0x2027 -> true;
            case 0xfe13, 0xfe52, 0xfe55, 0xff07, 0xff0e, 0xff1a -> true;
            default -> false;
          };
    };
  }
}
