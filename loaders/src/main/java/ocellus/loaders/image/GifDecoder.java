package ocellus.loaders.image;

import java.util.Arrays;

/**
 * GIF: the first frame, on the whole screen. As in Pillow, what the frame does not cover has the
 * transparent index, or 0, and transparency itself is dropped.
 */
final class GifDecoder implements ImageDecoder {
  private static final int SCREEN_BYTES = 13;
  private static final int PALETTE_ENTRIES = 256;
  private static final int EXTENSION = '!';
  private static final int FRAME = ',';
  private static final int GRAPHIC_CONTROL = 0xf9;

  /** Interlaced rows: first row and step of each pass. */
  private static final int[][] INTERLACED = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};

  private static final int[][] SEQUENTIAL = {{0, 1}};

  /**
   * @param width of the screen, or as far as the frame reaches
   * @param palette red, green, blue of 256 entries
   * @param background the index outside of the frame
   * @param dataAt where the compressed indices start
   */
  private record Header(
      int width,
      int height,
      Bytes palette,
      int background,
      Region frame,
      boolean interlaced,
      long dataAt) {}

  @Override
  public ImageInfo info(byte[] file) throws MalformedImageException {
    Header header = header(Bytes.littleEndian(file));
    return new ImageInfo(ImageFormat.GIF, header.width(), header.height(), Orientation.UPRIGHT);
  }

  @Override
  public RgbImage decode(byte[] file, ImageInfo info) throws MalformedImageException {
    Bytes bytes = Bytes.littleEndian(file);
    Header header = header(bytes);
    Region frame = header.frame();
    byte[] screen = new byte[header.width() * header.height()];
    Arrays.fill(screen, (byte) header.background());
    var indices = new GifIndices(bytes, header.dataAt());
    for (int[] pass : header.interlaced() ? INTERLACED : SEQUENTIAL) {
      for (int y = pass[0]; y < frame.height(); y += pass[1]) {
        indices.read(screen, (frame.top() + y) * header.width() + frame.left(), frame.width());
      }
    }
    byte[] palette = header.palette().toArray();
    byte[] rgb = new byte[screen.length * RgbImage.CHANNELS];
    for (int i = 0; i < screen.length; i++) {
      int from = (screen[i] & 0xff) * RgbImage.CHANNELS;
      System.arraycopy(palette, from, rgb, i * RgbImage.CHANNELS, RgbImage.CHANNELS);
    }
    return RgbImage.of(header.width(), header.height(), rgb);
  }

  private static Header header(Bytes file) throws MalformedImageException {
    int screenFlags = file.u8(10);
    Bytes palette = palette(file, SCREEN_BYTES, screenFlags);
    int background = 0;
    long position = SCREEN_BYTES + (long) paletteBytes(screenFlags);
    while (file.u8(position) != FRAME) {
      if (file.u8(position) == EXTENSION) {
        boolean control = file.u8(position + 1) == GRAPHIC_CONTROL && file.u8(position + 2) >= 4;
        if (control && (file.u8(position + 3) & 1) != 0) {
          background = file.u8(position + 6);
        }
        position += 2;
        while (file.u8(position) != 0) {
          position += 1 + file.u8(position);
        }
      } else if (file.u8(position) == ';') {
        throw new MalformedImageException("it has no frame");
      }
      position++;
    }
    int flags = file.u8(position + 9);
    if ((flags & 0x80) != 0) {
      palette = palette(file, position + 10, flags);
    }
    Region frame =
        new Region(
            file.u16(position + 3),
            file.u16(position + 1),
            file.u16(position + 7),
            file.u16(position + 5));
    return new Header(
        Math.max(file.u16(6), frame.left() + frame.width()),
        Math.max(file.u16(8), frame.top() + frame.height()),
        palette,
        background,
        frame,
        (flags & 0x40) != 0,
        position + 10 + paletteBytes(flags));
  }

  private static int paletteBytes(int flags) {
    return (flags & 0x80) == 0 ? 0 : RgbImage.CHANNELS << ((flags & 7) + 1);
  }

  /**
   * The palette at {@code position}, if the flags announce one. Without one, and where it is the
   * grey ramp anyway, an index is its own level of grey; other palettes are continued in black.
   */
  private static Bytes palette(Bytes file, long position, int flags)
      throws MalformedImageException {
    byte[] ramp = new byte[PALETTE_ENTRIES * RgbImage.CHANNELS];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = (byte) (i / RgbImage.CHANNELS);
    }
    byte[] palette = file.part(position, paletteBytes(flags)).toArray();
    boolean isRamp = Arrays.equals(palette, Arrays.copyOf(ramp, palette.length));
    return Bytes.bigEndian(isRamp ? ramp : Arrays.copyOf(palette, ramp.length));
  }
}
