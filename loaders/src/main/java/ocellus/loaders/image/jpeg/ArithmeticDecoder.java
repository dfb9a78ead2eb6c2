package ocellus.loaders.image.jpeg;

import java.util.Arrays;

/**
 * Arithmetic coding, sequential and progressive (ISO/IEC 10918-1, F.2.4 and G.1.3). Names of places
 * in the statistics follow tables F.4 and F.5.
 */
final class ArithmeticDecoder extends EntropyDecoder {
  private static final int DC_STATISTICS = 64;
  private static final int AC_STATISTICS = 256;

  /** Places for the magnitude of a DC difference. */
  private static final int DC_X1 = 20;

  /** Places for the magnitude of an AC coefficient, up to Kx and behind it. */
  private static final int AC_X2_LOW = 189;

  private static final int AC_X2_HIGH = 217;

  /** From the places of a magnitude's length to those of its bits. */
  private static final int MAGNITUDE_BITS = 14;

  private static final int MAGNITUDE_LIMIT = 0x8000;
  private static final int BAD_COEFFICIENT = Integer.MIN_VALUE;

  private final Scan scan;
  private final boolean sequential;
  private final Tables tables;
  private final ArithmeticInput in;
  private final byte[][] dc;
  private final byte[][] ac;
  private final byte[] even = {ArithmeticInput.EVEN};
  private final int[] predictions;

  /** Of each component, where the statistics of its next DC difference begin. */
  private final int[] contexts;

  ArithmeticDecoder(Scan scan, Frame frame, Tables tables, Input input) {
    super(input, tables.restartInterval);
    this.scan = scan;
    this.sequential = !frame.progressive;
    this.tables = tables;
    in = new ArithmeticInput(input);
    dc = new byte[Tables.ARITHMETIC_TABLES][DC_STATISTICS];
    ac = new byte[Tables.ARITHMETIC_TABLES][AC_STATISTICS];
    predictions = new int[scan.components().length];
    contexts = new int[predictions.length];
  }

  @Override
  void reset() {
    in.restart();
    Arrays.fill(predictions, 0);
    Arrays.fill(contexts, 0);
    for (byte[] statistics : dc) {
      Arrays.fill(statistics, (byte) 0);
    }
    for (byte[] statistics : ac) {
      Arrays.fill(statistics, (byte) 0);
    }
  }

  /** Missing data is zeros, which decode to something. */
  @Override
  boolean needsData() {
    return false;
  }

  @Override
  boolean decode(Mcu mcu) throws JpegException {
    boolean first = sequential || scan.previousShift() == 0;
    for (int i = 0; i < mcu.size; i++) {
      short[] row = mcu.rows[i];
      int offset = mcu.offsets[i];
      int component = mcu.components[i];
      if (sequential || scan.isDc()) {
        if (!first) {
          row[offset] |= (short) (in.decide(even, 0) << scan.shift());
        } else if (!dc(component)) {
          return false;
        } else {
          row[offset] = (short) (predictions[component] << (sequential ? 0 : scan.shift()));
        }
      }
      int table = scan.acTables()[component];
      boolean complete =
          sequential
              ? band(table, 1, Frame.BLOCK - 1, 0, row, offset)
              : scan.isDc()
                  || (first
                      ? band(table, scan.first(), scan.last(), scan.shift(), row, offset)
                      : refine(table, row, offset));
      if (!complete) {
        return false;
      }
    }
    return true;
  }

  /** Adds the next difference to a component's prediction. */
  private boolean dc(int component) throws JpegException {
    int table = scan.dcTables()[component];
    byte[] statistics = dc[table];
    int at = contexts[component];
    if (in.decide(statistics, at) == 0) {
      contexts[component] = 0;
      return true;
    }
    int sign = in.decide(statistics, at + 1);
    at += 2 + sign;
    int magnitude = in.decide(statistics, at);
    if (magnitude != 0) {
      at = DC_X1;
      while (in.decide(statistics, at) != 0) {
        magnitude <<= 1;
        if (magnitude == MAGNITUDE_LIMIT) {
          return false;
        }
        at++;
      }
    }
    if (magnitude < 1 << tables.lower[table] >> 1) {
      contexts[component] = 0;
    } else if (magnitude > 1 << tables.upper[table] >> 1) {
      contexts[component] = 12 + 4 * sign;
    } else {
      contexts[component] = 4 + 4 * sign;
    }
    int value = bits(statistics, at + MAGNITUDE_BITS, magnitude) + 1;
    predictions[component] = (predictions[component] + (sign != 0 ? -value : value)) & 0xffff;
    return true;
  }

  /** The bits below the highest one of a magnitude. */
  private int bits(byte[] statistics, int at, int highest) throws JpegException {
    int value = highest;
    for (int bit = highest >> 1; bit != 0; bit >>= 1) {
      if (in.decide(statistics, at) != 0) {
        value |= bit;
      }
    }
    return value;
  }

  private boolean band(int table, int from, int to, int shift, short[] row, int offset)
      throws JpegException {
    byte[] statistics = ac[table];
    for (int k = from; k <= to; k++) {
      int at = 3 * (k - 1);
      if (in.decide(statistics, at) != 0) {
        return true; // End of block.
      }
      while (in.decide(statistics, at + 1) == 0) {
        at += 3;
        if (++k > to) {
          return false;
        }
      }
      int value = coefficient(statistics, at + 2, k <= tables.split[table]);
      if (value == BAD_COEFFICIENT) {
        return false;
      }
      row[offset + ZigZag.OFFSET[k]] = (short) (value << shift);
    }
    return true;
  }

  private int coefficient(byte[] statistics, int place, boolean low) throws JpegException {
    int at = place;
    int sign = in.decide(even, 0);
    int magnitude = in.decide(statistics, at);
    if (magnitude != 0 && in.decide(statistics, at) != 0) {
      magnitude <<= 1;
      at = low ? AC_X2_LOW : AC_X2_HIGH;
      while (in.decide(statistics, at) != 0) {
        magnitude <<= 1;
        if (magnitude == MAGNITUDE_LIMIT) {
          return BAD_COEFFICIENT;
        }
        at++;
      }
    }
    int value = bits(statistics, at + MAGNITUDE_BITS, magnitude) + 1;
    return sign != 0 ? -value : value;
  }

  private boolean refine(int table, short[] row, int offset) throws JpegException {
    byte[] statistics = ac[table];
    int bit = 1 << scan.shift();
    int end = scan.last();
    while (end > 0 && row[offset + ZigZag.OFFSET[end]] == 0) {
      end--;
    }
    for (int k = scan.first(); k <= scan.last(); k++) {
      int at = 3 * (k - 1);
      if (k > end && in.decide(statistics, at) != 0) {
        return true; // End of block.
      }
      while (true) {
        int place = offset + ZigZag.OFFSET[k];
        int coefficient = row[place];
        if (coefficient != 0) {
          if (in.decide(statistics, at + 2) != 0) {
            row[place] = (short) (coefficient + (coefficient < 0 ? -bit : bit));
          }
          break;
        }
        if (in.decide(statistics, at + 1) != 0) {
          row[place] = (short) (in.decide(even, 0) != 0 ? -bit : bit);
          break;
        }
        at += 3;
        if (++k > scan.last()) {
          return false;
        }
      }
    }
    return true;
  }
}
