package ocellus.engine.layers;

/**
 * How many rows go through two layers at a time, so that what the first writes is still in the
 * cache when the second reads it.
 */
final class Bands {
  /** Floats that one thread writes and reads again: a quarter of an L2 of 2 MB. */
  private static final int FLOATS = 128 << 10;

  private Bands() {}

  /**
   * @param rows of all bands
   * @param width floats that the first layer writes for each row
   * @return rows of a band, but for the last; all of them if they are hardly more
   */
  static int rows(int rows, int width, int threads) {
    int most = Math.max(1, FLOATS / width) * threads;
    return rows <= most + most / 2 ? rows : Math.ceilDiv(rows, Math.ceilDiv(rows, most));
  }
}
