package ocellus.loaders.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Decoded pixels against Pillow's, whose checksums src/reference/make_image_goldens.py wrote. */
class DecodingTest {
  private static final Path DATA = Path.of(System.getProperty("ocellus.testData", "absent"));
  private static final ImageOptions STORED = ImageOptions.DEFAULT.withIgnoreExif(true);

  /** Accepted by Pillow, which does not look at the checksums of image data. */
  private static final Set<String> STRICTER_THAN_PILLOW = Set.of("xcsn0g01.png");

  static List<Checksums.Line> smallImages() {
    return Checksums.read("/images/small.sha256");
  }

  @ParameterizedTest
  @MethodSource("smallImages")
  void everyKindOfFileThatPillowWrites(Checksums.Line line) {
    byte[] file = Checksums.bytes("/images/" + line.name());
    if (line.checksum().equals(Checksums.Line.REFUSED)) {
      Pillow.refusal(file, line.name());
    } else {
      RgbImage image = Images.decode(file, line.name(), STORED);
      assertEquals(line.checksum(), Checksums.sha256(image.data()));
      ImageInfo info = Images.info(file, line.name());
      assertEquals(image.width(), info.width());
      assertEquals(image.height(), info.height());
    }
  }

  @Test
  void photographs() throws IOException {
    assertFolder("imagenet-sample", "photographs", ImageOptions.DEFAULT);
  }

  @Test
  void storedOrientation() throws IOException {
    assertFolder("exif-orientation", "orientation", STORED);
  }

  @Test
  void uprightOrientation() throws IOException {
    assertFolder("exif-orientation", "upright", ImageOptions.DEFAULT);
  }

  @Test
  void pngSuite() throws IOException {
    assertFolder("pngsuite/png", "pngsuite", STORED);
  }

  private static void assertFolder(String folder, String checksums, ImageOptions options)
      throws IOException {
    Path directory = DATA.resolve(folder);
    Assumptions.assumeTrue(Files.isDirectory(directory), directory + " is not there");
    for (Checksums.Line line : Checksums.read("/images/" + checksums + ".sha256")) {
      Path path = directory.resolve(line.name());
      if (line.checksum().equals(Checksums.Line.REFUSED)
          || STRICTER_THAN_PILLOW.contains(line.name())) {
        var e = assertThrows(ImageException.class, () -> Images.read(path, options));
        Pillow.assertOneLine(e, line.name());
      } else {
        assertEquals(
            line.checksum(), Checksums.sha256(Images.read(path, options).data()), line.name());
      }
    }
  }
}
