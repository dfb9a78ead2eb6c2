package ocellus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import ocellus.engine.OcellusException;
import ocellus.loaders.image.ImageOptions;
import ocellus.loaders.image.Images;
import ocellus.loaders.json.JsonObject;
import ocellus.models.ImageClassifier;
import ocellus.models.Prediction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassifyTest {
  private static final Path PHOTOGRAPH =
      Path.of("../loaders/src/test/resources/images/baseline-420-67x45.jpg");

  @TempDir Path folder;
  private Path first;
  private Path second;

  @BeforeEach
  void writePictures() throws IOException {
    first = Cli.picture(folder, "a.png", 1);
    second = Cli.picture(folder, "b.bmp", 2);
  }

  private static Cli.Result classify(String... args) {
    List<String> all = new ArrayList<>(List.of("classify", "--model", Cli.MODEL));
    all.addAll(List.of(args));
    return Cli.run(all.toArray(String[]::new));
  }

  private static List<Prediction> predictions(JsonObject line) {
    List<Prediction> predictions = new ArrayList<>();
    for (Object element : line.list("predictions")) {
      JsonObject p = (JsonObject) element;
      assertEquals(Set.of("index", "label", "score", "logit"), p.keys());
      predictions.add(
          new Prediction(
              p.integer("index"),
              p.string("label"),
              (float) p.number("score"),
              (float) p.number("logit")));
    }
    return predictions;
  }

  @Test
  void jsonLinesHoldExactlyWhatTheLibraryAnswers() {
    Cli.Result result =
        classify("--format", "jsonl", "--top", "3", first.toString(), second.toString());
    result.expect(ExitCode.DONE);
    assertEquals("", result.err());
    List<JsonObject> lines = result.json();
    assertEquals(2, lines.size());
    try (var classifier = ImageClassifier.load(Path.of(Cli.MODEL))) {
      for (int i = 0; i < 2; i++) {
        Path image = i == 0 ? first : second;
        assertEquals(Set.of("image", "predictions"), lines.get(i).keys());
        assertEquals(image.toString(), lines.get(i).string("image"));
        assertEquals(classifier.classify(image, 3), predictions(lines.get(i)));
      }
    }
  }

  @Test
  void topAllHoldsEveryClassOnce() {
    Cli.Result result = classify("--format", "jsonl", "--top", "all", first.toString());
    List<Prediction> all = predictions(result.json().getFirst());
    var indices = new HashSet<Integer>();
    double sum = 0;
    for (int i = 0; i < all.size(); i++) {
      indices.add(all.get(i).index());
      sum += all.get(i).score();
      assertTrue(i == 0 || all.get(i).logit() <= all.get(i - 1).logit());
    }
    assertEquals(
        IntStream.range(0, all.size()).boxed().toList(), indices.stream().sorted().toList());
    assertTrue(all.size() > 5);
    assertEquals(1, sum, 1e-5);
  }

  @Test
  void fiveClassesIfNotToldOtherwise() {
    Cli.Result result = classify("--format", "jsonl", first.toString());
    assertEquals(5, predictions(result.json().getFirst()).size());
  }

  @Test
  void aFailedImageDoesNotStopTheOthers() throws IOException {
    Path text = Files.writeString(folder.resolve("photo.jpg"), "not a photograph");
    Path missing = folder.resolve("missing.png");
    String[] images = {
      first.toString(), text.toString(), second.toString(), missing.toString(), first.toString()
    };
    for (String threads : new String[] {"1", "2", "8"}) {
      List<String> args = new ArrayList<>(List.of("--format", "jsonl", "--threads", threads));
      args.addAll(List.of(images));
      Cli.Result result = classify(args.toArray(String[]::new)).expect(ExitCode.SOME_FAILED);
      List<JsonObject> lines = result.json();
      assertEquals(List.of(images), lines.stream().map(l -> l.string("image")).toList());
      assertEquals(Set.of("image", "error"), lines.get(1).keys());
      assertTrue(lines.get(1).string("error").contains("not an image"));
      assertTrue(lines.get(3).string("error").contains("no such file"));
      assertEquals(lines.get(0).toString(), lines.get(4).toString());
      List<String> err = result.err().lines().toList();
      assertEquals(2, err.size(), result.err());
      assertTrue(err.get(0).startsWith("ocellus: " + text + ": "), err.get(0));
      assertTrue(err.get(1).startsWith("ocellus: " + missing + ": "), err.get(1));
    }
  }

  @Test
  void outputDoesNotDependOnThreads() throws IOException {
    for (int i = 0; i < 12; i++) {
      Cli.picture(folder, "c%02d.png".formatted(i), 100 + i);
    }
    String one =
        classify("--format", "jsonl", "--top", "all", "--threads", "1", folder.toString()).out();
    assertEquals(14, one.lines().count());
    for (String threads : new String[] {"2", "5", "40"}) {
      assertEquals(
          one,
          classify("--format", "jsonl", "--top", "all", "--threads", threads, folder.toString())
              .out());
    }
  }

  @Test
  void aFolderStandsForTheImagesDirectlyInItSortedByName() throws IOException {
    Files.writeString(folder.resolve("README.txt"), "no image");
    Path below = Files.createDirectory(folder.resolve("below.png"));
    Cli.picture(below, "deep.png", 3);
    Path upper = Cli.picture(folder, "0.JPG", 4);
    Cli.Result result = classify("--format", "jsonl", folder.toString()).expect(ExitCode.DONE);
    assertEquals(
        List.of(upper.toString(), first.toString(), second.toString()),
        result.json().stream().map(l -> l.string("image")).toList());
  }

  @Test
  void aLinkToNothingInAFolderIsAFailure() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("c.png"), Path.of("nowhere.png"));
    Path loop = Files.createSymbolicLink(folder.resolve("d.png"), Path.of("d.png"));
    Cli.Result result = classify("--format", "jsonl", folder.toString());
    assertEquals(4, result.expect(ExitCode.SOME_FAILED).lines().size());
    List<String> told = result.err().lines().toList();
    assertEquals("ocellus: " + link + ": no such file", told.get(0));
    assertTrue(told.get(1).startsWith("ocellus: " + loop + ": cannot be read: "), told.get(1));
  }

  @Test
  void aFolderWithoutImagesIsAFailure() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Cli.Result result =
        classify("--format", "jsonl", empty.toString(), first.toString())
            .expect(ExitCode.SOME_FAILED);
    assertEquals(2, result.lines().size());
    assertEquals("ocellus: " + empty + ": no images are directly in this folder\n", result.err());
  }

  @Test
  void aDashIsStandardInput() throws IOException {
    Cli.Result piped =
        Cli.run(
            Files.readAllBytes(first), "classify", "--model", Cli.MODEL, "--format", "jsonl", "-");
    Cli.Result named = classify("--format", "jsonl", first.toString());
    assertEquals("-", piped.expect(ExitCode.DONE).json().getFirst().string("image"));
    assertEquals(predictions(named.json().getFirst()), predictions(piped.json().getFirst()));
  }

  /** Only the part of a photograph that the model looks at is decoded: which one, EXIF decides. */
  @Test
  void photographsAreAnsweredAsTheirPixels() throws IOException {
    byte[] file = turned(Files.readAllBytes(PHOTOGRAPH), 6);
    Path photograph = Files.write(folder.resolve("photograph.jpg"), file);
    try (var classifier = ImageClassifier.load(Path.of(Cli.MODEL))) {
      for (boolean ignored : new boolean[] {false, true}) {
        ImageOptions options = ImageOptions.DEFAULT.withIgnoreExif(ignored);
        List<Prediction> expected =
            classifier.classify(Images.decode(file, "photograph", options), 5);
        String[] flag = ignored ? new String[] {"--ignore-exif"} : new String[0];
        for (String name : List.of(photograph.toString(), "-")) {
          List<String> args =
              new ArrayList<>(List.of("classify", "--model", Cli.MODEL, "--format", "jsonl"));
          args.addAll(List.of(flag));
          args.add(name);
          Cli.Result result = Cli.run(file, args.toArray(String[]::new)).expect(ExitCode.DONE);
          assertEquals(expected, predictions(result.json().getFirst()));
        }
      }
    }
  }

  /** With an orientation in XMP. */
  private static byte[] turned(byte[] jpeg, int orientation) {
    String text = "http://ns.adobe.com/xap/1.0/\0<x tiff:Orientation=\"" + orientation + "\"/>";
    byte[] xmp = text.getBytes(StandardCharsets.ISO_8859_1);
    var out = ByteBuffer.allocate(jpeg.length + xmp.length + 4);
    out.put(jpeg, 0, 2).put((byte) 0xff).put((byte) 0xe1).putShort((short) (xmp.length + 2));
    return out.put(xmp).put(jpeg, 2, jpeg.length - 2).array();
  }

  @Test
  void aPhotographThatIsTornOffIsRefusedAsItsPixelsAre() throws IOException {
    byte[] whole = Files.readAllBytes(PHOTOGRAPH);
    byte[] torn = Arrays.copyOf(whole, whole.length - 30);
    Path photograph = Files.write(folder.resolve("torn.jpg"), torn);
    var e = assertThrows(OcellusException.class, () -> Images.read(photograph));
    Cli.Result result = classify(photograph.toString()).expect(ExitCode.SOME_FAILED);
    assertEquals("ocellus: " + e.getMessage() + "\n", result.err());
  }

  /** Two threads that share it would each get a part. */
  @Test
  void standardInputIsOneImage() throws IOException {
    Cli.Result piped =
        Cli.run(
            Files.readAllBytes(first),
            "classify",
            "--model",
            Cli.MODEL,
            "--format",
            "jsonl",
            "--threads",
            "2",
            "-",
            "-");
    assertEquals(
        "ocellus: -: standard input holds one image and is read already; name it once\n",
        piped.expect(ExitCode.SOME_FAILED).err());
    Cli.Result named = classify("--format", "jsonl", first.toString());
    assertEquals(predictions(named.json().getFirst()), predictions(piped.json().getFirst()));
  }

  @Test
  void csvHasARowForEachClassAndOneForAFailure() throws IOException {
    Path text = Files.writeString(folder.resolve("not, an image.png"), "text");
    Cli.Result result =
        classify("--format", "csv", "--top", "2", text.toString(), first.toString())
            .expect(ExitCode.SOME_FAILED);
    List<String> lines = result.lines();
    assertEquals(4, lines.size());
    assertEquals("image,rank,index,label,score,logit,error", lines.get(0));
    assertTrue(lines.get(1).startsWith("\"" + text + "\",,,,,,"), lines.get(1));
    try (var classifier = ImageClassifier.load(Path.of(Cli.MODEL))) {
      Prediction best = classifier.classify(first, 1).getFirst();
      assertEquals(
          "%s,1,%d,%s,%s,%s,"
              .formatted(first, best.index(), best.label(), best.score(), best.logit()),
          lines.get(2));
    }
  }

  @Test
  void textIsForPeople() {
    Cli.Result result = classify("--top", "2", first.toString()).expect(ExitCode.DONE);
    List<String> lines = result.lines();
    assertEquals(3, lines.size());
    assertEquals(first.toString(), lines.get(0));
    assertTrue(lines.get(1).matches(" +\\d+\\.\\d\\d %  class \\d+ \\(\\d+\\)"), lines.get(1));
  }
}
