package ocellus.loaders.image;

/**
 * PBM, PGM and PPM, plain or raw. Levels are scaled to 255 in double precision and rounded half to
 * even, as in Pillow; where a grey level has more than 8 bits it is scaled to 65535, then clipped.
 */
final class PnmDecoder implements ImageDecoder {
  private static final int MOST_DIGITS = 10;
  private static final int GREY_16_MAX = 65535;

  /**
   * @param kind as behind the P that the file starts with: 1, 2, 3 plain, 4, 5, 6 raw bits, grey
   *     levels, colours
   * @param max the level of white; 1 of bits
   * @param dataAt where the samples start
   */
  private record Header(int kind, int width, int height, int max, long dataAt) {
    boolean isPlain() {
      return kind <= 3;
    }

    boolean isBits() {
      return kind % 3 == 1;
    }

    int samplesPerPixel() {
      return kind % 3 == 0 ? RgbImage.CHANNELS : 1;
    }

    /** What a level becomes. */
    byte scaled(int level) {
      if (isBits()) {
        return (byte) (level == 0 ? 255 : 0);
      }
      int most = max > 255 && samplesPerPixel() == 1 ? GREY_16_MAX : 255;
      return (byte) Math.min((int) Math.rint((double) level / max * most), 255);
    }
  }

  @Override
  public ImageInfo info(byte[] file) throws MalformedImageException {
    Header header = header(Bytes.bigEndian(file));
    return new ImageInfo(ImageFormat.PNM, header.width(), header.height(), Orientation.UPRIGHT);
  }

  @Override
  public RgbImage decode(byte[] file, ImageInfo info) throws MalformedImageException {
    Bytes bytes = Bytes.bigEndian(file);
    Header header = header(bytes);
    byte[] rgb = header.isPlain() ? plain(bytes, header) : raw(bytes, header);
    return RgbImage.of(header.width(), header.height(), rgb);
  }

  private static Header header(Bytes file) throws MalformedImageException {
    int kind = file.u8(1) - '0';
    var tokens = new Tokens(file, 3, false);
    int width = tokens.next();
    int height = tokens.next();
    int max = kind % 3 == 1 ? 1 : tokens.next();
    if (max < 1 || max > GREY_16_MAX) {
      throw new MalformedImageException("its maximum is " + max + ", not 1 to " + GREY_16_MAX);
    }
    return new Header(kind, width, height, max, tokens.position());
  }

  private static byte[] plain(Bytes file, Header header) throws MalformedImageException {
    // A sample takes a byte at least.
    long samples = (long) header.width() * header.height() * header.samplesPerPixel();
    file.part(header.dataAt(), samples);
    byte[] rgb = new byte[header.width() * header.height() * RgbImage.CHANNELS];
    var tokens = new Tokens(file, header.dataAt(), header.isBits());
    int copies = RgbImage.CHANNELS / header.samplesPerPixel();
    for (int i = 0; i < rgb.length; i += copies) {
      put(rgb, i, copies, header, tokens.next());
    }
    if (header.isBits()) {
      tokens.expectBitsOnly();
    }
    return rgb;
  }

  private static byte[] raw(Bytes file, Header header) throws MalformedImageException {
    int perRow = header.width() * header.samplesPerPixel();
    int sampleBytes = header.max() > 255 ? 2 : 1;
    long rowBytes = header.isBits() ? (perRow + 7) / 8 : (long) perRow * sampleBytes;
    Bytes data = file.part(header.dataAt(), rowBytes * header.height());
    byte[] rgb = new byte[header.width() * header.height() * RgbImage.CHANNELS];
    int copies = RgbImage.CHANNELS / header.samplesPerPixel();
    int to = 0;
    for (int y = 0; y < header.height(); y++) {
      for (int i = 0; i < perRow; i++, to += copies) {
        int level;
        if (header.isBits()) {
          level = data.u8(y * rowBytes + i / 8) >> (7 - i % 8) & 1;
        } else if (sampleBytes == 1) {
          level = data.u8(y * rowBytes + i);
        } else {
          level = data.u16(y * rowBytes + 2L * i);
        }
        put(rgb, to, copies, header, level);
      }
    }
    return rgb;
  }

  private static void put(byte[] rgb, int to, int copies, Header header, int level)
      throws MalformedImageException {
    if (header.isPlain() && level > header.max()) {
      throw new MalformedImageException(
          "a level is " + level + ", above its maximum of " + header.max());
    }
    byte value = header.scaled(level);
    for (int i = to; i < to + copies; i++) {
      rgb[i] = value;
    }
  }

  /** Numbers between white space; a comment, from # to the end of a line, is as if not there. */
  private static final class Tokens {
    private static final int NONE = -1;

    private final Bytes file;
    private final boolean digits;
    private long position;

    /**
     * @param digits whether each digit is a number of its own
     */
    Tokens(Bytes file, long position, boolean digits) {
      this.file = file;
      this.position = position;
      this.digits = digits;
    }

    /** Behind the white space that ends the number before. */
    long position() {
      return position;
    }

    int next() throws MalformedImageException {
      long value = NONE;
      int length = 0;
      while (position < file.length()) {
        int c = file.u8(position++);
        if (c == '#') {
          skipComment();
        } else if (isSpace(c)) {
          if (length > 0) {
            break;
          }
        } else if (c < '0' || c > '9' || length == MOST_DIGITS) {
          throw new MalformedImageException("something else is where a number is expected");
        } else {
          value = Math.max(value, 0) * 10 + c - '0';
          length++;
          if (digits) {
            break;
          }
        }
      }
      if (length == 0) {
        throw new MalformedImageException("it is truncated");
      }
      if (value > Integer.MAX_VALUE) {
        throw new MalformedImageException("the number " + value + " is too large");
      }
      return (int) value;
    }

    /** Bits need nothing between them, so what follows them has to be more of them. */
    void expectBitsOnly() throws MalformedImageException {
      while (position < file.length()) {
        int c = file.u8(position++);
        if (c == '#') {
          skipComment();
        } else if (!isSpace(c) && c != '0' && c != '1') {
          throw new MalformedImageException("something else follows its bits");
        }
      }
    }

    private void skipComment() throws MalformedImageException {
      while (position < file.length()) {
        int c = file.u8(position++);
        if (c == '\n' || c == '\r') {
          return;
        }
      }
    }

    private static boolean isSpace(int c) {
      return c == ' ' || (c >= '\t' && c <= '\r');
    }
  }
}
