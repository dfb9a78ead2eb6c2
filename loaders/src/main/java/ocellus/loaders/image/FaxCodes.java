package ocellus.loaders.image;

/**
 * Codes of fax machines, looked up by the bits that come next: lengths of runs (ITU-T T.4, tables 2
 * and 3) and modes (T.6, table 1).
 */
final class FaxCodes {
  /** No code has more bits. */
  static final int LONGEST = 13;

  /** No code begins so. */
  static final int NONE = 0;

  private static final int LENGTH_BITS = 4;

  /** Runs from here on are multiples of it, and another code follows. */
  static final int MAKE_UP = 64;

  /** 1792, 1856 and so on, in either colour. */
  private static final String LONG_RUNS =
      """
      00000001000 00000001100 00000001101 000000010010 000000010011 000000010100 000000010101
      000000010110 000000010111 000000011100 000000011101 000000011110 000000011111
      """;

  /** 0 to 63, then 64, 128 and so on. */
  static final FaxCodes WHITE =
      ofRuns(
          """
          00110101 000111 0111 1000 1011 1100 1110 1111 10011 10100 00111 01000 001000 000011 110100
          110101 101010 101011 0100111 0001100 0001000 0010111 0000011 0000100 0101000 0101011
          0010011 0100100 0011000 00000010 00000011 00011010 00011011 00010010 00010011 00010100
          00010101 00010110 00010111 00101000 00101001 00101010 00101011 00101100 00101101 00000100
          00000101 00001010 00001011 01010010 01010011 01010100 01010101 00100100 00100101 01011000
          01011001 01011010 01011011 01001010 01001011 00110010 00110011 00110100
          11011 10010 010111 0110111 00110110 00110111 01100100 01100101 01101000 01100111 011001100
          011001101 011010010 011010011 011010100 011010101 011010110 011010111 011011000 011011001
          011011010 011011011 010011000 010011001 010011010 011000 010011011
          """);

  /** As {@link #WHITE}. */
  static final FaxCodes BLACK =
      ofRuns(
          """
          0000110111 010 11 10 011 0011 0010 00011 000101 000100 0000100 0000101 0000111 00000100
          00000111 000011000 0000010111 0000011000 0000001000 00001100111 00001101000 00001101100
          00000110111 00000101000 00000010111 00000011000 000011001010 000011001011 000011001100
          000011001101 000001101000 000001101001 000001101010 000001101011 000011010010 000011010011
          000011010100 000011010101 000011010110 000011010111 000001101100 000001101101 000011011010
          000011011011 000001010100 000001010101 000001010110 000001010111 000001100100 000001100101
          000001010010 000001010011 000000100100 000000110111 000000111000 000000100111 000000101000
          000001011000 000001011001 000000101011 000000101100 000001011010 000001100110 000001100111
          0000001111 000011001000 000011001001 000001011011 000000110011 000000110100 000000110101
          0000001101100 0000001101101 0000001001010 0000001001011 0000001001100 0000001001101
          0000001110010 0000001110011 0000001110100 0000001110101 0000001110110 0000001110111
          0000001010010 0000001010011 0000001010100 0000001010101 0000001011010 0000001011011
          0000001100100 0000001100101
          """);

  static final int PASS = 0;
  static final int HORIZONTAL = 1;

  /** Of a change right below one of the row above; others are as many pixels from it. */
  static final int VERTICAL = 5;

  /** Pass, horizontal, and from three pixels to the left of a change to three to its right. */
  static final FaxCodes MODES =
      new FaxCodes("0001 001 0000010 000010 010 1 011 000011 0000011".split(" ", -1));

  private final short[] entries = new short[1 << LONGEST];

  private FaxCodes(String[] codes) {
    for (int i = 0; i < codes.length; i++) {
      int spare = LONGEST - codes[i].length();
      int first = Integer.parseInt(codes[i], 2) << spare;
      for (int bits = first; bits < first + (1 << spare); bits++) {
        entries[bits] = (short) (i << LENGTH_BITS | codes[i].length());
      }
    }
  }

  private static FaxCodes ofRuns(String codes) {
    return new FaxCodes((codes + LONG_RUNS).strip().split("\\s+", -1));
  }

  /**
   * The code that some bits begin with.
   *
   * @param bits the next {@link #LONGEST}
   * @return {@link #NONE}, or what {@link #length} and {@link #index} take
   */
  int find(int bits) {
    return entries[bits];
  }

  /** Bits of a code that was found. */
  static int length(int found) {
    return found & ((1 << LENGTH_BITS) - 1);
  }

  /** Which of the codes was found. */
  static int index(int found) {
    return found >> LENGTH_BITS;
  }

  /** The run that a code of a colour stands for. */
  static int run(int index) {
    return index < MAKE_UP ? index : (index - MAKE_UP + 1) * MAKE_UP;
  }
}
