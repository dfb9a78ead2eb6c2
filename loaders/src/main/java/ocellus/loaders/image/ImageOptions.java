package ocellus.loaders.image;

/**
 * How images are read.
 *
 * @param ignoreExif whether pixels are left as they are stored; otherwise the picture is turned
 *     upright
 * @param maxPixels the largest {@code width * height} that is decoded
 */
public record ImageOptions(boolean ignoreExif, long maxPixels) {
  /** The limit of Pillow, beyond which it warns of decompression bombs. */
  public static final long DEFAULT_MAX_PIXELS = 89_478_485;

  /** Upright pictures of at most {@link #DEFAULT_MAX_PIXELS}. */
  public static final ImageOptions DEFAULT = new ImageOptions(false, DEFAULT_MAX_PIXELS);

  public ImageOptions {
    if (maxPixels <= 0) {
      throw new IllegalArgumentException("the limit must be positive, not " + maxPixels);
    }
  }

  /** These options, with or without regard to the orientation in the file. */
  public ImageOptions withIgnoreExif(boolean ignore) {
    return new ImageOptions(ignore, maxPixels);
  }
}
