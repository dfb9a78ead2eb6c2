package ocellus.loaders.image.jpeg;

/** The order in which the coefficients of a block are coded (ISO/IEC 10918-1, figure A.6). */
final class ZigZag {
  /** Entries beyond a block, for runs that lead out of it in damaged data: its last coefficient. */
  private static final int BEYOND = 16;

  /** The place {@code 8 row + column} of the k-th coefficient. */
  static final int[] NATURAL = natural();

  /** {@link #NATURAL} as an offset in {@link Coefficients}. */
  static final int[] OFFSET = offsets();

  private ZigZag() {}

  private static int[] natural() {
    int[] order = new int[Frame.BLOCK + BEYOND];
    int k = 0;
    for (int diagonal = 0; diagonal < 15; diagonal++) {
      int first = Math.max(0, diagonal - 7);
      int last = Math.min(7, diagonal);
      for (int i = first; i <= last; i++) {
        int row = diagonal % 2 == 0 ? diagonal - i : i;
        order[k++] = 8 * row + diagonal - row;
      }
    }
    while (k < order.length) {
      order[k++] = Frame.BLOCK - 1;
    }
    return order;
  }

  private static int[] offsets() {
    int[] offsets = new int[NATURAL.length];
    for (int k = 0; k < offsets.length; k++) {
      offsets[k] = NATURAL[k] * Coefficients.LANES;
    }
    return offsets;
  }
}
