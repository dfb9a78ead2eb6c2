package ocellus.loaders.image;

import java.util.Arrays;

/**
 * Black and white as fax machines send it: TIFF 6.0, sections 10 and 11; ITU-T T.4 and T.6. Rows
 * have bits of 1 where they are black. Not thread-safe.
 */
final class TiffFax {
  private static final int TAG_T4_OPTIONS = 292;
  private static final long MIXED = 1;

  /** Of seven bits in place of a mode: what follows is not compressed. */
  private static final int RAW = 1;

  /** How rows follow each other. */
  enum Coding {
    /** Runs alone, each row from a whole byte on. */
    RUNS,
    /** Runs alone, each row behind a code that says so. */
    GROUP_3,
    /**
     * The same with a bit in front of each row: whether it is runs, or changes of the row above.
     */
    GROUP_3_MIXED,
    /** Changes of the row above. */
    GROUP_4
  }

  /** A row may take one bit. */
  static final int MOST_ROWS_FROM_A_BYTE = 8;

  /** Changes behind the last one of a row that are looked at. */
  private static final int SENTINELS = 3;

  /** Zeros in front of the bit that ends the code between rows; more of them fill up. */
  private static final int LEAST_ZEROS = 11;

  private final byte[] in;
  private final int columns;
  private long bit;

  /**
   * Where the colour of a row changes, first to black; behind the last change {@link #SENTINELS}
   * times the number of columns. The colour at the end of what is known is black if their number is
   * odd.
   */
  private int[] changes;

  private int count;
  private int[] above;

  /** How a file with one of the three compressions of fax is coded; null for any other. */
  static Coding coding(TiffDirectory directory, int compression) throws MalformedImageException {
    return switch (compression) {
      case TiffLayout.FAX_RUNS -> Coding.RUNS;
      case TiffLayout.GROUP_3 ->
          (directory.number(TAG_T4_OPTIONS, 0) & MIXED) == 0
              ? Coding.GROUP_3
              : Coding.GROUP_3_MIXED;
      case TiffLayout.GROUP_4 -> Coding.GROUP_4;
      default -> null;
    };
  }

  private TiffFax(byte[] in, int columns) {
    this.in = in;
    this.columns = columns;
    // A change takes a bit at least, and there is none twice at a column, the end being one.
    int most = (int) Math.min(columns, 8L * in.length) + 1;
    this.changes = new int[most + SENTINELS];
    this.above = new int[most + SENTINELS];
    Arrays.fill(changes, columns);
  }

  /**
   * Fills {@code out}. What follows is not looked at.
   *
   * @param columns of a row
   * @param rowBytes from one row to the next
   */
  static void decode(Bytes packed, Coding coding, int columns, int rowBytes, byte[] out)
      throws MalformedImageException {
    var fax = new TiffFax(packed.toArray(), columns);
    for (int at = 0; at < out.length; at += rowBytes) {
      fax.read(coding);
      fax.blacken(out, at);
    }
  }

  private void read(Coding coding) throws MalformedImageException {
    int[] reused = above;
    above = changes;
    changes = reused;
    count = 0;
    switch (coding) {
      case RUNS -> {
        readRuns();
        bit = (bit + 7) & ~7L;
      }
      case GROUP_3 -> {
        skipEndOfLine();
        readRuns();
      }
      case GROUP_3_MIXED -> {
        skipEndOfLine();
        boolean runs = peek(1) == 1;
        skip(1);
        if (runs) {
          readRuns();
        } else {
          readChanges();
        }
      }
      case GROUP_4 -> readChanges();
    }
    Arrays.fill(changes, count, count + SENTINELS, columns);
  }

  private void skipEndOfLine() throws MalformedImageException {
    int zeros = 0;
    for (; peek(1) == 0; zeros++) {
      skip(1);
    }
    skip(1);
    if (zeros < LEAST_ZEROS) {
      throw damaged();
    }
  }

  /** White and black in turns, up to the end of the row. */
  private void readRuns() throws MalformedImageException {
    for (int x = 0; x < columns; ) {
      x = afterRun(x);
      change(x);
    }
  }

  /** What differs from the row above: T.6, clause 2.2. */
  private void readChanges() throws MalformedImageException {
    int x = 0;
    int next = 0; // The change above that is to the right of x and to the other colour.
    while (x < columns) {
      if (peek(7) == RAW) {
        throw new MalformedImageException("fax data of which parts are raw are not supported");
      }
      int mode = next(FaxCodes.MODES);
      switch (mode) {
        case FaxCodes.PASS -> x = above[next + 1];
        case FaxCodes.HORIZONTAL -> {
          x = afterRun(x);
          change(x);
          x = afterRun(x);
          change(x);
        }
        default -> {
          int to = above[next] + mode - FaxCodes.VERTICAL;
          if (to < x || to > columns) {
            throw damaged();
          }
          x = to;
          change(x);
          next += next > 0 ? -1 : 1;
        }
      }
      while (above[next] <= x && above[next] < columns) {
        next += 2;
      }
    }
  }

  /** The end of a run of the present colour that begins at {@code x}. */
  private int afterRun(int x) throws MalformedImageException {
    FaxCodes codes = count % 2 == 0 ? FaxCodes.WHITE : FaxCodes.BLACK;
    int end = x;
    int run;
    do {
      run = FaxCodes.run(next(codes));
      end += run;
      if (end > columns) {
        throw damaged();
      }
    } while (run >= FaxCodes.MAKE_UP);
    return end;
  }

  /** Changes the colour; twice at the same place is not at all. */
  private void change(int x) {
    if (count > 0 && changes[count - 1] == x) {
      count--;
    } else {
      changes[count++] = x;
    }
  }

  private int next(FaxCodes codes) throws MalformedImageException {
    int found = codes.find(peek(FaxCodes.LONGEST));
    if (found == FaxCodes.NONE) {
      throw bit + FaxCodes.LONGEST > 8L * in.length ? truncated() : damaged();
    }
    skip(FaxCodes.length(found));
    return FaxCodes.index(found);
  }

  /** The next bits, up to 16; behind the last there are zeros. */
  private int peek(int bits) {
    int at = (int) (bit >>> 3);
    int three = byteAt(at) << 16 | byteAt(at + 1) << 8 | byteAt(at + 2);
    return three >> (24 - (bit & 7) - bits) & ((1 << bits) - 1);
  }

  private int byteAt(int at) {
    return at < in.length ? in[at] & 0xff : 0;
  }

  private void skip(int bits) throws MalformedImageException {
    bit += bits;
    if (bit > 8L * in.length) {
      throw truncated();
    }
  }

  private static MalformedImageException truncated() {
    return new MalformedImageException("it is truncated");
  }

  private static MalformedImageException damaged() {
    return new MalformedImageException("its fax data are damaged");
  }

  private void blacken(byte[] out, int at) {
    for (int i = 0; i < count; i += 2) {
      set(out, 8L * at + changes[i], 8L * at + changes[i + 1]);
    }
  }

  /** Sets the bits from one to another, which is left out; the highest of a byte is its first. */
  private static void set(byte[] out, long from, long to) {
    if (from == to) {
      return;
    }
    int first = (int) (from >>> 3);
    int last = (int) (to >>> 3);
    int head = 0xff >> (from & 7);
    int tail = 0xff00 >> (to & 7);
    if (first == last) {
      out[first] |= (byte) (head & tail);
      return;
    }
    out[first] |= (byte) head;
    Arrays.fill(out, first + 1, last, (byte) 0xff);
    if ((to & 7) != 0) {
      out[last] |= (byte) tail;
    }
  }
}
