package ocellus.loaders.image.webp;

import java.nio.charset.StandardCharsets;

/**
 * A WebP file: lossy or lossless, plain or extended. Pixels are those of libwebp without regard to
 * opacity; of an animation, the first frame on a black canvas. Not thread-safe.
 */
public final class WebpFile {
  /** A part of the file. */
  public record Part(int start, int length) {}

  private static final int FILE_HEADER = 12;
  private static final int CHUNK_HEADER = 8;
  private static final int EXTENDED_BYTES = 10;
  private static final int FRAME_HEADER = 16;

  private final byte[] file;
  private int width;
  private int height;
  private int left;
  private int top;
  private Vp8Header lossy;
  private LosslessImage lossless;
  private Part exif;
  private Part xmp;

  private WebpFile(byte[] file) {
    this.file = file;
  }

  /** Reads the chunks up to the picture's data, and metadata behind them. */
  public static WebpFile open(byte[] file) throws WebpException {
    var webp = new WebpFile(file);
    webp.readChunks(FILE_HEADER, file.length, true);
    if (webp.lossy == null && webp.lossless == null) {
      throw new WebpException("it has no picture");
    }
    return webp;
  }

  /**
   * @param outer whether there may be frames of an animation
   */
  private void readChunks(int start, int end, boolean outer) throws WebpException {
    for (long at = start; at + CHUNK_HEADER <= end; ) {
      int from = (int) at + CHUNK_HEADER;
      long length = number(from - 4, 4);
      long next = from + length + (length & 1);
      int to = (int) Math.min(from + length, end);
      switch (new String(file, (int) at, 4, StandardCharsets.ISO_8859_1)) {
        case "VP8X" -> {
          if (length < EXTENDED_BYTES || to - from < EXTENDED_BYTES) {
            throw WebpException.truncated();
          }
          if (outer && width == 0) {
            width = 1 + (int) number(from + 4, 3);
            height = 1 + (int) number(from + 7, 3);
          }
        }
        case "ANMF" -> {
          if (to - from < FRAME_HEADER) {
            throw WebpException.truncated();
          }
          if (outer && lossy == null && lossless == null) {
            left = 2 * (int) number(from, 3);
            top = 2 * (int) number(from + 3, 3);
            readChunks(from + FRAME_HEADER, to, false);
          }
        }
        case "VP8 " -> readLossy(from, to, from + length);
        case "VP8L" -> readLossless(from, to, from + length);
        case "EXIF" -> exif = new Part(from, to - from);
        case "XMP " -> xmp = new Part(from, to - from);
        default -> {}
      }
      at = next;
    }
  }

  private void readLossy(int from, int to, long end) throws WebpException {
    if (lossy == null && lossless == null) {
      checkWhole(to, end);
      lossy = new Vp8Header(file, from, to);
      checkSize(lossy.width, lossy.height);
    }
  }

  private void readLossless(int from, int to, long end) throws WebpException {
    if (lossy == null && lossless == null) {
      checkWhole(to, end);
      lossless = new LosslessImage(file, from, to);
      checkSize(lossless.width(), lossless.height());
    }
  }

  private static void checkWhole(int to, long end) throws WebpException {
    if (to < end) {
      throw WebpException.truncated();
    }
  }

  private void checkSize(int frameWidth, int frameHeight) throws WebpException {
    if (width == 0) {
      width = frameWidth;
      height = frameHeight;
    }
    if (frameWidth == 0
        || frameHeight == 0
        || left > width - frameWidth
        || top > height - frameHeight) {
      throw new WebpException("its picture does not fit onto its canvas");
    }
  }

  private long number(int at, int bytes) {
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = value << 8 | (file[at + i] & 0xff);
    }
    return value;
  }

  public int width() {
    return width;
  }

  public int height() {
    return height;
  }

  /** The EXIF chunk, or null if there is none. */
  public Part exif() {
    return exif;
  }

  /** The XMP chunk, or null if there is none. */
  public Part xmp() {
    return xmp;
  }

  /** The pixels, {@code [height, width, 3]}: red, green, blue. To be called once. */
  public byte[] decode() throws WebpException {
    byte[] rgb = lossy != null ? new Vp8Frame(lossy).decode() : lossless.decode();
    int frameWidth = lossy != null ? lossy.width : lossless.width();
    int frameHeight = lossy != null ? lossy.height : lossless.height();
    if (frameWidth == width && frameHeight == height) {
      return rgb;
    }
    byte[] canvas = new byte[3 * width * height];
    for (int y = 0; y < frameHeight; y++) {
      int to = 3 * ((top + y) * width + left);
      System.arraycopy(rgb, 3 * y * frameWidth, canvas, to, 3 * frameWidth);
    }
    return canvas;
  }
}
