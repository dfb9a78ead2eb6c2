package ocellus.loaders.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** Pictures against what Pillow makes of them. */
final class Pillow {
  private Pillow() {}

  /** Decodes a file to the pixels with the checksum, or is refused where Pillow refuses it. */
  static void verify(Checksums.Line line, byte[] file) {
    if (line.checksum().equals(Checksums.Line.REFUSED)) {
      refusal(file, line.name());
    } else {
      RgbImage image = Images.decode(file, line.name(), ImageOptions.DEFAULT);
      assertEquals(line.checksum(), Checksums.sha256(image.data()));
    }
  }

  /** The message with which a file is refused. */
  static String refusal(byte[] file, String name) {
    return refusal(file, name, ImageOptions.DEFAULT);
  }

  /** The message with which a file is refused. */
  static String refusal(byte[] file, String name, ImageOptions options) {
    var e = assertThrows(ImageException.class, () -> Images.decode(file, name, options));
    assertOneLine(e, name);
    return e.getMessage();
  }

  /** A message is one line and names the picture once. */
  static void assertOneLine(ImageException e, String name) {
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
    assertEquals(
        e.getMessage().indexOf(name), e.getMessage().lastIndexOf(name), "names it once: " + e);
    assertFalse(e.getMessage().indexOf(name) < 0, e.getMessage());
  }
}
