package ocellus.loaders.image;

import java.util.Arrays;

/**
 * How the pixels of a TIFF file are stored. What Pillow's table of modes does not have is refused.
 *
 * @param photometric what samples mean: one of the constants
 * @param bits of a sample
 * @param samples of a pixel, those among them that are not looked at
 * @param format of a sample: one of the constants
 * @param planar whether each sample has chunks of its own
 * @param reversed whether the bits of each byte start with the lowest
 * @param premultiplied whether colours have been multiplied with the opacity that follows them
 * @param chunkWidth of a tile; all columns where there are strips
 * @param chunkHeight of a tile or strip
 */
record TiffLayout(
    int width,
    int height,
    int compression,
    int photometric,
    int bits,
    int samples,
    int format,
    boolean planar,
    boolean reversed,
    boolean premultiplied,
    boolean differences,
    boolean tiled,
    int chunkWidth,
    int chunkHeight) {
  static final int WHITE_IS_ZERO = 0;
  static final int BLACK_IS_ZERO = 1;
  static final int RGB = 2;
  static final int PALETTE = 3;
  static final int CMYK = 5;
  static final int YCBCR = 6;

  static final int UNSIGNED = 1;
  static final int SIGNED = 2;
  static final int FLOAT = 3;

  static final int RAW = 1;
  static final int FAX_RUNS = 2;
  static final int GROUP_3 = 3;
  static final int GROUP_4 = 4;
  static final int LZW = 5;
  static final int JPEG = 7;
  static final int DEFLATE = 8;
  static final int PACK_BITS = 32_773;
  static final int OLD_DEFLATE = 32_946;

  private static final int TAG_WIDTH = 256;
  private static final int TAG_HEIGHT = 257;
  private static final int TAG_BITS = 258;
  private static final int TAG_COMPRESSION = 259;
  private static final int TAG_PHOTOMETRIC = 262;
  private static final int TAG_FILL_ORDER = 266;
  private static final int TAG_SAMPLES = 277;
  private static final int TAG_ROWS_PER_STRIP = 278;
  private static final int TAG_PLANAR = 284;
  private static final int TAG_PREDICTOR = 317;
  private static final int TAG_TILE_WIDTH = 322;
  private static final int TAG_TILE_HEIGHT = 323;
  private static final int TAG_EXTRA_SAMPLES = 338;
  private static final int TAG_FORMAT = 339;

  private static final long OPACITY_MULTIPLIED = 1;
  private static final long OPACITY = 2;
  private static final long OPACITY_OF_COREL = 999;
  private static final int MOST_SAMPLES = 6;

  /** Of a pixel: their number has 16 bits. */
  private static final int MOST_STORED_SAMPLES = 0xffff;

  static TiffLayout of(TiffDirectory directory) throws MalformedImageException {
    int compression = (int) directory.number(TAG_COMPRESSION, RAW);
    int photometric = (int) directory.number(TAG_PHOTOMETRIC, WHITE_IS_ZERO);
    boolean planar = directory.number(TAG_PLANAR, 1) == 2;
    long[] extras = ofSamples(directory, TAG_EXTRA_SAMPLES);
    long samples = directory.number(TAG_SAMPLES, 1);
    long[] bits = directory.has(TAG_BITS) ? ofSamples(directory, TAG_BITS) : new long[] {1};
    long[] formats = ofSamples(directory, TAG_FORMAT);
    if (planar && extras.length > 0 && Arrays.stream(extras).allMatch(extra -> extra == 0)) {
      samples -= extras.length; // They come last, so nothing of them is ever read.
      extras = new long[0];
    }
    if (samples < 1 || samples > MOST_SAMPLES) {
      throw new MalformedImageException(samples + " samples a pixel are not supported");
    }
    if ((bits.length > 1 && bits.length < samples) || !isUniform(bits) || !isUniform(formats)) {
      throw new MalformedImageException("samples of different sizes are not supported");
    }
    long fillOrder = directory.number(TAG_FILL_ORDER, 1);
    long predictor = directory.number(TAG_PREDICTOR, 1);
    int width = edge(directory, TAG_WIDTH, -1);
    int height = edge(directory, TAG_HEIGHT, -1);
    boolean tiled = directory.has(TAG_TILE_WIDTH);
    var layout =
        new TiffLayout(
            width,
            height,
            compression,
            photometric,
            (int) Math.min(bits[0], Integer.MAX_VALUE),
            (int) samples,
            formats.length == 0 ? UNSIGNED : (int) formats[0],
            planar && samples > 1,
            fillOrder == 2,
            extras.length > 0 && extras[0] == OPACITY_MULTIPLIED,
            predictor == 2 && isDictionaryCoded(compression),
            tiled,
            tiled ? edge(directory, TAG_TILE_WIDTH, -1) : width,
            tiled
                ? edge(directory, TAG_TILE_HEIGHT, -1)
                : Math.min(edge(directory, TAG_ROWS_PER_STRIP, Integer.MAX_VALUE), height));
    if (!layout.isSupported(extras, directory.file().isLittleEndian())) {
      throw new MalformedImageException(layout.describe(extras) + " is not supported");
    }
    if ((fillOrder != 1 && fillOrder != 2)
        || (isDictionaryCoded(compression) && predictor != 1 && predictor != 2)
        || (layout.differences() && layout.bits() % 8 != 0)) {
      throw new MalformedImageException(
          "TIFF with fill order "
              + fillOrder
              + " and predictor "
              + predictor
              + " of "
              + layout.bits()
              + " bits is not supported");
    }
    return layout;
  }

  private static boolean isDictionaryCoded(int compression) {
    return compression == LZW || compression == DEFLATE || compression == OLD_DEFLATE;
  }

  /** The numbers of a tag that has one for each sample. */
  private static long[] ofSamples(TiffDirectory directory, int tag) throws MalformedImageException {
    long[] values = directory.numbers(tag);
    if (values.length > MOST_STORED_SAMPLES) {
      throw new MalformedImageException(
          "its tag " + tag + " has " + values.length + " values, more than a pixel has samples");
    }
    return values;
  }

  private static boolean isUniform(long[] values) {
    return Arrays.stream(values).allMatch(value -> value == values[0]);
  }

  /** Rows per strip may be 2^32 - 1, for all of them. */
  private static int edge(TiffDirectory directory, int tag, long otherwise)
      throws MalformedImageException {
    long value = directory.number(tag, otherwise);
    if (value < 1 || (value > Integer.MAX_VALUE && tag != TAG_ROWS_PER_STRIP)) {
      throw new MalformedImageException(
          value == otherwise ? "it has no tag " + tag : "its tag " + tag + " is " + value);
    }
    return (int) Math.min(value, Integer.MAX_VALUE);
  }

  private boolean isSupported(long[] extras, boolean littleEndian) {
    boolean coded =
        switch (compression) {
          case RAW, PACK_BITS, LZW, DEFLATE, OLD_DEFLATE -> photometric != YCBCR || samples == 1;
          case FAX_RUNS, GROUP_3, GROUP_4 -> bits == 1 && samples == 1;
          case JPEG -> bits == 8 && !planar && (samples == 1 || samples == 3);
          default -> false;
        };
    boolean plain = extras.length == 0;
    boolean few = bits == 1 || bits == 2 || bits == 4 || bits == 8;
    boolean unsigned = format == UNSIGNED;
    return coded
        && switch (photometric) {
          case WHITE_IS_ZERO, BLACK_IS_ZERO -> isGrey(extras, littleEndian);
          case RGB -> isRgb(extras);
          case PALETTE ->
              unsigned
                  && (plain
                      ? samples == 1 && few
                      : isOneOf(extras, 0, OPACITY) && samples == 2 && bits == 8 && !reversed);
          case CMYK ->
              unsigned
                  && !reversed
                  && samples == 4 + extras.length
                  && (bits == 8 ? areUnused(extras, 0) : bits == 16 && plain);
          case YCBCR -> unsigned && !reversed && bits == 8 && plain && samples <= 3;
          default -> false;
        };
  }

  private boolean isGrey(long[] extras, boolean littleEndian) {
    boolean blackIsZero = photometric == BLACK_IS_ZERO;
    if (extras.length > 0) {
      return blackIsZero
          && isOneOf(extras, OPACITY)
          && samples == 2
          && bits == 8
          && format == UNSIGNED
          && !reversed;
    }
    return samples == 1
        && switch (bits) {
          case 1, 2, 4 -> format == UNSIGNED;
          case 8 -> format == UNSIGNED || (format == SIGNED && blackIsZero && !reversed);
          case 12 -> format == UNSIGNED && blackIsZero && littleEndian && !reversed;
          case 16 ->
              format == UNSIGNED
                  ? (blackIsZero || littleEndian) && (!reversed || (blackIsZero && littleEndian))
                  : format == SIGNED && blackIsZero && !reversed;
          case 32 ->
              !reversed
                  && (format == FLOAT
                      || (blackIsZero
                          && (format == SIGNED || (format == UNSIGNED && littleEndian))));
          default -> false;
        };
  }

  private boolean isRgb(long[] extras) {
    boolean plain = extras.length == 0;
    boolean isSized = samples == 3 + extras.length || (plain && samples == 4);
    boolean opacity =
        plain
            || areUnused(extras, 0)
            || (extras[0] <= OPACITY && areUnused(extras, 1))
            || isOneOf(extras, OPACITY_OF_COREL);
    boolean sized = bits == 8 || (bits == 16 && extras.length <= 1 && !isOneOf(extras, 999));
    return format == UNSIGNED
        && isSized
        && opacity
        && sized
        && (!reversed || (plain && samples == 3 && bits == 8));
  }

  private static boolean areUnused(long[] extras, int from) {
    return Arrays.stream(extras).skip(from).allMatch(extra -> extra == 0);
  }

  private static boolean isOneOf(long[] extras, long... values) {
    return extras.length == 1 && Arrays.stream(values).anyMatch(value -> value == extras[0]);
  }

  private String describe(long[] extras) {
    return "TIFF with compression "
        + compression
        + ", photometric interpretation "
        + photometric
        + ", "
        + samples
        + " samples of "
        + bits
        + " bits in format "
        + format
        + (extras.length == 0
            ? ""
            : ", %d extra samples, of kind %d".formatted(extras.length, extras[0]));
  }
}
