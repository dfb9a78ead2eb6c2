package ocellus.loaders.image;

import static ocellus.loaders.image.Pillow.refusal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
    Pillow.verify(line, FILES.get(line.name()));
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
    String message = refusal(FILES.get("lossy-75-4-truncated.webp"), "cut.webp");
    assertTrue(message.contains("cannot decode this WebP: it is truncated"), message);
  }
}
