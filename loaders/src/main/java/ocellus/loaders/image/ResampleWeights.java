package ocellus.loaders.image;

/**
 * The weights by which one edge of an image is resized: each new pixel is a weighted sum of
 * consecutive old ones. Pillow's {@code precompute_coeffs} and its rounding to fixed point.
 *
 * <p>Only the new pixels of a range are kept; {@code i} counts from the start of that range.
 */
final class ResampleWeights {
  /** Bits after the point. Two are left for sums above 1, eight for the pixel. */
  static final int PRECISION_BITS = 32 - 8 - 2;

  private final int length;
  private final int taps;
  private final int[] first;
  private final int[] count;
  private final int[] weights;
  private final boolean identity;

  private ResampleWeights(int length, int taps, boolean identity) {
    this.length = length;
    this.taps = taps;
    this.identity = identity;
    this.first = new int[length];
    this.count = new int[length];
    this.weights = new int[Math.multiplyExact(length, taps)];
  }

  /**
   * The weights of new pixels {@code start .. start + length - 1}.
   *
   * @param inSize pixels of the edge before
   * @param outSize and after resizing
   */
  static ResampleWeights of(Filter filter, int inSize, int outSize, int start, int length) {
    double scale = (double) inSize / outSize;
    double filterScale = Math.max(scale, 1);
    double support = filter.support() * filterScale;
    int taps = (int) Math.ceil(support) * 2 + 1;
    var result = new ResampleWeights(length, taps, inSize == outSize);
    double[] exact = new double[taps];
    for (int i = 0; i < length; i++) {
      double center = (start + i + 0.5) * scale;
      int from = Math.max((int) (center - support + 0.5), 0);
      int count = Math.min((int) (center + support + 0.5), inSize) - from;
      double sum = 0;
      for (int t = 0; t < count; t++) {
        exact[t] = filter.weight((t + from - center + 0.5) * (1 / filterScale));
        sum += exact[t];
      }
      for (int t = 0; t < count; t++) {
        result.weights[i * taps + t] = fixedPoint(sum == 0 ? exact[t] : exact[t] / sum);
      }
      result.first[i] = from;
      result.count[i] = count;
    }
    return result;
  }

  private static int fixedPoint(double weight) {
    return (int) (weight * (1 << PRECISION_BITS) + (weight < 0 ? -0.5 : 0.5));
  }

  /** New pixels. */
  int length() {
    return length;
  }

  /** No new pixel depends on more old ones. */
  int taps() {
    return taps;
  }

  /** Whether old and new edge are equally long, so that every new pixel is an old one. */
  boolean isIdentity() {
    return identity;
  }

  /** The first old pixel that new pixel {@code i} depends on. */
  int first(int i) {
    return first[i];
  }

  /** How many old pixels new pixel {@code i} depends on. */
  int count(int i) {
    return count[i];
  }

  /** Where in {@link #fixedPointWeights()} the weights of new pixel {@code i} start. */
  int offset(int i) {
    return i * taps;
  }

  /** All weights, scaled by two to the power {@link #PRECISION_BITS}. */
  int[] fixedPointWeights() {
    return weights;
  }

  /** The first old pixel that any new one depends on. */
  int begin() {
    return first[0];
  }

  /** One past the last old pixel that any new one depends on. */
  int end() {
    return first[length - 1] + count[length - 1];
  }
}
