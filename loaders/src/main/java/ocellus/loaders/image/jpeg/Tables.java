package ocellus.loaders.image.jpeg;

import java.util.Arrays;

/** The tables that segments define between scans (ISO/IEC 10918-1, B.2.4). */
final class Tables {
  private static final int QUANTISATION_TABLES = 4;
  private static final int HUFFMAN_TABLES = 4;
  static final int ARITHMETIC_TABLES = 16;

  /** Step sizes in natural order, 1 to 65535 or, in a damaged file, 0; null where undefined. */
  final int[][] quantisation = new int[QUANTISATION_TABLES][];

  final HuffmanTable[] dc = new HuffmanTable[HUFFMAN_TABLES];
  final HuffmanTable[] ac = new HuffmanTable[HUFFMAN_TABLES];

  /** Conditioning of arithmetic coding: bounds L and U of DC differences, Kx of AC coefficients. */
  final int[] lower = new int[ARITHMETIC_TABLES];

  final int[] upper = new int[ARITHMETIC_TABLES];
  final int[] split = new int[ARITHMETIC_TABLES];

  /** MCUs between restart markers; 0 for none. */
  int restartInterval;

  Tables() {
    Arrays.fill(upper, 1);
    Arrays.fill(split, 5);
  }

  /** Reads a DQT segment. */
  void readQuantisation(Input input) throws JpegException {
    int left = input.u16() - 2;
    while (left > 0) {
      int head = input.u8();
      boolean wide = head >> 4 != 0;
      int number = head & 15;
      if (number >= QUANTISATION_TABLES) {
        throw new JpegException("it defines quantisation table " + number + "; there are 0 to 3");
      }
      int[] table = new int[Frame.BLOCK];
      for (int k = 0; k < Frame.BLOCK; k++) {
        table[ZigZag.NATURAL[k]] = wide ? input.u16() : input.u8();
      }
      quantisation[number] = table;
      left -= 1 + (wide ? 2 : 1) * Frame.BLOCK;
    }
    checkEnd(left, "quantisation");
  }

  /** Reads a DHT segment. */
  void readHuffman(Input input) throws JpegException {
    int left = input.u16() - 2;
    while (left > HuffmanTable.LONGEST_CODE) {
      int head = input.u8();
      byte[] counts = new byte[HuffmanTable.LONGEST_CODE];
      int symbols = 0;
      for (int i = 0; i < counts.length; i++) {
        counts[i] = (byte) input.u8();
        symbols += counts[i] & 0xff;
      }
      left -= 1 + HuffmanTable.LONGEST_CODE;
      if (symbols > HuffmanTable.MOST_CODES || symbols > left) {
        throw new JpegException("it has a Huffman table of " + symbols + " codes in its segment");
      }
      int start = input.position;
      input.skip(symbols);
      left -= symbols;
      int number = head & ~0x10;
      if (number >= HUFFMAN_TABLES) {
        throw new JpegException("it defines Huffman table " + number + "; there are 0 to 3");
      }
      byte[] values = Arrays.copyOfRange(input.data, start, start + symbols);
      (head == number ? dc : ac)[number] = new HuffmanTable(counts, values);
    }
    checkEnd(left, "Huffman");
  }

  /** The table for DC coefficients with a number, ready for use. */
  HuffmanTable dcTable(int number) throws JpegException {
    return prepared(dc, number, true);
  }

  /** The table for AC coefficients with a number, ready for use. */
  HuffmanTable acTable(int number) throws JpegException {
    return prepared(ac, number, false);
  }

  /** Puts the tables of annex K where there are none: files of Motion JPEG leave them out. */
  void addDefaults() {
    for (int i = 0; i < 2; i++) {
      if (dc[i] == null) {
        dc[i] = StandardTables.dc(i);
      }
      if (ac[i] == null) {
        ac[i] = StandardTables.ac(i);
      }
    }
  }

  private static HuffmanTable prepared(HuffmanTable[] tables, int number, boolean dc)
      throws JpegException {
    if (number >= HUFFMAN_TABLES || tables[number] == null) {
      throw new JpegException("a scan needs Huffman table " + number + ", which is not there");
    }
    tables[number].prepare(dc);
    return tables[number];
  }

  /** Reads a DAC segment. */
  void readConditioning(Input input) throws JpegException {
    int left = input.u16() - 2;
    for (; left > 0; left -= 2) {
      int number = input.u8();
      int value = input.u8();
      if (number >= 2 * ARITHMETIC_TABLES) {
        throw new JpegException("it defines arithmetic conditioning " + number);
      }
      if (number >= ARITHMETIC_TABLES) {
        split[number - ARITHMETIC_TABLES] = value;
      } else {
        lower[number] = value & 15;
        upper[number] = value >> 4;
        if (lower[number] > upper[number]) {
          throw new JpegException("its arithmetic conditioning has bounds out of order");
        }
      }
    }
    checkEnd(left, "arithmetic conditioning");
  }

  /** Reads a DRI segment. */
  void readRestartInterval(Input input) throws JpegException {
    if (input.u16() != 4) {
      throw new JpegException("its restart interval has a wrong length");
    }
    restartInterval = input.u16();
  }

  private static void checkEnd(int left, String tables) throws JpegException {
    if (left != 0) {
      throw new JpegException("its " + tables + " tables do not fill their segment");
    }
  }
}
