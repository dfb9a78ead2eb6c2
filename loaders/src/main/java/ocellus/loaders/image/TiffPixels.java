package ocellus.loaders.image;

import ocellus.loaders.image.jpeg.Inks;

/** Makes the samples of TIFF chunks RGB, as Pillow does. */
final class TiffPixels {
  private static final int TAG_COLOR_MAP = 320;

  private final TiffLayout layout;
  private final boolean littleEndian;
  private final int rowBytes;

  /** Red, green, blue of each index; null where there are none. */
  private final byte[] palette;

  private final byte[] rgb;

  private TiffPixels(TiffDirectory directory, TiffLayout layout, int rowBytes)
      throws MalformedImageException {
    this.layout = layout;
    this.littleEndian = directory.file().isLittleEndian();
    this.rowBytes = rowBytes;
    this.palette = layout.photometric() == TiffLayout.PALETTE ? palette(directory, layout) : null;
    this.rgb = new byte[layout.width() * layout.height() * RgbImage.CHANNELS];
  }

  static RgbImage decode(TiffDirectory directory, TiffLayout layout)
      throws MalformedImageException {
    var chunks = new TiffChunks(directory, layout);
    var pixels = new TiffPixels(directory, layout, chunks.rowBytes());
    byte[][] planes = new byte[layout.planar() ? layout.samples() : 1][];
    for (int row = 0; row < chunks.rows(); row++) {
      for (int column = 0; column < chunks.columns(); column++) {
        for (int plane = 0; plane < planes.length; plane++) {
          planes[plane] = chunks.decode(plane, row, column);
        }
        pixels.put(planes, row * layout.chunkHeight(), column * layout.chunkWidth());
      }
    }
    return RgbImage.of(layout.width(), layout.height(), pixels.rgb);
  }

  /** 16 bits a colour, first all of red; the lower ones are dropped. */
  private static byte[] palette(TiffDirectory directory, TiffLayout layout)
      throws MalformedImageException {
    long[] map = directory.numbers(TAG_COLOR_MAP);
    int colors = 1 << layout.bits();
    if (map.length < RgbImage.CHANNELS * colors) {
      throw new MalformedImageException("its palette has " + map.length / 3 + " of " + colors);
    }
    int stride = map.length / RgbImage.CHANNELS;
    byte[] palette = new byte[colors * RgbImage.CHANNELS];
    for (int i = 0; i < palette.length; i++) {
      palette[i] = (byte) (map[i % 3 * stride + i / 3] >> 8);
    }
    return palette;
  }

  /** Converts a chunk, as far as it is in the picture. */
  private void put(byte[][] planes, int top, int left) {
    int bottom = Math.min(top + layout.chunkHeight(), layout.height());
    int columns = Math.min(layout.chunkWidth(), layout.width() - left);
    for (int y = top; y < bottom; y++) {
      int start = (y - top) * rowBytes;
      int to = (y * layout.width() + left) * RgbImage.CHANNELS;
      for (int x = 0; x < columns; x++, to += RgbImage.CHANNELS) {
        putPixel(planes, start, x, to);
      }
    }
  }

  private void putPixel(byte[][] planes, int start, int x, int to) {
    switch (layout.photometric()) {
      case TiffLayout.PALETTE -> {
        int index = sample(planes, start, x, 0) * RgbImage.CHANNELS;
        System.arraycopy(palette, index, rgb, to, RgbImage.CHANNELS);
      }
      case TiffLayout.CMYK -> {
        int white = 255 - upper(planes, start, x, 3);
        for (int c = 0; c < RgbImage.CHANNELS; c++) {
          rgb[to + c] = Inks.printed(upper(planes, start, x, c), white);
        }
      }
      case TiffLayout.RGB -> putColors(planes, start, x, to);
      case TiffLayout.YCBCR -> { // JPEG has made them RGB.
        if (layout.samples() == 1) {
          putGrey(upper(planes, start, x, 0), to);
        } else {
          putColors(planes, start, x, to);
        }
      }
      default -> putGrey(grey(planes, start, x), to);
    }
  }

  private void putColors(byte[][] planes, int start, int x, int to) {
    int opacity = layout.premultiplied() ? upper(planes, start, x, RgbImage.CHANNELS) : 255;
    for (int c = 0; c < RgbImage.CHANNELS; c++) {
      int value = upper(planes, start, x, c);
      if (opacity < 255) {
        value = opacity == 0 ? 0 : Math.min(value * 255 / opacity, 255);
      }
      rgb[to + c] = (byte) value;
    }
  }

  private void putGrey(int level, int to) {
    rgb[to] = (byte) level;
    rgb[to + 1] = (byte) level;
    rgb[to + 2] = (byte) level;
  }

  /** Few bits are scaled to 255, more than eight clipped. */
  private int grey(byte[][] planes, int start, int x) {
    int value = sample(planes, start, x, 0);
    boolean inverted = layout.photometric() == TiffLayout.WHITE_IS_ZERO;
    if (layout.bits() <= 8) {
      int most = (1 << layout.bits()) - 1;
      return (inverted ? most - value : value) * (255 / most);
    }
    return switch (layout.format()) {
      case TiffLayout.FLOAT -> (int) clipped(Float.intBitsToFloat(value));
      case TiffLayout.SIGNED -> (int) clipped(layout.bits() == 16 ? (short) value : value);
      default -> (int) clipped(value);
    };
  }

  private static float clipped(float value) {
    return value > 0 ? Math.min(value, 255) : 0;
  }

  /** The upper eight bits of a sample of 8 or 16. */
  private int upper(byte[][] planes, int start, int x, int sample) {
    return sample(planes, start, x, sample) >>> (layout.bits() - 8);
  }

  private int sample(byte[][] planes, int start, int x, int sample) {
    byte[] data = layout.planar() ? planes[sample] : planes[0];
    int index = layout.planar() ? x : x * layout.samples() + sample;
    int bits = layout.bits();
    if (bits == 8) {
      return data[start + index] & 0xff;
    } else if (bits < 16) {
      return packed(data, start, index, bits);
    }
    int size = bits / 8;
    int value = 0;
    for (int i = 0; i < size; i++) {
      int at = start + index * size + (littleEndian ? size - 1 - i : i);
      value = value << 8 | (data[at] & 0xff);
    }
    return value;
  }

  /** Samples of 1, 2, 4 or 12 bits, the first in the highest. */
  private static int packed(byte[] data, int start, int index, int bits) {
    long bit = (long) index * bits;
    int at = start + (int) (bit / 8);
    int end = (int) (bit % 8) + bits;
    int value = data[at] & 0xff;
    if (end > 8) {
      value = value << 8 | (data[at + 1] & 0xff);
      end -= 8;
    }
    return value >>> (8 - end) & ((1 << bits) - 1);
  }
}
