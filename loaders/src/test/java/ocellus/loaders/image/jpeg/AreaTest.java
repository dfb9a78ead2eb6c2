package ocellus.loaders.image.jpeg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import ocellus.engine.kernels.VectorWidth;
import ocellus.loaders.image.Checksums;
import org.junit.jupiter.api.Test;

/** Parts of pictures against the whole ones. */
class AreaTest {
  @Test
  void pixelsInAnAreaAreThoseOfTheWhole() throws JpegException {
    var random = new SplittableRandom(8);
    int decoded = 0;
    for (Map.Entry<String, byte[]> file : Checksums.archive("/images/jpegs.zip").entrySet()) {
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
      for (int y = area.top(); y < area.bottom(); y++) {
        int from = 3 * (y * size.width() + area.left());
        int to = 3 * (y * size.width() + area.right());
        assertArrayEquals(
            Arrays.copyOfRange(whole, from, to),
            Arrays.copyOfRange(part, from, to),
            () -> file.getKey() + ", " + area);
      }
      decoded++;
    }
    assertTrue(decoded > 300, decoded + " files");
  }
}
