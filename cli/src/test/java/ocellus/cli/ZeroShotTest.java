package ocellus.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import ocellus.engine.OcellusException;
import ocellus.loaders.json.JsonObject;
import ocellus.models.LabelMatrix;
import ocellus.models.Prediction;
import ocellus.models.TextEmbedder;
import ocellus.models.ZeroShotClassifier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ZeroShotTest {
  private static final String GOLDENS = "../models/src/test/resources/goldens/";
  private static final String CLIP = GOLDENS + "zero_shot/clip";

  @TempDir Path folder;

  private Path image;

  @BeforeEach
  void writePicture() throws IOException {
    image = Cli.picture(folder, "a.png", 1);
  }

  private static Cli.Result zeroShot(Object... args) {
    List<String> all = new ArrayList<>(List.of("zero-shot", "--model", CLIP));
    for (Object arg : args) {
      all.add(arg.toString());
    }
    return Cli.run(all.toArray(String[]::new));
  }

  @Test
  void jsonLinesHoldExactlyWhatTheLibraryAnswers() throws IOException {
    Path broken = Files.writeString(folder.resolve("b.png"), "text");
    Cli.Result result =
        zeroShot("--format", "jsonl", "--label", "a dog", "--label", "a cat", image, broken)
            .expect(ExitCode.SOME_FAILED);
    List<Prediction> expected;
    try (var model = ZeroShotClassifier.load(Path.of(CLIP))) {
      expected = model.withLabels("a dog", "a cat").classify(image, 2);
    }
    JsonObject line = result.json().getFirst();
    assertEquals(Set.of("image", "predictions"), line.keys());
    List<Object> predictions = line.list("predictions");
    assertEquals(2, predictions.size());
    for (int i = 0; i < 2; i++) {
      JsonObject p = (JsonObject) predictions.get(i);
      assertEquals(Set.of("label", "score", "logit"), p.keys());
      assertEquals(expected.get(i).label(), p.string("label"));
      assertEquals(expected.get(i).score(), (float) p.number("score"));
      assertEquals(expected.get(i).logit(), (float) p.number("logit"));
    }
    assertEquals(Set.of("image", "error"), result.json().get(1).keys());
  }

  @Test
  void labelsAndTemplatesAreReadFromFiles() throws IOException {
    Path labels = Files.writeString(folder.resolve("labels.txt"), "dog\ta dog\ncat\ta cat\n");
    Path templates = Files.writeString(folder.resolve("templates.txt"), "{}\na photo of {}.\n");
    String fromFiles =
        zeroShot("--labels", labels, "--templates", templates, "--format", "csv", image)
            .expect(ExitCode.DONE)
            .out();
    String named =
        zeroShot(
                "--label",
                "a dog",
                "--label",
                "a cat",
                "--template",
                "{}",
                "--template",
                "a photo of {}.",
                "--format",
                "csv",
                image)
            .expect(ExitCode.DONE)
            .out();
    assertEquals(named.replace("a dog", "dog").replace("a cat", "cat"), fromFiles);
    Path kept = folder.resolve("kept.safetensors");
    assertEquals(
        "",
        zeroShot("--labels", labels, "--templates", templates, "--save-labels", kept)
            .expect(ExitCode.DONE)
            .out());
    String mapped =
        zeroShot("--labels", kept, "--format", "csv", image).expect(ExitCode.DONE).out();
    assertEquals(fromFiles, mapped);
  }

  /** A model that is not there shows that the file is looked at before one is loaded. */
  @Test
  void labelsReplaceNothingButLabels() throws IOException {
    Path weights = folder.resolve("model.safetensors");
    Files.copy(Path.of(CLIP, "model.safetensors"), weights);
    Path text = Files.writeString(folder.resolve("text.safetensors"), "text");
    Map<Path, String> refusals =
        Map.of(
            weights, "a safetensors file of something else",
            text, "not a safetensors file that can be read");
    for (Map.Entry<Path, String> refusal : refusals.entrySet()) {
      Path file = refusal.getKey();
      byte[] before = Files.readAllBytes(file);
      Cli.Result result =
          Cli.run(
                  "zero-shot",
                  "--model",
                  "none",
                  "--label",
                  "a dog",
                  "--save-labels",
                  file.toString())
              .expect(ExitCode.USAGE_OR_MODEL);
      assertEquals(
          "ocellus: %s: is %s; name another file for the labels\n"
              .formatted(file, refusal.getValue()),
          result.err());
      assertArrayEquals(before, Files.readAllBytes(file));
    }
  }

  @Test
  void labelsReplaceLabelsAndWhatIsEmpty() throws IOException {
    Path file = Files.createFile(folder.resolve("labels.safetensors"));
    for (String label : List.of("a dog", "a cat")) {
      zeroShot("--label", label, "--save-labels", file).expect(ExitCode.DONE);
      assertEquals(List.of(label), LabelMatrix.read(file).labels());
    }
  }

  @Test
  void aSetOfTemplatesIsReadFromTheModelsFolderOrTheUsers() throws IOException {
    Path model = Files.createDirectory(folder.resolve("model"));
    Path own = folder.resolve("config");
    Path set = Path.of("openai-imagenet");
    var absent = assertThrows(OcellusException.class, () -> TemplateSets.read(set, model, own));
    String expected =
        "no openai-imagenet.txt in %s nor in %s; write OpenAI's 80 templates there"
            .formatted(model, own.resolve("templates"));
    assertTrue(absent.getMessage().startsWith(expected), absent.getMessage());
    assertEquals(1, absent.getMessage().lines().count());
    Files.createDirectories(own.resolve("templates"));
    Files.writeString(own.resolve("templates/openai-imagenet.txt"), "a sketch of {}.\n");
    assertEquals(List.of("a sketch of {}."), TemplateSets.read(set, model, own));
    Files.writeString(model.resolve("openai-imagenet.txt"), "\n");
    var empty = assertThrows(OcellusException.class, () -> TemplateSets.read(set, model, own));
    assertTrue(empty.getMessage().contains("there are no templates in it"), empty.getMessage());
    Files.writeString(model.resolve("openai-imagenet.txt"), "{}\nmy {}\n");
    assertEquals(List.of("{}", "my {}"), TemplateSets.read(set, model, own));
    assertEquals(List.of("a photo of a {}."), TemplateSets.read(Path.of("simple"), model, own));
  }

  @Test
  void tokenizersThatAreMissingOrUnknownAreNamed() throws IOException {
    Path model = Files.createDirectory(folder.resolve("clip"));
    for (String file : List.of("config.json", "model.safetensors", "preprocessor_config.json")) {
      Files.copy(Path.of(CLIP, file), model.resolve(file));
    }
    String[] args = {"zero-shot", "--model", model.toString(), "--label", "a", image.toString()};
    Cli.Result missing = Cli.run(args).expect(ExitCode.USAGE_OR_MODEL);
    assertTrue(missing.err().contains("no tokenizer; looked for tokenizer.json"), missing.err());
    Files.writeString(
        model.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"FancyTokenizer\"}");
    Cli.Result unknown = Cli.run(args).expect(ExitCode.USAGE_OR_MODEL);
    String part = "tokenizer_class: unknown tokenizer FancyTokenizer, expected CLIPTokenizer";
    assertTrue(unknown.err().contains(part), unknown.err());
    assertEquals(2, (missing.err() + unknown.err()).lines().count());
  }

  @Test
  void filesWithoutLabelsInUtf8AreRefused() throws IOException {
    Path latin = Files.write(folder.resolve("latin.txt"), new byte[] {'c', 'a', 'f', (byte) 0xe9});
    Path empty = Files.writeString(folder.resolve("empty.txt"), "\n \n");
    String wrong = zeroShot("--labels", latin, image).expect(ExitCode.USAGE_OR_MODEL).err();
    assertTrue(wrong.contains("latin.txt: not in UTF-8; save it in that encoding"), wrong);
    String none = zeroShot("--labels", empty, image).expect(ExitCode.USAGE_OR_MODEL).err();
    assertTrue(none.contains("there are no labels in it; write one a line"), none);
  }

  /** Cut to the context: it has the vector of its beginning. */
  @Test
  void aPromptOfAMegabyteIsAnswered() throws IOException {
    Path labels = folder.resolve("labels.txt");
    Files.writeString(
        labels, "long\t" + "word ".repeat(210_000) + "\nshort\t" + "word ".repeat(100));
    List<Object> predictions =
        zeroShot("--labels", labels, "--format", "jsonl", image)
            .expect(ExitCode.DONE)
            .json()
            .getFirst()
            .list("predictions");
    assertEquals(
        ((JsonObject) predictions.get(0)).number("logit"),
        ((JsonObject) predictions.get(1)).number("logit"));
  }

  @Test
  void topAndScoring() {
    Cli.Result result =
        zeroShot("--label", "a", "--label", "b", "--top", "1", "--scoring", "sigmoid", image)
            .expect(ExitCode.DONE);
    assertEquals(2, result.lines().size());
    assertTrue(result.lines().get(1).matches(" +\\d+\\.\\d\\d %  [ab]"), result.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "zero-shot --model DIR IMAGE | give either --label",
        "zero-shot --model DIR --label a --labels b IMAGE | give either --label",
        "zero-shot --model DIR --label a | no images",
        "zero-shot --model DIR --label a --save-labels a.txt IMAGE | has to be called"
            + " *.safetensors",
        "zero-shot --model none --label a --save-labels none/a.safetensors"
            + " | a.safetensors: cannot be written: its folder is not there; make it",
        "zero-shot --model DIR --labels none.txt IMAGE | none.txt: cannot be read",
        "zero-shot --model DIR --label a --template b IMAGE | template 'b' has no {}",
        "zero-shot --model DIR --label a --template {} --templates simple IMAGE | give either",
        "zero-shot --model VIT --label a IMAGE | can't be compared",
        "classify --model DIR IMAGE | ocellus zero-shot",
        "embed --model DIR | give either images or --text",
        "embed --model DIR IMAGE --text a | give either images or --text",
        "embed --model VIT --text a | no tower of texts",
      })
  void mistakesAreOneLine(String command, String part) {
    String[] args =
        command
            .replace("DIR", CLIP)
            .replace("VIT", GOLDENS + "vit/class_token")
            .replace("IMAGE", image.toString())
            .split(" ", -1);
    Cli.Result result = Cli.run(args).expect(ExitCode.USAGE_OR_MODEL);
    assertTrue(result.err().contains(part), result.err());
    assertEquals(1, result.err().lines().count(), result.err());
  }

  @Test
  void textsAreEmbedded() {
    Cli.Result result =
        Cli.run("embed", "--model", CLIP, "--text", "a dog", "a cat").expect(ExitCode.DONE);
    try (var texts = TextEmbedder.load(Path.of(CLIP))) {
      List<float[]> expected = texts.embed(List.of("a dog", "a cat"));
      for (int i = 0; i < 2; i++) {
        JsonObject line = result.json().get(i);
        assertEquals(Set.of("text", "embedding"), line.keys());
        double[] embedding = line.numbers("embedding");
        float[] floats = new float[embedding.length];
        for (int c = 0; c < floats.length; c++) {
          floats[c] = (float) embedding[c];
        }
        assertArrayEquals(expected.get(i), floats);
      }
    }
    String csv =
        Cli.run("embed", "--model", CLIP, "--format", "csv", "--text", "a dog")
            .expect(ExitCode.DONE)
            .out();
    assertTrue(csv.startsWith("text,error,0,"), csv);
  }

  @Test
  void inspectTellsOfBothKinds() {
    for (String kind : List.of("clip", "open_clip")) {
      Cli.Result result =
          Cli.run("inspect", GOLDENS + "zero_shot/" + kind, "--format", "json")
              .expect(ExitCode.DONE);
      JsonObject report = result.json().getFirst();
      assertEquals(6, report.integer("features"));
      assertEquals(kind.equals("clip") ? "transformers" : "open_clip", report.string("library"));
    }
  }
}
