package ocellus.loaders.tokenizer;

/**
 * The characters that stand for bytes in vocabularies of byte-level BPE: printable ones of Latin-1
 * for themselves, the others by those from U+0100 on.
 *
 * <p>Source: GPT-2's {@code bytes_to_unicode}.
 */
final class ByteAlphabet {
  private static final int SIZE = 256;
  private static final char[] CHARACTERS = new char[SIZE];

  /** The characters in the order of OpenAI's vocabulary: the printable ones first. */
  private static final String IN_ORDER;

  static {
    StringBuilder printable = new StringBuilder();
    StringBuilder others = new StringBuilder();
    for (int b = 0; b < SIZE; b++) {
      boolean isPrintable = (b > ' ' && b <= '~') || (b > 0xa0 && b != 0xad);
      CHARACTERS[b] = (char) (isPrintable ? b : SIZE + others.length());
      (isPrintable ? printable : others).append(CHARACTERS[b]);
    }
    IN_ORDER = printable.append(others).toString();
  }

  private ByteAlphabet() {}

  static String of(byte value) {
    return String.valueOf(CHARACTERS[value & 0xff]);
  }

  static String inOrder() {
    return IN_ORDER;
  }
}
