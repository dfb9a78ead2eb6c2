package ocellus.loaders.image.jpeg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import ocellus.engine.kernels.VectorWidth;
import ocellus.loaders.image.Checksums;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts of pictures against the whole ones. */
class AreaTest {
  private static final Map<String, byte[]> FILES = Checksums.archive("/images/jpegs.zip");

  @Test
  void pixelsInAnAreaAreThoseOfTheWhole() throws JpegException {
    var random = new SplittableRandom(8);
    int decoded = 0;
    for (Map.Entry<String, byte[]> file : FILES.entrySet()) {
      byte[] whole;
      try {
        whole = JpegFile.open(file.getValue()).decode(false);
      } catch (JpegException _) {
        continue;
      }
      JpegFile size = JpegFile.open(file.getValue());
      int left = random.nextInt(size.width());
      int top = random.nextInt(size.height());
      var area =
          new Area(
              left,
              top,
              random.nextInt(left, size.width()) + 1,
              random.nextInt(top, size.height()) + 1);
      boolean vectors = VectorWidth.BITS != 0 && random.nextBoolean();
      byte[] part = JpegFile.open(file.getValue()).decode(area, vectors);
      assertEqual(whole, part, size.width(), area, file.getKey());
      decoded++;
    }
    assertTrue(decoded > 300, decoded + " files");
  }

  private static void assertEqual(byte[] whole, byte[] part, int width, Area area, String name) {
    for (int y = area.top(); y < area.bottom(); y++) {
      int from = 3 * (y * width + area.left());
      int to = 3 * (y * width + area.right());
      assertArrayEquals(
          Arrays.copyOfRange(whole, from, to),
          Arrays.copyOfRange(part, from, to),
          () -> name + ", " + area);
    }
  }

  /** Blocks far away are not transformed: samples stay 0, which stand for a green. */
  @Test
  void pixelsFarFromAnAreaAreLeftOut() throws JpegException {
    JpegFile file = JpegFile.open(FILES.get("several-groups-444.jpg"));
    int group = Coefficients.LANES * Component.EDGE;
    var area = new Area(300, 9, 310, 11);
    byte[] part = file.decode(area, false);
    for (int y = 0; y < file.height(); y++) {
      boolean wanted = y >= area.top() && y < area.bottom();
      for (int x = 0; x < file.width(); x++) {
        if (!wanted || x < area.left() - group || x >= area.right() + group) {
          int at = 3 * (y * file.width() + x);
          byte[] pixel = Arrays.copyOfRange(part, at, at + 3);
          byte[] expected = {0, (byte) (wanted ? 135 : 0), 0};
          assertArrayEquals(expected, pixel, () -> "pixel " + at / 3);
        }
      }
    }
  }

  /** As a crop in the middle is, in rows with nothing behind their last sample. */
  @ParameterizedTest
  @ValueSource(strings = {"444", "420"})
  void vectorsDoNotRunOverTheLastRowOfAPlane(String sampling) throws JpegException {
    assumeTrue(VectorWidth.BITS != 0, "there are no vectors");
    String name = "whole-vectors-" + sampling + "-128x40.jpg";
    byte[] whole = JpegFile.open(FILES.get(name)).decode(false);
    for (int left = 0; left < 127; left++) {
      var area = new Area(left, 0, 127, 40);
      byte[] part = JpegFile.open(FILES.get(name)).decode(area, true);
      assertEqual(whole, part, 128, area, name);
    }
  }
}
