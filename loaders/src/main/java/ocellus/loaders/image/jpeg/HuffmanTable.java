package ocellus.loaders.image.jpeg;

/**
 * A Huffman code (ISO/IEC 10918-1, annex C) with the tables to decode it: by the next bits, most
 * symbols are found together with the number that follows them.
 *
 * <p>A table that no scan uses may be nonsense, and a file may hold thousands of them, so it is
 * checked, and takes memory, when a scan asks for it.
 */
final class HuffmanTable {
  static final int LONGEST_CODE = 16;
  static final int MOST_CODES = 256;

  /** Bits that the tables are indexed by. */
  static final int LOOK_AHEAD = 12;

  /** Bits that a sequence takes which is no code; it is read as symbol 0. */
  static final int BAD_LENGTH = LONGEST_CODE + 1;

  private static final int LARGEST_DC_CATEGORY = 15;

  private final byte[] counts;
  private final byte[] values;
  private boolean prepared;

  /**
   * Of each length, the largest code, or -1, and what to add to a code for the index of its value.
   */
  private final int[] largest = new int[LONGEST_CODE + 1];

  private final int[] offsets = new int[LONGEST_CODE + 1];

  /** By the next bits: {@code length << 8 | symbol}, or 0 where the code is longer. */
  private short[] symbols;

  /**
   * By the next bits, where they hold both the code of a symbol RS and the coefficient that
   * follows: {@code coefficient << 16 | (R + 1) << 8 | bits}. Below 1 << 16 where they don't.
   */
  int[] coefficients;

  /**
   * @param counts how many codes of each length there are
   * @param values what they stand for, the shortest first
   */
  HuffmanTable(byte[] counts, byte[] values) {
    this.counts = counts;
    this.values = values;
  }

  /** Makes the table ready for a scan. */
  void prepare(boolean dc) throws JpegException {
    if (dc) {
      for (byte value : values) {
        if ((value & 0xff) > LARGEST_DC_CATEGORY) {
          throw new JpegException("a Huffman table for DC coefficients has other symbols");
        }
      }
    }
    if (!prepared) {
      assign();
      prepared = true;
    }
  }

  private void assign() throws JpegException {
    symbols = new short[1 << LOOK_AHEAD];
    coefficients = new int[1 << LOOK_AHEAD];
    int code = 0;
    int index = 0;
    for (int length = 1; length <= LONGEST_CODE; length++) {
      int count = counts[length - 1] & 0xff;
      offsets[length] = index - code;
      for (int i = 0; i < count; i++) {
        enter(code++, length, values[index++] & 0xff);
      }
      if (count > 0 && code > 1 << length) {
        throw new JpegException("a Huffman table has more codes than there can be");
      }
      largest[length] = count > 0 ? code - 1 : -1;
      code <<= 1;
    }
  }

  /** Enters a symbol for all continuations of its code. */
  private void enter(int code, int length, int symbol) {
    if (length > LOOK_AHEAD) {
      return;
    }
    int free = LOOK_AHEAD - length;
    for (int rest = 0; rest < 1 << free; rest++) {
      int bits = code << free | rest;
      if (bits >= symbols.length) {
        return; // Too many codes; the caller will notice.
      }
      symbols[bits] = (short) (length << 8 | symbol);
      int category = symbol & 15;
      if (category > 0 && category <= free) {
        int coefficient = extend(rest >> (free - category), category);
        coefficients[bits] = coefficient << 16 | ((symbol >> 4) + 1) << 8 | (length + category);
      }
    }
  }

  /** The number of a category that these bits stand for (ISO/IEC 10918-1, figure F.12). */
  static int extend(int bits, int category) {
    return bits + (((bits - (1 << (category - 1))) >> 31) & (1 - (1 << category)));
  }

  /**
   * The next symbol.
   *
   * @param bits to come, from the highest on, 17 at least
   * @return {@code length << 8 | symbol}
   */
  int symbol(long bits) {
    int entry = symbols[(int) (bits >>> (Long.SIZE - LOOK_AHEAD))];
    return entry != 0 ? entry : longSymbol((int) (bits >>> (Long.SIZE - LONGEST_CODE)));
  }

  private int longSymbol(int bits) {
    for (int length = LOOK_AHEAD + 1; length <= LONGEST_CODE; length++) {
      int code = bits >> (LONGEST_CODE - length);
      if (code <= largest[length]) {
        return length << 8 | (values[code + offsets[length]] & 0xff);
      }
    }
    return BAD_LENGTH << 8;
  }
}
