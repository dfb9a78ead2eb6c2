package ocellus.loaders.image;

/**
 * The run-length codes of bitmaps. Where a file breaks the rules, the result is Pillow's: runs are
 * cut at the end of a row, and a literal run of 4-bit indices has an even length.
 */
final class BmpRuns {
  private static final int END_OF_ROW = 0;
  private static final int END_OF_BITMAP = 1;
  private static final int DELTA = 2;

  private final Bytes file;
  private final boolean halfBytes;
  private long position;

  /**
   * @param position where the codes start
   * @param halfBytes whether indices have 4 bits, not 8
   */
  BmpRuns(Bytes file, long position, boolean halfBytes) {
    this.file = file;
    this.position = position;
    this.halfBytes = halfBytes;
  }

  /** An index a pixel, in the order of the file. */
  byte[] decode(int width, int height) throws MalformedImageException {
    byte[] indices = new byte[width * height];
    int filled = 0;
    int x = 0;
    while (filled < indices.length) {
      int count = file.u8(position++);
      int value = file.u8(position++);
      if (count > 0) {
        int run = Math.max(0, Math.min(count, width - x));
        for (int i = 0; i < run && filled < indices.length; i++) {
          indices[filled++] = (byte) index(value, i);
        }
        x += run;
      } else if (value == END_OF_ROW) {
        filled = Math.min(Math.ceilDiv(filled, width) * width, indices.length);
        x = 0;
      } else if (value == END_OF_BITMAP) {
        throw new MalformedImageException(
            "its pixels end after " + filled + " of " + indices.length);
      } else if (value == DELTA) {
        long skipped = file.u8(position) + (long) file.u8(position + 1) * width;
        position += 2;
        filled = (int) Math.min(filled + skipped, indices.length);
        x = filled % width;
      } else {
        filled = literal(value, indices, filled);
        x += value;
      }
    }
    return indices;
  }

  private int literal(int count, byte[] indices, int filled) throws MalformedImageException {
    int pixels = halfBytes ? count / 2 * 2 : count;
    int to = filled;
    for (int i = 0; i < pixels; i++) {
      int value = file.u8(position + (halfBytes ? i / 2 : i));
      if (to < indices.length) {
        indices[to++] = (byte) index(value, i);
      }
    }
    position += halfBytes ? pixels / 2 : pixels;
    position += position & 1;
    return to;
  }

  /** Pixel {@code i} of a run whose byte is {@code value}. */
  private int index(int value, int i) {
    if (!halfBytes) {
      return value;
    }
    return i % 2 == 0 ? value >> 4 : value & 0xf;
  }
}
