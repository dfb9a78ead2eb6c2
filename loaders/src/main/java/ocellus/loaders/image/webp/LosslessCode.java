package ocellus.loaders.image.webp;

/** A prefix code: WebP lossless bitstream specification, section 6.2. Immutable. */
final class LosslessCode {
  private static final int LONGEST = 15;
  private static final int TABLE_BITS = 8;

  /** In which order the lengths of the code of lengths are stored. */
  private static final int[] ORDER = {
    17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
  };

  private static final int REPEAT = 16;
  private static final int FEW_ZEROS = 17;
  private static final int LENGTH_BEFORE_THE_FIRST = 8;

  /** Symbols in the order of their codes; one alone takes no bits. */
  private final short[] symbols;

  /** How many codes there are of each length. */
  private final int[] counts;

  /** Symbol and length by the next bits; 0 for codes that are longer. */
  private final int[] table;

  private LosslessCode(int[] lengths) throws WebpException {
    counts = new int[LONGEST + 1];
    int used = 0;
    for (int length : lengths) {
      counts[length]++;
      used += length > 0 ? 1 : 0;
    }
    counts[0] = 0;
    int[] next = new int[LONGEST + 2];
    int free = 1;
    for (int length = 1; length <= LONGEST; length++) {
      next[length + 1] = next[length] + counts[length];
      free = 2 * free - counts[length];
      if (free < 0) {
        break;
      }
    }
    if (used == 0 || (used > 1 && free != 0)) {
      throw new WebpException("one of its codes is damaged");
    }
    symbols = new short[used];
    for (int symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] > 0) {
        symbols[next[lengths[symbol]]++] = (short) symbol;
      }
    }
    table = used == 1 ? null : table();
  }

  private int[] table() {
    int[] result = new int[1 << TABLE_BITS];
    int code = 0;
    int index = 0;
    for (int length = 1; length <= TABLE_BITS; length++) {
      for (int i = 0; i < counts[length]; i++, code++, index++) {
        int entry = symbols[index] << 4 | length;
        int first = Integer.reverse(code) >>> (Integer.SIZE - length);
        for (int at = first; at < result.length; at += 1 << length) {
          result[at] = entry;
        }
      }
      code <<= 1;
    }
    return result;
  }

  static LosslessCode read(LosslessBits in, int alphabet) throws WebpException {
    int[] lengths = new int[alphabet];
    if (in.flag()) {
      boolean two = in.flag();
      put(lengths, in.read(in.flag() ? 8 : 1));
      if (two) {
        put(lengths, in.read(8));
      }
      return new LosslessCode(lengths);
    }
    int[] ofLengths = new int[ORDER.length];
    int count = 4 + in.read(4);
    for (int i = 0; i < count; i++) {
      ofLengths[ORDER[i]] = in.read(3);
    }
    var code = new LosslessCode(ofLengths);
    int left = alphabet;
    if (in.flag()) {
      left = 2 + in.read(2 + 2 * in.read(3));
    }
    int previous = LENGTH_BEFORE_THE_FIRST;
    for (int symbol = 0; symbol < alphabet && left > 0; left--) {
      int length = code.next(in);
      if (length < REPEAT) {
        lengths[symbol++] = length;
        previous = length > 0 ? length : previous;
        continue;
      }
      int times =
          length == REPEAT
              ? 3 + in.read(2)
              : length == FEW_ZEROS ? 3 + in.read(3) : 11 + in.read(7);
      if (symbol + times > alphabet) {
        throw new WebpException("one of its codes is damaged");
      }
      for (int i = 0; i < times; i++) {
        lengths[symbol++] = length == REPEAT ? previous : 0;
      }
    }
    return new LosslessCode(lengths);
  }

  private static void put(int[] lengths, int symbol) throws WebpException {
    if (symbol >= lengths.length) {
      throw new WebpException("one of its codes is damaged");
    }
    lengths[symbol] = 1;
  }

  int next(LosslessBits in) throws WebpException {
    if (table == null) {
      return symbols[0];
    }
    int bits = in.peek(LONGEST);
    int entry = table[bits & ((1 << TABLE_BITS) - 1)];
    if (entry != 0) {
      in.skip(entry & 15);
      return entry >> 4;
    }
    int code = 0;
    int first = 0;
    int index = 0;
    for (int length = 1; length <= LONGEST; length++) {
      code |= bits >> (length - 1) & 1;
      if (code - first < counts[length]) {
        in.skip(length);
        return symbols[index + code - first];
      }
      index += counts[length];
      first = (first + counts[length]) << 1;
      code <<= 1;
    }
    throw new WebpException("one of its codes is damaged");
  }
}
