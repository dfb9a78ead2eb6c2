package ocellus.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import ocellus.engine.OcellusException;
import ocellus.engine.Tensor;
import ocellus.loaders.image.RgbImage;
import ocellus.loaders.safetensors.SafetensorsFile;
import ocellus.loaders.safetensors.SafetensorsWriter;
import ocellus.models.ZeroShotClassifier.Scoring;
import ocellus.models.goldens.Goldens;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints and answers of make_zero_shot_goldens.py. */
class ZeroShotClassifierTest {
  private static final String[] LABELS = {"a dog", "a cat", "zebra crossing", "Äpfel \uD83C\uDF4E"};
  private static final String[] TEMPLATES = {"{}", "a photo of {}.", "IT'S {}, or {}!"};
  private static final Path CLIP = Goldens.folder("zero_shot/clip");

  @TempDir Path folder;

  private static RgbImage picture() {
    byte[] data = new byte[40 * 30 * 3];
    for (int i = 0; i < data.length; i++) {
      int x = i / 3 % 40;
      int y = i / 120;
      data[i] = (byte) (x * 7 + y * 13 + i % 3 * 29 + x * y);
    }
    return RgbImage.of(40, 30, data);
  }

  private static Map<String, Tensor> expected(String name) {
    return Goldens.tensors("zero_shot/" + name + "/expected");
  }

  private static ZeroShotClassifier clip() {
    return ZeroShotClassifier.load(CLIP).withLabels(LABELS).withTemplates(TEMPLATES);
  }

  private static void refused(String part, Executable what) {
    String message = assertThrows(OcellusException.class, what).getMessage();
    assertTrue(message.contains(part), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"clip", "siglip", "siglip2", "open_clip"})
  void everythingEqualsTheReference(String name) {
    Path directory = Goldens.folder("zero_shot/" + name);
    Map<String, Tensor> expected = expected(name);
    try (var images = ImageEmbedder.load(directory);
        var texts = TextEmbedder.load(directory);
        var model = ZeroShotClassifier.load(directory)) {
      Goldens.assertClose("image", expected.get("image").toArray(), images.embed(picture()));
      assertEquals(images.dimension(), texts.dimension());
      Goldens.assertClose(
          "texts", expected.get("texts").toArray(), join(texts.embed(List.of(LABELS))));
      var classifier = model.withTemplates(TEMPLATES).withLabels(LABELS);
      LabelMatrix matrix = classifier.prepare();
      Goldens.assertClose(
          "matrix",
          expected.get("matrix").toArray(),
          join(IntStream.range(0, LABELS.length).mapToObj(matrix::vector).toList()));
      float[] logits = classifier.logits(List.of(picture())).getFirst();
      Goldens.assertClose("logits", expected.get("logits").toArray(), logits);
      float[] scores = new float[LABELS.length];
      for (Prediction p : classifier.classify(picture(), LABELS.length)) {
        scores[p.index()] = p.score();
        assertEquals(LABELS[p.index()], p.label());
      }
      Goldens.assertClose("scores", expected.get("scores").toArray(), scores);
    }
  }

  private static float[] join(List<float[]> rows) {
    Tensor all = Tensor.zeros(rows.size(), rows.getFirst().length);
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, all.data(), i * all.channels(), all.channels());
    }
    return all.data();
  }

  @Test
  void filesAreThePicturesInThem() throws IOException {
    byte[] head = "P6 40 30 255\n".getBytes(StandardCharsets.US_ASCII);
    byte[] file = Arrays.copyOf(head, head.length + picture().data().length);
    System.arraycopy(picture().data(), 0, file, head.length, picture().data().length);
    Path path = Files.write(folder.resolve("picture.ppm"), file);
    try (var classifier = clip()) {
      List<Prediction> expected = classifier.classify(picture(), 4);
      assertEquals(expected, classifier.classify(path, 4));
      assertEquals(List.of(expected, expected), classifier.classifyFiles(List.of(path, path), 4));
      assertThrows(
          IllegalArgumentException.class, () -> classifier.classifyFiles(List.of(path), 0));
    }
  }

  @Test
  void scoringIsAChoice() {
    try (var classifier = clip()) {
      double softmax = sum(classifier.withScoring(Scoring.SOFTMAX));
      assertEquals(1, softmax, 1e-6);
      float[] logits = classifier.logits(List.of(picture())).getFirst();
      double sigmoids = 0;
      for (float logit : logits) {
        sigmoids += 1 / (1 + Math.exp(-logit));
      }
      assertEquals(sigmoids, sum(classifier.withScoring(Scoring.SIGMOID)), 1e-6);
    }
  }

  private static double sum(ZeroShotClassifier classifier) {
    return classifier.classify(picture(), 4).stream().mapToDouble(Prediction::score).sum();
  }

  /** As many labels as data sets have, in batches; the same bits whatever is embedded beside. */
  @Test
  void tenThousandLabels() {
    List<Label> labels = IntStream.range(0, 10_000).mapToObj(i -> Label.of("thing " + i)).toList();
    List<Integer> reports = new ArrayList<>();
    try (var model = ZeroShotClassifier.load(CLIP)) {
      var classifier = model.withLabels(labels);
      LabelMatrix matrix = classifier.prepare(reports::add);
      assertEquals(10_000, reports.getLast());
      assertTrue(reports.size() > 10, reports.toString());
      assertSame(matrix, classifier.prepare());
      assertArrayEquals(matrix.vector(7777), model.withLabels("thing 7777").prepare().vector(0));
      assertEquals(10_000, classifier.classify(picture(), 20_000).size());
    }
  }

  @Test
  void promptsAreOfTheirLabel() {
    try (var model = ZeroShotClassifier.load(CLIP)) {
      var pet = new Label("pet", List.of("a dog", "a cat"));
      var classifier = model.withLabels(List.of(pet)).withTemplates("{}", "my {}");
      assertEquals(4, classifier.promptCount());
      float[] vector = classifier.prepare().vector(0);
      var same = new Label("pet", List.of("a dog", "my a dog", "a cat", "my a cat"));
      assertArrayEquals(vector, model.withLabels(List.of(same)).prepare().vector(0), 1e-6f);
    }
  }

  @Test
  void labelsAreKeptInAFile() throws IOException {
    Path file = folder.resolve("labels.safetensors");
    float[] logits;
    try (var classifier = clip()) {
      classifier.prepare().save(file);
      logits = classifier.logits(List.of(picture())).getFirst();
    }
    // Without a tokenizer, and so without a text tower.
    Path bare = Files.createDirectory(folder.resolve("bare"));
    for (String name : List.of("config.json", "preprocessor_config.json", "model.safetensors")) {
      Files.copy(CLIP.resolve(name), bare.resolve(name));
    }
    try (var model = ZeroShotClassifier.load(bare)) {
      var classifier = model.withLabels(LabelMatrix.read(file));
      assertEquals(List.of(LABELS), classifier.labels());
      assertArrayEquals(logits, classifier.logits(List.of(picture())).getFirst());
      refused("tokenizer", () -> model.withLabels("a dog").prepare());
    }
    try (var other = ZeroShotClassifier.load(Goldens.folder("zero_shot/open_clip"))) {
      refused("another checkpoint", () -> other.withLabels(LabelMatrix.read(file)));
    }
    refused("not a label matrix", () -> LabelMatrix.read(CLIP.resolve("model.safetensors")));
    refused(
        "cannot be written",
        () -> {
          try (var classifier = clip()) {
            classifier.prepare().save(folder.resolve("none/labels.safetensors"));
          }
        });
  }

  @Test
  void vectorsOfLabelsHaveLengthOne() throws IOException {
    Path file = folder.resolve("labels.safetensors");
    LabelMatrix half = new LabelMatrix(List.of("a"), Tensor.of(new float[] {0, 0.5f}, 1, 2), "");
    half.save(file);
    refused("the vector of label 'a' is not of length 1", () -> LabelMatrix.read(file));
    LabelMatrix none =
        new LabelMatrix(List.of("a"), Tensor.of(new float[] {Float.NaN, 1}, 1, 2), "");
    none.save(file);
    refused("the vector of label 'a' is not of length 1", () -> LabelMatrix.read(file));
    LabelMatrix.requireReplaceable(file); // which mends it
  }

  @Test
  void logitsAreFinite() throws IOException {
    Path damaged = Files.createDirectory(folder.resolve("damaged"));
    Files.copy(CLIP.resolve("config.json"), damaged.resolve("config.json"));
    Files.copy(
        CLIP.resolve("preprocessor_config.json"), damaged.resolve("preprocessor_config.json"));
    try (SafetensorsFile whole = SafetensorsFile.open(CLIP.resolve("model.safetensors"))) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (String name : whole.names()) {
        Tensor tensor = Tensor.zeros(whole.shape(name).toArray());
        whole.read(name, 0, tensor.data(), tensor.offset(), tensor.size());
        tensors.put(name, name.equals("logit_scale") ? Tensor.of(new float[] {200}, 1) : tensor);
      }
      SafetensorsWriter.write(damaged.resolve("model.safetensors"), Map.of(), tensors);
    }
    refused("cosines are scaled by 7.2", () -> ZeroShotClassifier.load(damaged));
  }

  @Test
  void labelFilesHaveLabelsAndPrompts() throws IOException {
    Path file = folder.resolve("labels.txt");
    Files.writeString(file, "\uFEFFdog\n\n  cat\ta small cat \ncat\ta lion\r\n");
    assertEquals(
        List.of(Label.of("dog"), new Label("cat", List.of("a small cat", "a lion"))),
        Label.read(file));
    Files.writeString(file, "\n \n");
    refused("there are no labels", () -> Label.read(file));
    Files.writeString(file, "dog\n\ta cat\n");
    refused("labels.txt: there is no label before the tab and 'a cat'", () -> Label.read(file));
    Files.write(file, new byte[] {'c', 'a', 'f', (byte) 0xe9, '\n'});
    refused("not in UTF-8", () -> Label.read(file));
    Files.write(file, new byte[] {'d', 0, 'o', 0, 'g', 0});
    refused("not a text in UTF-8", () -> Label.read(file));
    refused("cannot be read", () -> Label.read(folder.resolve("none")));
  }

  @Test
  void whatIsMissingIsSaid() {
    try (var model = ZeroShotClassifier.load(CLIP)) {
      refused("there are no labels", () -> model.classify(picture(), 1));
      refused("there are no labels", () -> model.withLabels());
      refused("expected one line", () -> model.withLabels(" "));
      refused("has no {}", () -> model.withTemplates("a photo"));
      refused("there are no templates", () -> model.withTemplates());
      assertThrows(IllegalArgumentException.class, () -> model.classify(picture(), 0));
    }
    Path vision = Goldens.folder("clip/vision_projected");
    refused("can't be compared", () -> ZeroShotClassifier.load(vision));
    refused("no tower of texts", () -> TextEmbedder.load(Goldens.folder("vit/class_token")));
    refused("ocellus zero-shot", () -> ImageClassifier.load(CLIP));
    refused("texts alone", () -> ImageEmbedder.load(Goldens.folder("clip/text_projected")));
  }

  /** A megabyte of words is cut off like any text that is too long; more is refused. */
  @Test
  void longTexts() {
    try (var texts = TextEmbedder.load(CLIP).normalized()) {
      float[] cut = texts.embed("dog ".repeat(1 << 18));
      assertArrayEquals(texts.embed("dog ".repeat(40)), cut);
      double squares = 0;
      for (float x : cut) {
        squares += x * x;
      }
      assertEquals(1, squares, 1e-6);
      refused("is too long", () -> texts.embed("dog ".repeat(1 << 20)));
      assertEquals(6, texts.embed("").length);
    }
  }

  @Test
  void threadsShareAClassifier() {
    try (var classifier = ZeroShotClassifier.load(CLIP, LoadOptions.defaults().withThreads(2))) {
      var labelled = classifier.withLabels(LABELS);
      List<Prediction> alone = labelled.classify(picture(), 4);
      var fresh = classifier.withLabels(LABELS);
      List<List<Prediction>> all =
          Stream.generate(() -> 0)
              .limit(8)
              .parallel()
              .map(_ -> fresh.classify(picture(), 4))
              .toList();
      assertEquals(Collections.nCopies(8, alone), all);
      assertEquals(
          Collections.nCopies(3, alone), labelled.classify(Collections.nCopies(3, picture()), 4));
    }
  }

  @Test
  void aClosedClassifierSaysSo() {
    var classifier = clip();
    var fresh = classifier.withLabels("a dog");
    classifier.classify(picture(), 1);
    classifier.close();
    classifier.close();
    assertThrows(IllegalStateException.class, () -> classifier.classify(picture(), 1));
    assertThrows(IllegalStateException.class, () -> fresh.prepare());
  }
}
