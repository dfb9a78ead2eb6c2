package ocellus.loaders.image;

/**
 * The rows of an image with their columns resized, one int a sample, 0..255. They are computed in
 * order, when they are first asked for, and only so many are kept as one new row depends on.
 *
 * <p>Two rows are computed at once, in the halves of longs: one product with a weight serves both,
 * and sums of 32 bits cannot meet. That is twice as fast as one row in ints, needs no vectors and
 * hence no warming up, and is exact. {@link VectorColumns} is faster, once it is compiled.
 */
final class ResampledRows {
  private static final int CHANNELS = RgbImage.CHANNELS;

  /** Half of a pixel's unit, in both halves. */
  private static final long HALVES = Resampler.HALF | (long) Resampler.HALF << 32;

  private final byte[] in;
  private final int stride;
  private final int end;
  private final ResampleWeights columns;
  private final int left;
  private final int[][] kept;

  /** Null where plain code is to be used. */
  private final VectorColumns vectors;

  /** Two rows of the image, side by side; only what the new columns depend on. */
  private final long[] pair;

  /** The next row to be computed. */
  private int next;

  /**
   * @param in rows of {@code width} pixels
   * @param columns how they are resized
   * @param left the first column to keep, for rows whose length does not change
   * @param top the first row that will be asked for
   * @param bottom one past the last
   * @param span how many rows, at most, are looked at together
   * @param vectorised whether to take vectors where that is possible
   */
  ResampledRows(
      byte[] in,
      int width,
      ResampleWeights columns,
      int left,
      int top,
      int bottom,
      int span,
      boolean vectorised) {
    this.in = in;
    this.stride = width * CHANNELS;
    this.columns = columns;
    this.left = left;
    this.next = top;
    this.end = bottom;
    this.vectors =
        vectorised && VectorColumns.canResize(columns) ? new VectorColumns(columns) : null;
    int together = vectors == null ? 2 : VectorColumns.ROWS;
    int rows = Math.min(span + together - 1, bottom - top);
    this.kept = new int[rows][Math.multiplyExact(columns.length(), CHANNELS)];
    this.pair =
        columns.isIdentity() || vectors != null
            ? null
            : new long[(columns.end() - columns.begin()) * CHANNELS];
  }

  /**
   * Row {@code y}; valid until a row is asked for that is as many rows further down as are kept.
   */
  int[] row(int y) {
    while (next <= y) {
      compute();
    }
    return kept[y % kept.length];
  }

  private void compute() {
    int[] first = kept[next % kept.length];
    if (columns.isIdentity()) {
      int from = next * stride + left * CHANNELS;
      for (int i = 0; i < first.length; i++) {
        first[i] = in[from + i] & 0xff;
      }
      next++;
    } else if (vectors != null) {
      vectors.resize(in, stride, next, end - 1);
      int bottom = Math.min(next + VectorColumns.ROWS, end);
      for (int i = 0; next < bottom; i++, next++) {
        vectors.copyRow(i, kept[next % kept.length]);
      }
    } else {
      // Of an odd number of rows, the last is computed twice.
      int other = Math.min(next + 1, end - 1);
      int from = columns.begin() * CHANNELS;
      interleave(in, next * stride + from, other * stride + from, pair);
      resize(pair, columns, first, kept[other % kept.length]);
      next = other + 1;
    }
  }

  private static void interleave(byte[] in, int first, int second, long[] pair) {
    for (int i = 0; i < pair.length; i++) {
      pair[i] = (in[first + i] & 0xff) | (in[second + i] & 0xffL) << 32;
    }
  }

  private static void resize(long[] pair, ResampleWeights columns, int[] first, int[] second) {
    int[] weights = columns.fixedPointWeights();
    int begin = columns.begin();
    for (int x = 0; x < columns.length(); x++) {
      int w = columns.offset(x);
      int p = (columns.first(x) - begin) * CHANNELS;
      long r = HALVES;
      long g = HALVES;
      long b = HALVES;
      for (int last = w + columns.count(x); w < last; w++, p += CHANNELS) {
        long weight = weights[w];
        r += pair[p] * weight;
        g += pair[p + 1] * weight;
        b += pair[p + 2] * weight;
      }
      int to = x * CHANNELS;
      first[to] = Resampler.level((int) r);
      first[to + 1] = Resampler.level((int) g);
      first[to + 2] = Resampler.level((int) b);
      second[to] = Resampler.level(upper(r));
      second[to + 1] = Resampler.level(upper(g));
      second[to + 2] = Resampler.level(upper(b));
    }
  }

  /** The sum in the upper half: a negative one below has borrowed from it. */
  private static int upper(long sums) {
    return (int) ((sums - (int) sums) >> 32);
  }
}
