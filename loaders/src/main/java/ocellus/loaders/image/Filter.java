package ocellus.loaders.image;

import java.util.Locale;
import java.util.Optional;

/**
 * How new pixels are computed from old ones when an image is resized: Pillow's resampling filters,
 * by Pillow's formulas. All but {@link #NEAREST} widen with the scale when an image shrinks.
 */
public enum Filter {
  /** The nearest pixel. */
  NEAREST(0, 0),
  /** Windowed sinc over three lobes. */
  LANCZOS(1, 3),
  /** A triangle. */
  BILINEAR(2, 1),
  /** Keys' cubic with a = -1/2. */
  BICUBIC(3, 2),
  /** The mean of the covered pixels. */
  BOX(4, 0.5),
  /** One lobe of a Hamming-windowed sinc. */
  HAMMING(5, 1);

  private final int pillowCode;
  private final double support;

  Filter(int pillowCode, double support) {
    this.pillowCode = pillowCode;
    this.support = support;
  }

  /** The filter that timm and torchvision call {@code name}, as in {@code "bicubic"}. */
  public static Optional<Filter> named(String name) {
    for (Filter filter : values()) {
      if (filter.toString().equals(name)) {
        return Optional.of(filter);
      }
    }
    return Optional.empty();
  }

  /** The filter with Pillow's number, the {@code resample} of transformers. */
  public static Optional<Filter> ofPillowCode(int code) {
    for (Filter filter : values()) {
      if (filter.pillowCode == code) {
        return Optional.of(filter);
      }
    }
    return Optional.empty();
  }

  /** Half the width of the filter in source pixels, at scale 1. */
  double support() {
    return support;
  }

  /** The weight, not normalised, of a pixel whose centre is {@code x} away. */
  double weight(double x) {
    return switch (this) {
      case NEAREST -> throw new IllegalArgumentException("nearest takes one pixel, not weights");
      case BOX -> x > -0.5 && x <= 0.5 ? 1 : 0;
      case BILINEAR -> Math.max(0, 1 - Math.abs(x));
      case HAMMING -> hamming(Math.abs(x));
      case BICUBIC -> bicubic(Math.abs(x));
      case LANCZOS -> x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
    };
  }

  private static double hamming(double x) {
    if (x == 0) {
      return 1;
    }
    if (x >= 1) {
      return 0;
    }
    // The reference has the window's constants in single precision.
    return Math.sin(x * Math.PI) / (x * Math.PI) * (0.54f + 0.46f * Math.cos(x * Math.PI));
  }

  private static double bicubic(double x) {
    final double a = -0.5;
    if (x < 1) {
      return ((a + 2) * x - (a + 3)) * x * x + 1;
    }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  }

  private static double sinc(double x) {
    return x == 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
  }

  /** As in {@code bicubic}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
