package ocellus.loaders.image;

import ocellus.loaders.image.jpeg.Inks;

/**
 * Photoshop documents of 1 and 8 bits: the picture of all layers together that is at the end of the
 * file, raw or in PackBits. As in Pillow, only the first channels count, and duotone is grey.
 */
final class PsdDecoder implements ImageDecoder {
  private static final int HEADER_BYTES = 26;
  private static final int RAW = 0;
  private static final int PACK_BITS = 1;
  private static final int PALETTE_BYTES = 768;

  private static final int BITMAP = 0;
  private static final int INDEXED = 2;
  private static final int RGB = 3;
  private static final int CMYK = 4;

  /**
   * @param channels how many of those in the file count
   */
  private record Header(int width, int height, int mode, int bits, int channels) {
    int rowBytes() {
      return (int) (((long) width * bits + 7) / 8);
    }
  }

  @Override
  public ImageInfo info(byte[] file) throws MalformedImageException {
    Header header = header(Bytes.bigEndian(file));
    return new ImageInfo(ImageFormat.PSD, header.width(), header.height(), Orientation.UPRIGHT);
  }

  @Override
  public RgbImage decode(byte[] file, ImageInfo info) throws MalformedImageException {
    Bytes bytes = Bytes.bigEndian(file);
    Header header = header(bytes);
    byte[] palette = null;
    if (header.mode() == INDEXED) {
      if (bytes.u32(HEADER_BYTES) != PALETTE_BYTES) {
        throw new MalformedImageException("its palette does not have 256 colours");
      }
      palette = bytes.part(HEADER_BYTES + 4, PALETTE_BYTES).toArray();
    }
    byte[][] channels = channels(bytes, behindSections(bytes), header);
    byte[] rgb = new byte[header.width() * header.height() * RgbImage.CHANNELS];
    int to = 0;
    for (int y = 0; y < header.height(); y++) {
      for (int x = 0; x < header.width(); x++, to += RgbImage.CHANNELS) {
        for (int c = 0; c < RgbImage.CHANNELS; c++) {
          rgb[to + c] = color(channels, palette, header, x, y, c);
        }
      }
    }
    return RgbImage.of(header.width(), header.height(), rgb);
  }

  private static byte color(
      byte[][] channels, byte[] palette, Header header, int x, int y, int color) {
    int at = y * header.rowBytes() + (header.bits() == 1 ? x / 8 : x);
    return switch (header.mode()) {
      case BITMAP ->
          header.bits() == 1 ? (byte) -(channels[0][at] >> (7 - x % 8) & 1) : channels[0][at];
      case INDEXED -> palette[color * (PALETTE_BYTES / 3) + (channels[0][at] & 0xff)];
      case RGB -> channels[color][at];
      case CMYK -> Inks.printed(~channels[color][at] & 0xff, channels[3][at] & 0xff);
      default -> channels[0][at];
    };
  }

  private static Header header(Bytes file) throws MalformedImageException {
    if (file.u16(4) != 1) {
      throw new MalformedImageException("version " + file.u16(4) + " of it is not supported");
    }
    int mode = file.u16(24);
    int bits = file.u16(22);
    int needed =
        switch (mode) {
          case BITMAP, 1, INDEXED, 7, 8 -> 1;
          case RGB -> RgbImage.CHANNELS;
          case CMYK -> 4;
          default -> throw new MalformedImageException("mode " + mode + " is not supported");
        };
    if (bits != 8 && (bits != 1 || mode != BITMAP)) {
      throw new MalformedImageException(bits + " bits a channel are not supported");
    }
    if (file.u16(12) < needed) {
      throw new MalformedImageException("it has " + file.u16(12) + " of " + needed + " channels");
    }
    long height = file.u32(14);
    long width = file.u32(18);
    if (Math.max(width, height) > Integer.MAX_VALUE) {
      throw new MalformedImageException("it claims " + width + " x " + height + " pixels");
    }
    return new Header((int) width, (int) height, mode, bits, needed);
  }

  /** Where the picture is: behind the palette, the resources and the layers. */
  private static long behindSections(Bytes file) throws MalformedImageException {
    long position = HEADER_BYTES;
    for (int i = 0; i < 3; i++) {
      position += 4 + file.u32(position);
    }
    return position;
  }

  private static byte[][] channels(Bytes file, long position, Header header)
      throws MalformedImageException {
    int compression = file.u16(position);
    long at = position + 2;
    long size = (long) header.rowBytes() * header.height();
    byte[][] channels = new byte[header.channels()][];
    if (compression == RAW) {
      for (int c = 0; c < channels.length; c++, at += size) {
        channels[c] = file.part(at, size).toArray();
      }
    } else if (compression == PACK_BITS) {
      // Tables of lengths are as long as all channels have rows, and rows follow each other.
      at += 2L * header.height() * file.u16(12);
      if ((file.length() - at) * PackBits.MOST_FROM_A_BYTE < size * channels.length) {
        throw new MalformedImageException("it is truncated");
      }
      for (int c = 0; c < channels.length; c++) {
        channels[c] = new byte[(int) size];
        at = PackBits.decode(file, at, channels[c]);
      }
    } else {
      throw new MalformedImageException("compression " + compression + " is not supported");
    }
    return channels;
  }
}
