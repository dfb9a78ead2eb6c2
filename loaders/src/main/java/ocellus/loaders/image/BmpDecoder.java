package ocellus.loaders.image;

/**
 * Windows and OS/2 bitmaps: palettes of 1, 4 and 8 bits, plain or run-length coded, and colours of
 * 16, 24 and 32 bits, with the bit fields that Pillow knows.
 */
final class BmpDecoder implements ImageDecoder {
  @Override
  public ImageInfo info(byte[] file) throws MalformedImageException {
    BmpHeader header = BmpHeader.parse(Bytes.littleEndian(file));
    return new ImageInfo(ImageFormat.BMP, header.width(), header.height(), Orientation.UPRIGHT);
  }

  @Override
  public RgbImage decode(byte[] file, ImageInfo info) throws MalformedImageException {
    Bytes bytes = Bytes.littleEndian(file);
    BmpHeader header = BmpHeader.parse(bytes);
    byte[] rgb = new byte[header.width() * header.height() * RgbImage.CHANNELS];
    if (header.bits() > 8) {
      readColors(bytes, header, rgb);
    } else {
      byte[] palette = palette(bytes, header);
      byte[] indices =
          header.compression() == BmpHeader.RAW
              ? rawIndices(bytes, header)
              : new BmpRuns(bytes, header.pixelsAt(), header.compression() == BmpHeader.RLE4)
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

  private static int fileRowToImage(BmpHeader header, int row) {
    return header.topDown() ? row : header.height() - 1 - row;
  }

  /** Red, green, blue of 256 entries; those that the file does not define are black. */
  private static byte[] palette(Bytes file, BmpHeader header) throws MalformedImageException {
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
  private static Bytes row(Bytes file, BmpHeader header, int y) throws MalformedImageException {
    long bits = (long) header.width() * header.bits();
    long stride = (bits + 31) / 32 * 4;
    return file.part(header.pixelsAt() + y * stride, (bits + 7) / 8);
  }

  private static byte[] rawIndices(Bytes file, BmpHeader header) throws MalformedImageException {
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

  private static void readColors(Bytes file, BmpHeader header, byte[] rgb)
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
