package ocellus.loaders.image;

/**
 * How stored pixels relate to the upright picture: EXIF tag 274. Each constant is named after what
 * makes the picture upright.
 */
public enum Orientation {
  UPRIGHT(1),
  FLIP_LEFT_RIGHT(2),
  ROTATE_180(3),
  FLIP_TOP_BOTTOM(4),
  TRANSPOSE(5),
  ROTATE_CLOCKWISE(6),
  TRANSVERSE(7),
  ROTATE_COUNTERCLOCKWISE(8);

  private final int exifValue;

  Orientation(int exifValue) {
    this.exifValue = exifValue;
  }

  /** The orientation with an EXIF value; upright for a value that EXIF does not define. */
  static Orientation ofExif(long value) {
    for (Orientation orientation : values()) {
      if (orientation.exifValue == value) {
        return orientation;
      }
    }
    return UPRIGHT;
  }

  /** The value in EXIF, 1 to 8. */
  public int exifValue() {
    return exifValue;
  }

  /** Whether making the picture upright exchanges its width and its height. */
  public boolean swapsEdges() {
    return exifValue >= TRANSPOSE.exifValue;
  }

  /**
   * The upright picture; {@code image} itself if it is upright.
   *
   * @param wanted pixels of the upright picture outside of it are not defined
   */
  RgbImage apply(RgbImage image, Region wanted) {
    int width = image.width();
    int height = image.height();
    // The stored pixel of upright (x, y) is origin + x stepX + y stepY.
    return switch (this) {
      case UPRIGHT -> image;
      case FLIP_LEFT_RIGHT -> turn(image, wanted, width - 1, -1, width);
      case ROTATE_180 -> turn(image, wanted, width * height - 1, -1, -width);
      case FLIP_TOP_BOTTOM -> turn(image, wanted, width * (height - 1), 1, -width);
      case TRANSPOSE -> turn(image, wanted, 0, width, 1);
      case ROTATE_CLOCKWISE -> turn(image, wanted, width * (height - 1), -width, 1);
      case TRANSVERSE -> turn(image, wanted, width * height - 1, -width, -1);
      case ROTATE_COUNTERCLOCKWISE -> turn(image, wanted, width - 1, width, -1);
    };
  }

  /**
   * Where a part of the upright picture is in the stored one.
   *
   * @param stored the extent of the stored picture
   */
  Region stored(Region upright, Size stored) {
    Region r = upright;
    if (swapsEdges()) {
      r = new Region(r.left(), r.top(), r.width(), r.height());
    }
    boolean fromBottom =
        switch (this) {
          case ROTATE_180, FLIP_TOP_BOTTOM, ROTATE_CLOCKWISE, TRANSVERSE -> true;
          default -> false;
        };
    boolean fromRight =
        switch (this) {
          case ROTATE_180, FLIP_LEFT_RIGHT, ROTATE_COUNTERCLOCKWISE, TRANSVERSE -> true;
          default -> false;
        };
    return new Region(
        fromBottom ? stored.height() - r.top() - r.height() : r.top(),
        fromRight ? stored.width() - r.left() - r.width() : r.left(),
        r.height(),
        r.width());
  }

  private RgbImage turn(RgbImage image, Region wanted, int origin, int stepX, int stepY) {
    int width = swapsEdges() ? image.height() : image.width();
    int height = swapsEdges() ? image.width() : image.height();
    byte[] in = image.data();
    byte[] out = new byte[in.length];
    int left = wanted.left();
    for (int y = wanted.top(); y < wanted.top() + wanted.height(); y++) {
      int from = (origin + left * stepX + y * stepY) * RgbImage.CHANNELS;
      int to = (y * width + left) * RgbImage.CHANNELS;
      for (int x = 0; x < wanted.width(); x++, from += stepX * RgbImage.CHANNELS) {
        out[to++] = in[from];
        out[to++] = in[from + 1];
        out[to++] = in[from + 2];
      }
    }
    return RgbImage.of(width, height, out);
  }
}
