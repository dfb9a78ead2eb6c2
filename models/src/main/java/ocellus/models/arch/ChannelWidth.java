package ocellus.models.arch;

/**
 * How a width multiplier scales channels: to multiples of a divisor.
 *
 * <p>{@code make_divisible} of the TensorFlow reference of MobileNet, timm and transformers.
 *
 * @param multiplier of the channels that the paper gives
 * @param divisor what channels are multiples of
 * @param minimum the least number of channels
 * @param wholeFirst whether the product is rounded to an integer first, as transformers does
 * @param leastKept what is rounded down to less than this share is rounded up
 */
record ChannelWidth(
    double multiplier, int divisor, int minimum, boolean wholeFirst, double leastKept) {
  /** Rounded down by at most 10 %, as is usual. */
  ChannelWidth(double multiplier, int divisor, int minimum, boolean wholeFirst) {
    this(multiplier, divisor, minimum, wholeFirst, 0.9);
  }

  /** In multiples of 8, at least 8; timm's {@code round_channels}. */
  static ChannelWidth of(double multiplier) {
    return new ChannelWidth(multiplier, 8, 8, false);
  }

  /** As {@link #of}, always to the nearest multiple. */
  static ChannelWidth nearest(double multiplier) {
    return new ChannelWidth(multiplier, 8, 8, false, 0);
  }

  /** What {@code channels} of the paper are in this network. */
  int scaled(int channels) {
    return rounded(channels * multiplier);
  }

  /** The permitted number of channels next to {@code channels}. */
  int rounded(double channels) {
    double wanted = wholeFirst ? Math.rint(channels) : channels;
    int nearest = Math.max(minimum, (int) (wanted + divisor / 2.0) / divisor * divisor);
    return nearest < leastKept * wanted ? nearest + divisor : nearest;
  }
}
