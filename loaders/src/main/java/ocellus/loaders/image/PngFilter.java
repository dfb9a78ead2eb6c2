package ocellus.loaders.image;

/**
 * The filters of PNG rows (ISO/IEC 15948, clause 9): each byte is stored as its difference from
 * what the bytes to its left, above, and above to the left let expect.
 */
final class PngFilter {
  private static final int NONE = 0;
  private static final int SUB = 1;
  private static final int UP = 2;
  private static final int AVERAGE = 3;
  private static final int PAETH = 4;

  private PngFilter() {}

  /**
   * Restores a row in place. Byte 0 of both rows names the filter and is not part of the pixels.
   *
   * @param above the restored row before, as long as {@code row}; zeros before the first
   * @param distance bytes of a whole pixel, at least 1
   */
  static void undo(byte[] row, byte[] above, int distance) throws MalformedImageException {
    switch (row[0]) {
      case NONE -> {}
      case SUB -> sub(row, distance);
      case UP -> up(row, above);
      case AVERAGE -> average(row, above, distance);
      case PAETH -> paeth(row, above, distance);
      default -> throw new MalformedImageException("a row has undefined filter " + row[0]);
    }
  }

  private static void sub(byte[] row, int distance) {
    for (int i = 1 + distance; i < row.length; i++) {
      row[i] += row[i - distance];
    }
  }

  private static void up(byte[] row, byte[] above) {
    for (int i = 1; i < row.length; i++) {
      row[i] += above[i];
    }
  }

  private static void average(byte[] row, byte[] above, int distance) {
    int first = Math.min(1 + distance, row.length);
    for (int i = 1; i < first; i++) {
      row[i] += (byte) ((above[i] & 0xff) >> 1);
    }
    for (int i = first; i < row.length; i++) {
      row[i] += (byte) (((row[i - distance] & 0xff) + (above[i] & 0xff)) >> 1);
    }
  }

  private static void paeth(byte[] row, byte[] above, int distance) {
    int first = Math.min(1 + distance, row.length);
    for (int i = 1; i < first; i++) {
      row[i] += above[i];
    }
    for (int i = first; i < row.length; i++) {
      row[i] += (byte) paeth(row[i - distance] & 0xff, above[i] & 0xff, above[i - distance] & 0xff);
    }
  }

  /**
   * Of left, above and corner, the one nearest to {@code left + above - corner}; of equally near
   * ones the first. Written such that it compiles to minimum, maximum and conditional moves: which
   * of the three it is no processor can predict.
   */
  private static int paeth(int left, int above, int corner) {
    int threshold = 3 * corner - left - above;
    int least = Math.min(left, above);
    int most = Math.max(left, above);
    int unlessMost = most <= threshold ? least : corner;
    return threshold <= least ? most : unlessMost;
  }
}
