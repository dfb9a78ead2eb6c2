package ocellus.loaders.image.webp;

/** Reads the coefficients of blocks: RFC 6386, section 13. */
final class Vp8Tokens {
  static final int BLOCK = 16;

  private static final int[] ZIG_ZAG = {0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};

  /** Of a coefficient's position; one more, for what follows the last. */
  private static final int[] BANDS = {0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0};

  private static final int[][] EXTRA_BITS = {
    {173, 148, 140},
    {176, 155, 140, 135},
    {180, 157, 141, 134, 130},
    {254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129}
  };

  private final int[] probabilities;

  Vp8Tokens(int[] probabilities) {
    this.probabilities = probabilities;
  }

  /**
   * Reads the coefficients of a block.
   *
   * @param type of the block
   * @param context how many of the blocks above and on the left have coefficients
   * @param first position of the first coefficient
   * @param dc step of the first coefficient of the block, {@code ac} of the others
   * @param out zeros, from {@code at} on; in rows
   * @return one more than the position of the last coefficient; {@code first} or 0 if there is none
   */
  int read(BoolDecoder in, int type, int context, int first, int dc, int ac, short[] out, int at) {
    int p = Vp8Tables.tokenContext(type, BANDS[first], context);
    for (int n = first; n < BLOCK; n++) {
      if (!in.bit(probabilities[p])) {
        return n;
      }
      while (!in.bit(probabilities[p + 1])) {
        n++;
        if (n == BLOCK) {
          return BLOCK;
        }
        p = Vp8Tables.tokenContext(type, BANDS[n], 0);
      }
      int value = 1;
      int nextContext = 1;
      if (in.bit(probabilities[p + 2])) {
        value = large(in, p);
        nextContext = 2;
      }
      int signed = in.flag() ? -value : value;
      out[at + ZIG_ZAG[n]] = (short) (signed * (n == 0 ? dc : ac));
      p = Vp8Tables.tokenContext(type, BANDS[n + 1], nextContext);
    }
    return BLOCK;
  }

  /** A value above 1. */
  private int large(BoolDecoder in, int p) {
    if (!in.bit(probabilities[p + 3])) {
      if (!in.bit(probabilities[p + 4])) {
        return 2;
      }
      return in.bit(probabilities[p + 5]) ? 4 : 3;
    }
    if (!in.bit(probabilities[p + 6])) {
      if (!in.bit(probabilities[p + 7])) {
        return in.bit(159) ? 6 : 5;
      }
      int high = in.bit(165) ? 2 : 0;
      return 7 + high + (in.bit(145) ? 1 : 0);
    }
    int high = in.bit(probabilities[p + 8]) ? 1 : 0;
    int category = 2 * high + (in.bit(probabilities[p + 9 + high]) ? 1 : 0);
    int extra = 0;
    for (int probability : EXTRA_BITS[category]) {
      extra = extra << 1 | (in.bit(probability) ? 1 : 0);
    }
    return 3 + (8 << category) + extra;
  }
}
