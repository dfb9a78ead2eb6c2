package ocellus.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import ocellus.loaders.json.JsonObject;
import ocellus.models.ImageEmbedder;
import ocellus.models.ImageIndex;
import ocellus.models.TextEmbedder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SearchTest {
  private static final String CLIP = "../models/src/test/resources/goldens/zero_shot/clip";
  private static final String QUERY = "a cat";
  private static final double ROUNDING = 1e-6;

  @TempDir private Path folder;
  @TempDir private Path other;
  private Path index;

  @BeforeEach
  void writePictures() throws IOException {
    index = other.resolve("index.safetensors");
    for (int seed = 1; seed <= 3; seed++) {
      Cli.picture(folder, seed + ".png", seed);
    }
  }

  private Cli.Result search(String... options) {
    List<String> all =
        new ArrayList<>(List.of("search", "--model", CLIP, "--index", index.toString()));
    if (!List.of(options).contains("--format")) {
      all.addAll(List.of("--format", "jsonl"));
    }
    all.addAll(List.of(options));
    all.addAll(List.of(folder.toString(), QUERY));
    return Cli.run(all.toArray(String[]::new));
  }

  private static List<JsonObject> images(Cli.Result result) {
    return result.json().getFirst().list("images").stream().map(o -> (JsonObject) o).toList();
  }

  private static void requireCosines(List<JsonObject> images) {
    for (JsonObject image : images) {
      assertEquals(cosine(Path.of(image.string("image"))), image.number("score"), ROUNDING);
    }
  }

  private static double cosine(Path image) {
    try (var images = ImageEmbedder.load(Path.of(CLIP)).normalized();
        var texts = TextEmbedder.load(Path.of(CLIP)).normalized()) {
      float[] a = images.embed(image);
      float[] b = texts.embed(QUERY);
      double sum = 0;
      for (int i = 0; i < a.length; i++) {
        sum += (double) a[i] * b[i];
      }
      return sum;
    }
  }

  @Test
  void scoresAreCosinesBestFirst() {
    List<JsonObject> found = images(search().expect(ExitCode.DONE));
    assertEquals(3, found.size());
    requireCosines(found);
    double last = 1;
    for (JsonObject image : found) {
      assertTrue(image.number("score") <= last);
      last = image.number("score");
    }
    assertEquals(found.subList(0, 1).toString(), images(search("--top", "1")).toString());
  }

  @Test
  void onlyWhatHasChangedIsEmbeddedAgain() throws IOException {
    String before = search().expect(ExitCode.DONE).out();
    FileTime written = Files.getLastModifiedTime(index);
    assertEquals(before, search().expect(ExitCode.DONE).out());
    assertEquals(written, Files.getLastModifiedTime(index));
    Path changed = Cli.picture(folder, "2.png", 9);
    Files.setLastModifiedTime(changed, FileTime.fromMillis(1));
    Files.delete(folder.resolve("3.png"));
    List<JsonObject> after = images(search().expect(ExitCode.DONE));
    assertEquals(2, after.size());
    requireCosines(after);
    assertNotEquals(written, Files.getLastModifiedTime(index));
  }

  @Test
  void onlyTheBestAreGivenAndEqualOnesInTheOrderOfTheirNames() throws IOException {
    for (int i = 4; i <= 9; i++) {
      Cli.picture(folder, i + ".png", 1);
    }
    List<JsonObject> all = images(search().expect(ExitCode.DONE));
    assertEquals(9, all.size());
    List<String> same =
        all.stream().map(o -> Path.of(o.string("image")).getFileName().toString()).toList();
    assertEquals(
        List.of("1.png", "4.png", "5.png", "6.png", "7.png", "8.png", "9.png"),
        same.stream().filter(n -> !n.equals("2.png") && !n.equals("3.png")).toList());
    for (int top = 1; top < 9; top++) {
      List<JsonObject> best = images(search("--top", Integer.toString(top)).expect(ExitCode.DONE));
      assertEquals(all.subList(0, top).toString(), best.toString());
    }
  }

  @Test
  void picturesThatCannotBeReadAreToldAndLeftOut() throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.png"), "text");
    Cli.Result first = search().expect(ExitCode.SOME_FAILED);
    assertTrue(first.err().contains("broken.png"), first.err());
    assertEquals(3, images(first).size());
    FileTime written = Files.getLastModifiedTime(index);
    byte[] bytes = Files.readAllBytes(index);
    Cli.Result second = search().expect(ExitCode.SOME_FAILED);
    assertEquals(first.err(), second.err());
    assertEquals(first.out(), second.out());
    assertEquals(written, Files.getLastModifiedTime(index));
    assertArrayEquals(bytes, Files.readAllBytes(index));
    Files.copy(folder.resolve("1.png"), broken, StandardCopyOption.REPLACE_EXISTING);
    assertEquals(4, images(search().expect(ExitCode.DONE)).size());
  }

  @Test
  void aLinkToNothingIsToldAndTriedAgain() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("4.png"), Path.of("later.bin"));
    for (int i = 0; i < 2; i++) {
      Cli.Result result = search().expect(ExitCode.SOME_FAILED);
      assertEquals("ocellus: " + link + ": no such file\n", result.err());
      assertEquals(3, images(result).size());
    }
    Files.copy(folder.resolve("1.png"), folder.resolve("later.bin"));
    assertEquals(4, images(search().expect(ExitCode.DONE)).size());
  }

  @Test
  void aFolderOfNothingButDamagedPicturesFindsNothing() throws IOException {
    Files.delete(folder.resolve("1.png"));
    Files.delete(folder.resolve("2.png"));
    Files.writeString(folder.resolve("3.png"), "text");
    for (int run = 0; run < 2; run++) {
      Cli.Result result = search().expect(ExitCode.SOME_FAILED);
      assertEquals(List.of(), images(result));
      assertTrue(result.err().contains("3.png"), result.err());
    }
  }

  @Test
  void namesKeepTheirCharacters() throws IOException {
    Path odd = Cli.picture(folder, "a  \\n\t'\u00fc\n1 2.png", 4);
    String before = search().expect(ExitCode.DONE).out();
    assertTrue(
        images(search()).stream().anyMatch(o -> o.string("image").equals(odd.toString())), before);
    assertEquals(before, search().expect(ExitCode.DONE).out());
  }

  @Test
  void vectorsOfAnotherModelAreNotMixedIn() throws IOException {
    search().expect(ExitCode.DONE);
    byte[] before = Files.readAllBytes(index);
    search("--weights", "bf16").expect(ExitCode.DONE);
    assertFalse(Arrays.equals(before, Files.readAllBytes(index)));
    assertEquals(Optional.empty(), ImageIndex.open(index, new ImageIndex.Key("another model", "")));
    assertNotEquals(
        ImageIndex.keyOf(Path.of(CLIP)), ImageIndex.keyOf(Path.of(CLIP, "..", "open_clip")));
  }

  /** The same names, sizes and times do not make them the same pictures. */
  @Test
  void vectorsOfAnotherFolderAreNotMixedIn(@TempDir Path second) throws IOException {
    for (int seed = 1; seed <= 3; seed++) {
      Path before = folder.resolve(seed + ".png");
      Path after = Cli.picture(second, seed + ".png", seed + 10);
      Files.setLastModifiedTime(after, Files.getLastModifiedTime(before));
    }
    search().expect(ExitCode.DONE);
    folder = second;
    List<JsonObject> found = images(search().expect(ExitCode.DONE));
    assertEquals(3, found.size());
    requireCosines(found);
  }

  @Test
  void aLinkToAFolderIsNoOtherFolder() throws IOException {
    search().expect(ExitCode.DONE);
    FileTime written = Files.getLastModifiedTime(index);
    folder = Files.createSymbolicLink(other.resolve("link"), folder);
    assertEquals(3, images(search().expect(ExitCode.DONE)).size());
    assertEquals(written, Files.getLastModifiedTime(index));
  }

  @Test
  void anIndexThatCannotBeWrittenIsToldAndTheAnswerIsTheSame() {
    String expected = search().expect(ExitCode.DONE).out();
    index = other.resolve("absent").resolve("index.safetensors");
    Cli.Result result = search().expect(ExitCode.DONE);
    assertEquals(expected, result.out());
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(result.err().contains("cannot be written"), result.err());
    assertTrue(result.err().contains("embeds its images again"), result.err());
  }

  @Test
  void aDamagedIndexThatTheUserNamedIsRefused() throws IOException {
    search().expect(ExitCode.DONE);
    byte[] bytes = Files.readAllBytes(index);
    Files.write(index, Arrays.copyOf(bytes, bytes.length - 5));
    String error = search().expect(ExitCode.USAGE_OR_MODEL).err();
    assertTrue(error.contains("truncated"), error);
    assertEquals(1, error.lines().count());
  }

  @Test
  void anotherFileIsNotTakenForAnIndex() throws IOException {
    Files.copy(Path.of(CLIP, "model.safetensors"), index);
    byte[] bytes = Files.readAllBytes(index);
    String error = search().expect(ExitCode.USAGE_OR_MODEL).err();
    assertTrue(error.contains("not an index of ocellus search"), error);
    assertArrayEquals(bytes, Files.readAllBytes(index));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "search --model CLIP none query | none: there is no such folder",
        "search --model CLIP OTHER query | no images are directly in this folder",
        "search --model CLIP FOLDER | Missing required parameter",
        "search --model CLIP FOLDER EMPTY | a query is blank; say in words what to look for",
        "search --model none FOLDER query BLANK | a query is blank; say in words what to look for",
        "search --model VIT --index OTHER/i FOLDER query | no tower of texts",
      })
  void mistakesAreOneLine(String command, String part) {
    String[] args =
        command
            .replace("CLIP", CLIP)
            .replace("VIT", "../models/src/test/resources/goldens/vit/class_token")
            .replace("FOLDER", folder.toString())
            .replace("OTHER", other.toString())
            .replace("EMPTY", "")
            .replace("BLANK", "\t")
            .split(" ", -1);
    Cli.Result result = Cli.run(args).expect(ExitCode.USAGE_OR_MODEL);
    assertTrue(result.err().contains(part), result.err());
    assertEquals(1, result.err().lines().count(), result.err());
  }

  @Test
  void formats() {
    String best = images(search("--top", "1")).getFirst().string("image");
    Cli.Result csv = search("--top", "1", "--format", "csv").expect(ExitCode.DONE);
    assertEquals("query,rank,image,score", csv.lines().getFirst());
    assertTrue(csv.lines().get(1).startsWith(QUERY + ",1," + best + ","), csv.out());
    Cli.Result text = search("--top", "1", "--format", "text").expect(ExitCode.DONE);
    assertEquals(QUERY, text.lines().getFirst());
    assertTrue(text.lines().get(1).matches(" *-?\\d\\.\\d{4}  .*\\.png"), text.out());
  }
}
