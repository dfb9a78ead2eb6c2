package ocellus.loaders.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Resized pixels against Pillow's: see src/reference/make_resize_goldens.py. */
class ResamplerTest {
  static List<Checksums.Line> goldens() {
    return Checksums.read("/images/resize.sha256");
  }

  @Test
  void thereAreEnoughGoldens() {
    assertTrue(goldens().size() >= 200);
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void pixelsArePillows(Checksums.Line line) {
    List<String> fields = List.of(line.name().split(" ", -1));
    Size from = size(fields.get(0));
    Size to = size(fields.get(1));
    Filter filter = Filter.named(fields.get(2)).orElseThrow();
    RgbImage image = Noise.image(from.width(), from.height());
    for (boolean vectorised : new boolean[] {false, true}) {
      RgbImage resized = Resampler.resize(image, to, filter, Region.all(to), vectorised);
      assertEquals(line.checksum(), Checksums.sha256(resized.data()), "vectors " + vectorised);
    }
  }

  private static Size size(String widthByHeight) {
    int x = widthByHeight.indexOf('x');
    return new Size(
        Integer.parseInt(widthByHeight.substring(x + 1)),
        Integer.parseInt(widthByHeight.substring(0, x)));
  }

  @ParameterizedTest
  @EnumSource
  void aRegionIsAPartOfTheWhole(Filter filter) {
    var random = new SplittableRandom(5);
    for (int i = 0; i < 200; i++) {
      boolean tall = i % 10 == 0;
      RgbImage image =
          Noise.image(random.nextInt(1, tall ? 3 : 40), tall ? 400 : random.nextInt(1, 40));
      Size target = new Size(random.nextInt(1, 60), random.nextInt(1, 60));
      int top = random.nextInt(target.height());
      int left = random.nextInt(target.width());
      Region region =
          new Region(
              top,
              left,
              random.nextInt(1, target.height() - top + 1),
              random.nextInt(1, target.width() - left + 1));
      RgbImage whole = Resampler.resize(image, target, filter, Region.all(target), i % 2 == 0);
      RgbImage part = Resampler.resize(image, target, filter, region, i % 4 < 2);
      int row = region.width() * RgbImage.CHANNELS;
      for (int y = 0; y < region.height(); y++) {
        int from = ((top + y) * target.width() + left) * RgbImage.CHANNELS;
        assertArrayEquals(
            Arrays.copyOfRange(whole.data(), from, from + row),
            Arrays.copyOfRange(part.data(), y * row, (y + 1) * row),
            () -> image + " to " + target + ", " + region);
      }
    }
  }

  @Test
  void filtersHaveTheNamesAndNumbersOfTheReferences() {
    assertEquals(Filter.BICUBIC, Filter.named("bicubic").orElseThrow());
    assertTrue(Filter.named("cubic").isEmpty());
    List<Filter> byCode =
        List.of(
            Filter.NEAREST,
            Filter.LANCZOS,
            Filter.BILINEAR,
            Filter.BICUBIC,
            Filter.BOX,
            Filter.HAMMING);
    for (int code = 0; code < byCode.size(); code++) {
      assertEquals(byCode.get(code), Filter.ofPillowCode(code).orElseThrow());
    }
    assertTrue(Filter.ofPillowCode(6).isEmpty());
  }
}
