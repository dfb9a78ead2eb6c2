package ocellus.loaders.image;

import java.util.Set;

/**
 * The headers of a bitmap file.
 *
 * @param topDown whether the first row of the file is the top one
 * @param bits of a pixel: 1, 4, 8 for indices of a palette, 16, 24, 32 for colours
 * @param compression {@link #RAW}, {@link #RLE8}, {@link #RLE4} or {@link #BIT_FIELDS}
 * @param paletteAt where the palette starts: {@code colors} entries of {@code entryBytes} each
 * @param pixelsAt where the pixels start
 * @param masks where red, green and blue are in a pixel of 16 to 32 bits
 */
record BmpHeader(
    int width,
    int height,
    boolean topDown,
    int bits,
    int compression,
    long paletteAt,
    long colors,
    int entryBytes,
    long pixelsAt,
    Masks masks) {
  static final int RAW = 0;
  static final int RLE8 = 1;
  static final int RLE4 = 2;
  static final int BIT_FIELDS = 3;

  /** The header of Windows 2 and OS/2 1, whose numbers are shorter. */
  private static final int OLD_BYTES = 12;

  /** Versions of the header since Windows 3 and OS/2 2; all start with the same fields. */
  private static final Set<Long> NEW_BYTES = Set.of(40L, 52L, 56L, 64L, 108L, 124L);

  private static final int FILE_HEADER_BYTES = 14;

  /** Where bit masks are: in the header, or behind it where it is of the shortest kind. */
  private static final int MASKS_AT = FILE_HEADER_BYTES + 40;

  private static final int MASKS_BYTES = 12;

  /** The bits of a pixel that hold each colour. */
  record Masks(long red, long green, long blue) {}

  static BmpHeader parse(Bytes file) throws MalformedImageException {
    long size = file.u32(FILE_HEADER_BYTES);
    boolean old = size == OLD_BYTES;
    if (!old && !NEW_BYTES.contains(size)) {
      throw new MalformedImageException("BMP has no header of " + size + " bytes");
    }
    Bytes header = file.part(FILE_HEADER_BYTES, size);
    long width = old ? header.u16(4) : header.u32(4);
    boolean topDown = !old && header.u8(11) == 0xff;
    long storedHeight = old ? header.u16(6) : header.u32(8);
    long height = topDown ? (1L << 32) - storedHeight : storedHeight;
    if (Math.max(width, height) > Integer.MAX_VALUE) {
      throw new MalformedImageException("it claims " + width + " x " + height + " pixels");
    }
    int bits = header.u16(old ? 10 : 14);
    long compression = old ? RAW : header.u32(16);
    boolean indexed = bits == 1 || bits == 4 || bits == 8;
    checkCoding(bits, indexed, compression);

    long headerEnd = FILE_HEADER_BYTES + size;
    boolean fields = compression == BIT_FIELDS;
    long paletteAt = fields ? Math.max(headerEnd, MASKS_AT + MASKS_BYTES) : headerEnd;
    long colorsUsed = old ? 0 : header.u32(32);
    long colors = colorsUsed == 0 && indexed ? 1L << bits : colorsUsed;
    int entryBytes = old ? 3 : 4;
    long pixelsAt = file.u32(10);
    if (indexed && (pixelsAt == 0 || pixelsAt == headerEnd)) {
      pixelsAt = paletteAt + colors * entryBytes; // The file has forgotten its palette.
    } else if (pixelsAt == 0) {
      pixelsAt = paletteAt;
    }
    return new BmpHeader(
        (int) width,
        (int) height,
        topDown,
        bits,
        (int) compression,
        paletteAt,
        colors,
        entryBytes,
        pixelsAt,
        masks(file, bits, fields));
  }

  private static void checkCoding(int bits, boolean indexed, long compression)
      throws MalformedImageException {
    boolean supported =
        indexed
            ? compression == RAW || compression == RLE8 || compression == RLE4
            : (bits == 16 || bits == 24 || bits == 32)
                && (compression == RAW || compression == BIT_FIELDS);
    if (!supported) {
      throw new MalformedImageException(
          bits + " bits a pixel with compression " + compression + " are not supported");
    }
  }

  private static Masks masks(Bytes file, int bits, boolean fields) throws MalformedImageException {
    if (fields) {
      var masks = new Masks(file.u32(MASKS_AT), file.u32(MASKS_AT + 4), file.u32(MASKS_AT + 8));
      if (bits != 32 || !masks.equals(new Masks(0, 0, 0))) {
        return masks;
      }
    }
    return bits == 16 ? new Masks(0x1f << 10, 0x1f << 5, 0x1f) : new Masks(0xff0000, 0xff00, 0xff);
  }
}
