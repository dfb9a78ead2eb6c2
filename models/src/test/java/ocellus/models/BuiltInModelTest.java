package ocellus.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import ocellus.engine.OcellusException;
import ocellus.loaders.image.RgbImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuiltInModelTest {
  /** Rounding of a network's float32 arithmetic, relative to the largest logit: see Goldens. */
  private static final double FLOAT32_NETWORK = 2e-5;

  private static final List<RgbImage> IMAGES = FashionPictures.images();

  private static LoadOptions threads(int count) {
    return LoadOptions.defaults().withThreads(count);
  }

  @Test
  void logitsAreThoseOfTheReference() {
    List<FashionPictures.Expected> expected = FashionPictures.expected();
    assertEquals(IMAGES.size(), expected.size());
    try (var classifier = ImageClassifier.builtIn()) {
      List<float[]> logits = classifier.logits(IMAGES);
      for (int i = 0; i < IMAGES.size(); i++) {
        List<Double> golden = expected.get(i).logits();
        double largest = Math.max(Collections.max(golden), -Collections.min(golden));
        for (int c = 0; c < golden.size(); c++) {
          assertEquals(
              golden.get(c), logits.get(i)[c], FLOAT32_NETWORK * largest, i + ", class " + c);
        }
        assertEquals(
            expected.get(i).predicted(),
            classifier.classify(IMAGES.get(i), 1).getFirst().index(),
            () -> "picture " + golden);
      }
    }
  }

  @Test
  void recognisesAsManyPicturesAsTheReference() {
    byte[] labels = FashionPictures.labels();
    long reference = 0;
    for (int i = 0; i < labels.length; i++) {
      reference += FashionPictures.expected().get(i).predicted() == labels[i] ? 1 : 0;
    }
    long right = 0;
    try (var classifier = ImageClassifier.builtIn()) {
      List<List<Prediction>> predictions = classifier.classify(IMAGES, 1);
      for (int i = 0; i < labels.length; i++) {
        right += predictions.get(i).getFirst().index() == labels[i] ? 1 : 0;
      }
    }
    assertEquals(reference, right);
    assertTrue(right > 180, () -> "fewer than nine of ten");
  }

  @Test
  void filesAreThePicturesInThem(@TempDir Path folder) throws IOException {
    List<RgbImage> images = IMAGES.subList(0, 9);
    List<Path> files = new ArrayList<>();
    for (RgbImage image : images) {
      files.add(Files.write(folder.resolve(files.size() + ".bmp"), bitmap(image)));
    }
    for (int threads : new int[] {1, 2}) {
      try (var classifier = ImageClassifier.builtIn(threads(threads))) {
        assertEquals(classifier.classify(images, 3), classifier.classifyFiles(files, 3));
        assertEquals(classifier.classify(images.get(4), 3), classifier.classify(files.get(4), 3));
        files.set(5, folder.resolve("none.bmp"));
        var e = assertThrows(OcellusException.class, () -> classifier.classifyFiles(files, 3));
        assertEquals(files.get(5) + ": no such file", e.getMessage());
        files.set(5, folder.resolve("5.bmp"));
      }
    }
  }

  /** A picture as a bitmap of 24 bits a pixel, whose rows are a multiple of four bytes long. */
  private static byte[] bitmap(RgbImage image) {
    int row = image.width() * RgbImage.CHANNELS;
    assertEquals(0, row % 4);
    var file = ByteBuffer.allocate(54 + row * image.height()).order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 'B').put((byte) 'M').putInt(file.capacity()).putInt(0).putInt(54);
    file.putInt(40).putInt(image.width()).putInt(-image.height()).putShort((short) 1);
    file.putShort((short) 24).position(54);
    byte[] rgb = image.data();
    for (int i = 0; i < rgb.length; i += RgbImage.CHANNELS) {
      file.put(rgb[i + 2]).put(rgb[i + 1]).put(rgb[i]);
    }
    return file.array();
  }

  @Test
  void sameBitsForEveryNumberOfThreadsAndEveryBatch() {
    List<RgbImage> images = IMAGES.subList(0, 23);
    List<float[]> expected;
    try (var serial = ImageClassifier.builtIn(threads(1))) {
      expected = images.stream().map(serial::logits).toList();
    }
    for (int threads : new int[] {1, 2, 3, 5}) {
      try (var classifier = ImageClassifier.builtIn(threads(threads))) {
        for (int batch : new int[] {1, 2, 3, 4, 7, 23}) {
          List<float[]> logits = new ArrayList<>();
          for (int from = 0; from < images.size(); from += batch) {
            int to = Math.min(from + batch, images.size());
            logits.addAll(classifier.logits(images.subList(from, to)));
          }
          for (int i = 0; i < images.size(); i++) {
            assertArrayEquals(
                expected.get(i), logits.get(i), threads + " threads, batches of " + batch);
          }
        }
      }
    }
  }

  @Test
  void saysWhatItIs() {
    try (var classifier = ImageClassifier.builtIn(threads(1))) {
      ModelInfo info = classifier.info();
      assertEquals("built-in", info.name());
      assertEquals("mobilenetv3_small_050", info.architecture());
      assertEquals("MobileNetV3", info.family());
      assertEquals("timm", info.library());
      assertEquals(10, info.labels().size());
      assertEquals("Sneaker", classifier.labels().get(7));
      assertTrue(info.license().orElseThrow().toLowerCase(Locale.ROOT).contains("apache"));
    }
  }

  @Test
  void classifiesOnlyWhileItIsOpen() {
    var classifier = ImageClassifier.builtIn(threads(2));
    assertThrows(IllegalArgumentException.class, () -> classifier.classify(IMAGES.getFirst(), 0));
    assertEquals(10, classifier.classify(IMAGES.getFirst(), 99).size());
    classifier.close();
    classifier.close();
    assertThrows(IllegalStateException.class, () -> classifier.classify(IMAGES.getFirst(), 1));
  }
}
