package ocellus.loaders.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** WebP against Pillow: see src/reference/make_webp_goldens.py. */
class WebpTest {
  private static final Map<String, byte[]> FILES = Checksums.archive("/images/webp.zip");

  static List<Checksums.Line> goldens() {
    return Checksums.read("/images/webp.sha256");
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void pixelsArePillows(Checksums.Line line) {
    byte[] file = FILES.get(line.name());
    if (line.checksum().equals(Checksums.Line.REFUSED)) {
      refusal(file, line.name(), ImageOptions.DEFAULT);
    } else {
      RgbImage image = Images.decode(file, line.name(), ImageOptions.DEFAULT);
      assertEquals(line.checksum(), Checksums.sha256(image.data()));
    }
  }

  private static String refusal(byte[] file, String name, ImageOptions options) {
    var e = assertThrows(ImageException.class, () -> Images.decode(file, name, options));
    DecodingTest.assertOneLine(e, name);
    return e.getMessage();
  }

  @Test
  void sizeIsCheckedFirst() {
    for (String name : List.of("large-10.webp", "lossless-50x34.webp", "off-the-corner.webp")) {
      String message = refusal(FILES.get(name), name, new ImageOptions(false, 1000));
      assertTrue(message.contains("exceeds the limit of 1000 pixels"), message);
    }
  }

  @Test
  void aCanvasBehindThePictureDoesNotCount() {
    byte[] file = FILES.get("lossless-50x34.webp");
    byte[] longer = Arrays.copyOf(file, file.length + 18);
    ByteBuffer.wrap(longer)
        .position(file.length)
        .put("VP8X".getBytes(StandardCharsets.ISO_8859_1))
        .put((byte) 10);
    RgbImage image = Images.decode(file, "a.webp", ImageOptions.DEFAULT);
    RgbImage same = Images.decode(longer, "longer.webp", ImageOptions.DEFAULT);
    assertArrayEquals(image.data(), same.data());
    assertEquals(image.width(), same.width());
  }

  @Test
  void truncatedFilesAreNamed() {
    String message =
        refusal(FILES.get("lossy-75-4-truncated.webp"), "cut.webp", ImageOptions.DEFAULT);
    assertTrue(message.contains("cannot decode this WebP: it is truncated"), message);
  }
}
