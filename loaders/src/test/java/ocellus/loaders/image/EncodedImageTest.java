package ocellus.loaders.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import ocellus.engine.Tensor;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pictures of which only a part is decoded, beside the same ones decoded as a whole. */
class EncodedImageTest {
  private static final Path DATA = Path.of(System.getProperty("ocellus.testData", "absent"));
  private static final List<Double> HALF = List.of(0.5, 0.5, 0.5);

  /** A narrow strip, a low one, and a crop with a margin that is never looked at. */
  private static final List<Preprocessor> CROPS =
      List.of(
          crop(new Resize.Exact(40, 40), Filter.BICUBIC, 40, 6),
          crop(new Resize.Exact(60, 50), Filter.BICUBIC, 4, 50),
          crop(new Resize.ShortestEdge(30), Filter.BICUBIC, 24, 24));

  private static final int DAMAGED = 120;

  /** The middle of a picture. */
  private static Preprocessor crop(Resize resize, Filter filter, int height, int width) {
    return new Preprocessor(
        new Preprocessing(
            resize,
            filter,
            new Crop.Center(height, width, Crop.Rounding.TORCHVISION, 0),
            Preprocessing.UNIT_RANGE,
            0,
            HALF,
            HALF));
  }

  /** Checks that a part gives what the whole gives, or is refused in the same words. */
  private static boolean isSame(byte[] file, String name, ImageOptions options) {
    EncodedImage encoded = EncodedImage.of(name, () -> file, options);
    RgbImage whole;
    try {
      whole = encoded.decode();
    } catch (ImageException e) {
      for (Preprocessor preprocessor : CROPS) {
        var refused = assertThrows(ImageException.class, () -> part(encoded, preprocessor), name);
        assertEquals(e.getMessage(), refused.getMessage());
      }
      return false;
    }
    for (Preprocessor preprocessor : CROPS) {
      assertArrayEquals(preprocessor.apply(whole).data(), part(encoded, preprocessor), name);
    }
    return true;
  }

  private static float[] part(EncodedImage image, Preprocessor preprocessor) {
    Preprocessing p = preprocessor.preprocessing();
    Tensor tensor = Tensor.zeros(p.height(), p.width(), RgbImage.CHANNELS);
    preprocessor.apply(preprocessor.decode(image), tensor);
    return tensor.data();
  }

  /** Files of every kind, sound and damaged. */
  private static Map<String, byte[]> files() {
    Map<String, byte[]> files = new LinkedHashMap<>(Checksums.archive("/images/jpegs.zip"));
    for (Checksums.Line line : Checksums.read("/images/small.sha256")) {
      files.put(line.name(), Checksums.bytes("/images/" + line.name()));
    }
    for (Checksums.Line line : Checksums.read("/png/stored.sha256")) {
      files.put(line.name(), Checksums.bytes("/png/" + line.name()));
    }
    return files;
  }

  @Test
  void partsAreThoseOfTheWhole() {
    int read = 0;
    int refused = 0;
    for (Map.Entry<String, byte[]> file : files().entrySet()) {
      if (isSame(file.getValue(), file.getKey(), ImageOptions.DEFAULT)) {
        read++;
      } else {
        refused++;
      }
    }
    assertTrue(read > 500 && refused > 30, read + " read, " + refused + " refused");
  }

  /** Wherever it is: in the crop, beside it, above it or below it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "several-groups-444.jpg",
        "several-groups-420.jpg",
        "several-groups-411.jpg",
        "pillow-baseline-420-q97-restart-49x33.jpg",
        "pillow-progressive-444-q97-restart-33x65.jpg"
      })
  void damageIsFoundWhereverItIs(String name) {
    byte[] sound = Checksums.archive("/images/jpegs.zip").get(name);
    var random = new SplittableRandom(5);
    int refused = 0;
    for (int i = 0; i < DAMAGED; i++) {
      byte[] file = sound.clone();
      int at = random.nextInt(file.length / 2, file.length);
      file[at] = (byte) random.nextInt(256);
      if (i % 4 == 0) {
        file = Arrays.copyOf(file, at);
      }
      refused += isSame(file, name, ImageOptions.DEFAULT) ? 0 : 1;
    }
    assertTrue(refused > DAMAGED / 5 && refused < DAMAGED, refused + " are refused");
  }

  @ParameterizedTest
  @ValueSource(strings = {"imagenet-sample", "exif-orientation", "pngsuite/png"})
  void partsOfPhotographsAreThoseOfTheWhole(String folder) throws IOException {
    Path directory = DATA.resolve(folder);
    Assumptions.assumeTrue(Files.isDirectory(directory), directory + " is not there");
    int read = 0;
    try (Stream<Path> paths = Files.list(directory)) {
      for (Path path : paths.filter(p -> p.toString().matches("(?i).*\\.(jpe?g|png)")).toList()) {
        for (boolean ignored : new boolean[] {false, true}) {
          ImageOptions options = ImageOptions.DEFAULT.withIgnoreExif(ignored);
          read += isSame(Files.readAllBytes(path), path.toString(), options) ? 1 : 0;
        }
      }
    }
    assertTrue(read > 30, read + " are read");
  }

  @Test
  void pixelsThatStayFloatsAreThoseOfTheWhole() {
    for (Filter filter : List.of(Filter.BICUBIC, Filter.NEAREST)) {
      Preprocessing bytes = crop(new Resize.Exact(40, 40), filter, 40, 6).preprocessing();
      var preprocessor = new Preprocessor(bytes.with(Preprocessing.Pixels.FLOATS));
      for (String name : List.of("several-groups-420.jpg", "several-groups-422.jpg")) {
        byte[] file = Checksums.archive("/images/jpegs.zip").get(name);
        EncodedImage image = EncodedImage.of(name, () -> file, ImageOptions.DEFAULT);
        float[] whole = preprocessor.apply(image.decode()).data();
        assertArrayEquals(whole, part(image, preprocessor));
      }
    }
  }

  /** Left out, a pixel is black, or the green of samples that are all 0. */
  @Test
  void pixelsFarFromACropAreLeftOut() {
    byte[] file = Checksums.archive("/images/jpegs.zip").get("several-groups-444.jpg");
    EncodedImage image = EncodedImage.of("several", () -> file, ImageOptions.DEFAULT);
    Preprocessor preprocessor = crop(new Resize.None(), Filter.BICUBIC, 3, 10);
    assertTrue(farAndNotLeftOut(image.decode()) > 5_000);
    assertEquals(0, farAndNotLeftOut(preprocessor.decode(image)));
  }

  /** Pixels that are neither in the rows of a small crop nor within 16 blocks of its columns. */
  private static int farAndNotLeftOut(RgbImage image) {
    int count = 0;
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        boolean far = Math.abs(y - 10) > 5 || Math.abs(x - 308) > 8 + 16 * 8;
        int at = RgbImage.CHANNELS * (y * image.width() + x);
        count += far && (image.data()[at] != 0 || image.data()[at + 2] != 0) ? 1 : 0;
      }
    }
    return count;
  }

  @Test
  void aFileIsOpenedWhenItIsDecoded() {
    EncodedImage image = EncodedImage.of(Path.of("no", "such.jpg"));
    var e = assertThrows(ImageException.class, image::decode);
    assertEquals(Path.of("no", "such.jpg") + ": no such file", e.getMessage());
  }
}
