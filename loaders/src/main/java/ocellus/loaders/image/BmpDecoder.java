package ocellus.loaders.image;

/**
 * Windows and OS/2 bitmaps: palettes of 1, 4 and 8 bits, plain or run-length coded, and colours of
 * 16, 24 and 32 bits, with the bit fields that Pillow knows.
 */
final class BmpDecoder implements ImageDecoder {
  private static final int FILE_HEADER_BYTES = 14;
  private static final int OLD_HEADER_BYTES = 12;
  private static final int INFO_HEADER_BYTES = 40;
  private static final int RAW = 0;
  private static final int RLE8 = 1;
  private static final int RLE4 = 2;
  private static final int BIT_FIELDS = 3;

  /**
   * @param topDown whether the first row of the file is the top one
   * @param colors entries of the palette, of {@code entryBytes} each, at {@code paletteAt}
   * @param masks where red, green and blue are in a pixel of 16 to 32 bits
   */
  private record Header(
      int width,
      int height,
      boolean topDown,
      int bits,
      int compression,
      long colors,
      int entryBytes,
      long paletteAt,
      long pixelsAt,
      Masks masks) {}

  private record Masks(long red, long green, long blue) {}

  @Override
  public ImageInfo info(byte[] file) throws MalformedImageException {
    Header header = header(Bytes.littleEndian(file));
    return new ImageInfo(ImageFormat.BMP, header.width(), header.height(), Orientation.UPRIGHT);
  }

  @Override
  public RgbImage decode(byte[] file, ImageInfo info) throws MalformedImageException {
    Bytes bytes = Bytes.littleEndian(file);
    Header header = header(bytes);
    byte[] rgb = new byte[header.width() * header.height() * RgbImage.CHANNELS];
    if (header.bits() > 8) {
      readColors(bytes, header, rgb);
    } else {
      byte[] palette = palette(bytes, header);
      byte[] indices =
          header.compression() == RAW
              ? rawIndices(bytes, header)
              : new BmpRuns(bytes, header.pixelsAt(), header.compression() == RLE4)
                  .decode(header.width(), header.height());
      for (int y = 0; y < header.height(); y++) {
        int to = fileRowToImage(header, y) * header.width() * RgbImage.CHANNELS;
        for (int x = 0; x < header.width(); x++, to += RgbImage.CHANNELS) {
          int index = indices[y * header.width() + x] & 0xff;
          System.arraycopy(palette, index * RgbImage.CHANNELS, rgb, to, RgbImage.CHANNELS);
        }
      }
    }
    return RgbImage.of(header.width(), header.height(), rgb);
  }

  private static Header header(Bytes file) throws MalformedImageException {
    long size = file.u32(FILE_HEADER_BYTES);
    Bytes header = file.part(FILE_HEADER_BYTES, size);
    long end = FILE_HEADER_BYTES + size;
    long pixelsAt = file.u32(10);
    if (size == OLD_HEADER_BYTES) {
      return header(
          header.u16(4), header.u16(6), false, header.u16(10), RAW, 0, 3, end, end, pixelsAt, null);
    }
    if (size < INFO_HEADER_BYTES) {
      throw new MalformedImageException("its header has " + size + " bytes, which none has");
    }
    boolean topDown = header.u8(11) == 0xff;
    long height = topDown ? (1L << 32) - header.u32(8) : header.u32(8);
    int bits = header.u16(14);
    long compression = header.u32(16);
    Masks masks = null;
    long paletteAt = end;
    if (compression == BIT_FIELDS) {
      // In the shortest header they come after it.
      masks = new Masks(file.u32(54), file.u32(58), file.u32(62));
      paletteAt = Math.max(end, 66);
    }
    return header(
        header.u32(4),
        height,
        topDown,
        bits,
        compression,
        header.u32(32),
        4,
        end,
        paletteAt,
        pixelsAt,
        masks);
  }

  private static Header header(
      long width,
      long height,
      boolean topDown,
      int bits,
      long compression,
      long colorsUsed,
      int entryBytes,
      long headerEnd,
      long paletteAt,
      long pixelsAt,
      Masks fields)
      throws MalformedImageException {
    if (Math.max(width, height) > Integer.MAX_VALUE) {
      throw new MalformedImageException("it claims " + width + " x " + height + " pixels");
    }
    boolean indexed = bits == 1 || bits == 4 || bits == 8;
    boolean supported =
        indexed
            ? compression == RAW || compression == RLE8 || compression == RLE4
            : (bits == 16 || bits == 24 || bits == 32)
                && (compression == RAW || compression == BIT_FIELDS);
    if (!supported) {
      throw new MalformedImageException(
          "BMP with "
              + bits
              + " bits a pixel and compression "
              + compression
              + " is not supported");
    }
    long colors = colorsUsed != 0 || !indexed ? colorsUsed : 1L << bits;
    long at = pixelsAt != 0 ? pixelsAt : paletteAt + (indexed ? colors * entryBytes : 0);
    if (indexed && at == headerEnd) {
      at += colors * entryBytes;
    }
    Masks masks = fields != null ? fields : standardMasks(bits);
    return new Header(
        (int) width,
        (int) height,
        topDown,
        bits,
        (int) compression,
        colors,
        entryBytes,
        paletteAt,
        at,
        masks);
  }

  private static Masks standardMasks(int bits) {
    return bits == 16 ? new Masks(0x1f << 10, 0x1f << 5, 0x1f) : new Masks(0xff0000, 0xff00, 0xff);
  }

  private static int fileRowToImage(Header header, int row) {
    return header.topDown() ? row : header.height() - 1 - row;
  }

  /** Red, green, blue of 256 entries; those that the file does not define are black. */
  private static byte[] palette(Bytes file, Header header) throws MalformedImageException {
    byte[] palette = new byte[256 * RgbImage.CHANNELS];
    for (int i = 0; i < Math.min(header.colors(), 256); i++) {
      long entry = header.paletteAt() + (long) i * header.entryBytes();
      for (int c = 0; c < RgbImage.CHANNELS; c++) {
        palette[i * RgbImage.CHANNELS + c] = (byte) file.u8(entry + 2 - c);
      }
    }
    return palette;
  }

  /** The bytes of a row, which are padded to a multiple of four but for the last. */
  private static Bytes row(Bytes file, Header header, int y) throws MalformedImageException {
    long bits = (long) header.width() * header.bits();
    long stride = (bits + 31) / 32 * 4;
    return file.part(header.pixelsAt() + y * stride, (bits + 7) / 8);
  }

  private static byte[] rawIndices(Bytes file, Header header) throws MalformedImageException {
    byte[] indices = new byte[header.width() * header.height()];
    int perByte = 8 / header.bits();
    int mask = (1 << header.bits()) - 1;
    int to = 0;
    for (int y = 0; y < header.height(); y++) {
      Bytes row = row(file, header, y);
      for (int x = 0; x < header.width(); x++) {
        int shift = 8 - header.bits() * (x % perByte + 1);
        indices[to++] = (byte) (row.u8(x / perByte) >> shift & mask);
      }
    }
    return indices;
  }

  private static void readColors(Bytes file, Header header, byte[] rgb)
      throws MalformedImageException {
    int bytes = header.bits() / 8;
    Field red = Field.of(header.masks().red());
    Field green = Field.of(header.masks().green());
    Field blue = Field.of(header.masks().blue());
    for (int y = 0; y < header.height(); y++) {
      Bytes row = row(file, header, y);
      int to = fileRowToImage(header, y) * header.width() * RgbImage.CHANNELS;
      for (int x = 0; x < header.width(); x++) {
        int pixel = 0;
        for (int i = bytes - 1; i >= 0; i--) {
          pixel = pixel << 8 | row.u8((long) x * bytes + i);
        }
        rgb[to++] = red.of(pixel);
        rgb[to++] = green.of(pixel);
        rgb[to++] = blue.of(pixel);
      }
    }
  }

  /** Consecutive bits of a pixel that hold a colour, at most eight. */
  private record Field(int shift, int max) {
    static Field of(long mask) throws MalformedImageException {
      int shift = Long.numberOfTrailingZeros(mask);
      long max = mask >>> Math.min(shift, 31);
      if (mask == 0 || max > 255 || (max & (max + 1)) != 0) {
        throw new MalformedImageException(
            "BMP with bit mask " + Long.toHexString(mask) + " is not supported");
      }
      return new Field(shift, (int) max);
    }

    /** The colour, scaled to 0..255 and rounded down. */
    byte of(int pixel) {
      return (byte) (((pixel >>> shift) & max) * 255 / max);
    }
  }
}
