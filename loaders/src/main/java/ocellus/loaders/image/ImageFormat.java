package ocellus.loaders.image;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** Image formats that are told apart by how a file starts. Not all of them can be read. */
public enum ImageFormat {
  JPEG("JPEG"),
  PNG("PNG"),
  BMP("BMP"),
  GIF("GIF"),
  PNM("PNM"),
  WEBP("WebP"),
  TIFF("TIFF"),
  AVIF("AVIF"),
  HEIF("HEIF"),
  JPEG_2000("JPEG 2000"),
  JPEG_XL("JPEG XL"),
  ICO("ICO"),
  PSD("PSD"),
  PDF("PDF");

  /** How many bytes of a file are enough to know its format. */
  static final int HEAD = 18;

  private final String title;

  ImageFormat(String title) {
    this.title = title;
  }

  /**
   * The format of a file.
   *
   * @param file its bytes, or its first {@value #HEAD}
   */
  static Optional<ImageFormat> of(byte[] file) {
    // One char a byte, so that signatures can be written as text.
    int length = Math.min(file.length, HEAD);
    return Optional.ofNullable(of(new String(file, 0, length, StandardCharsets.ISO_8859_1)));
  }

  private static ImageFormat of(String head) {
    if (head.startsWith("\u00ff\u00d8\u00ff")) {
      return JPEG;
    } else if (head.startsWith("\u0089PNG\r\n\u001a\n")) {
      return PNG;
    } else if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) {
      return GIF;
    } else if (head.startsWith("BM") && head.startsWith("\0\0\0", 15)) {
      return BMP; // The length of its second header, at byte 14, is below 256.
    } else if (head.length() > 2 && head.substring(0, 3).matches("P[1-6]\\s")) {
      return PNM;
    } else if (head.startsWith("RIFF") && head.startsWith("WEBP", 8)) {
      return WEBP;
    } else if (head.startsWith("II*\0")
        || head.startsWith("MM\0*")
        || head.startsWith("II+\0")
        || head.startsWith("MM\0+")) {
      return TIFF;
    } else if (head.startsWith("ftypavi", 4)) {
      return AVIF;
    } else if (head.startsWith("ftyphe", 4)
        || head.startsWith("ftypmif1", 4)
        || head.startsWith("ftypmsf1", 4)) {
      return HEIF;
    } else if (head.startsWith("jP  \r\n", 4) || head.startsWith("\u00ffO\u00ffQ")) {
      return JPEG_2000;
    } else if (head.startsWith("JXL \r\n", 4) || head.startsWith("\u00ff\n")) {
      return JPEG_XL;
    } else if (head.startsWith("\0\0\1\0")) {
      return ICO;
    } else if (head.startsWith("8BPS")) {
      return PSD;
    } else if (head.startsWith("%PDF-")) {
      return PDF;
    }
    return null;
  }

  /** As in {@code jpeg}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** As in {@code JPEG XL}. */
  @Override
  public String toString() {
    return title;
  }
}
