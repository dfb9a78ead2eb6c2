package ocellus.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import ocellus.loaders.json.JsonObject;
import ocellus.models.ImageEmbedder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbedTest {
  @TempDir Path folder;
  private Path image;
  private Path broken;
  private float[] expected;

  @BeforeEach
  void writePictures() throws IOException {
    image = Cli.picture(folder, "a.png", 1);
    broken = Files.writeString(folder.resolve("b.png"), "text");
    try (var embedder = ImageEmbedder.load(Path.of(Cli.MODEL))) {
      expected = embedder.embed(image);
    }
  }

  private static float[] embedding(JsonObject line) {
    double[] numbers = line.numbers("embedding");
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return floats;
  }

  @Test
  void jsonLinesHoldExactlyWhatTheLibraryAnswers() {
    Cli.Result result =
        Cli.run("embed", "--model", Cli.MODEL, image.toString(), broken.toString())
            .expect(ExitCode.SOME_FAILED);
    assertEquals(Set.of("image", "embedding"), result.json().get(0).keys());
    assertArrayEquals(expected, embedding(result.json().get(0)));
    assertEquals(Set.of("image", "error"), result.json().get(1).keys());
  }

  @Test
  void normalizedHasLengthOne() {
    Cli.Result result =
        Cli.run("embed", "--model", Cli.MODEL, "--normalize", image.toString())
            .expect(ExitCode.DONE);
    float[] unit = embedding(result.json().getFirst());
    double squares = 0;
    double length = 0;
    for (int i = 0; i < unit.length; i++) {
      squares += (double) unit[i] * unit[i];
      length += (double) expected[i] * expected[i];
    }
    assertEquals(1, squares, 1e-6);
    for (int i = 0; i < unit.length; i++) {
      assertEquals((float) (expected[i] / Math.sqrt(length)), unit[i]);
    }
  }

  @Test
  void csvHasARowForEachImage() {
    Cli.Result result =
        Cli.run(
            "embed", "--model", Cli.MODEL, "--format", "csv", image.toString(), broken.toString());
    assertEquals(3, result.expect(ExitCode.SOME_FAILED).lines().size());
    String[] head = result.lines().get(0).split(",", -1);
    String[] row = result.lines().get(1).split(",", -1);
    String failed = result.lines().get(2);
    assertArrayEquals(new String[] {"image", "error", "0", "1"}, Arrays.copyOf(head, 4));
    assertEquals(expected.length + 2, head.length);
    assertEquals(head.length, row.length);
    assertEquals(image.toString(), row[0]);
    assertEquals("", row[1]);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], Float.parseFloat(row[i + 2]));
    }
    assertTrue(failed.startsWith(broken + ",\"" + broken + ": is not an image"), failed);
    assertTrue(failed.endsWith("\"" + ",".repeat(expected.length)), failed);
  }

  @Test
  void npyIsOneArrayInWhichAFailedImageIsNaN() throws IOException {
    Path file = folder.resolve("out.npy");
    Cli.Result result =
        Cli.run(
            "embed",
            "--model",
            Cli.MODEL,
            "--format",
            "npy",
            "--output",
            file.toString(),
            broken.toString(),
            image.toString());
    assertEquals("", result.expect(ExitCode.SOME_FAILED).out());
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] magic = new byte[8];
    bytes.get(magic);
    assertArrayEquals(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}, magic);
    byte[] header = new byte[bytes.getShort()];
    assertEquals(0, (10 + header.length) % 64);
    bytes.get(header);
    String dict = new String(header, StandardCharsets.US_ASCII);
    assertTrue(
        dict.startsWith(
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2, " + expected.length + "), }"),
        dict);
    assertTrue(dict.endsWith(" \n"), dict);
    float[] rows = new float[2 * expected.length];
    bytes.asFloatBuffer().get(rows);
    assertEquals(rows.length * Float.BYTES, bytes.remaining());
    for (int i = 0; i < expected.length; i++) {
      assertTrue(Float.isNaN(rows[i]));
      assertEquals(expected[i], rows[expected.length + i]);
    }
  }

  @Test
  void anOutputThatCannotBeOpenedIsToldBeforeTheModelIsLoaded() {
    Path file = folder.resolve("no/such/folder.npy");
    for (String[] what : new String[][] {{image.toString()}, {"--text", "a dog"}}) {
      List<String> args = new ArrayList<>(List.of("embed", "--model", "no/such/model"));
      args.addAll(List.of("--output", file.toString()));
      args.addAll(List.of(what));
      Cli.Result result = Cli.run(args.toArray(String[]::new)).expect(ExitCode.USAGE_OR_MODEL);
      assertEquals(
          "ocellus: " + file + ": cannot be written: its folder is not there; make it\n",
          result.err());
    }
  }

  @Test
  void anOutputKeepsWhatItHoldsUntilThereAreResults() throws IOException {
    Path file = Files.writeString(folder.resolve("kept.jsonl"), "kept");
    Cli.run("embed", "--model", "no/such", "--output", file.toString(), image.toString())
        .expect(ExitCode.USAGE_OR_MODEL);
    assertEquals("kept", Files.readString(file));
    Cli.run("embed", "--model", Cli.MODEL, "--output", file.toString(), image.toString())
        .expect(ExitCode.DONE);
    assertArrayEquals(expected, embedding(Cli.parse(Files.readString(file))));
  }

  @Test
  void anImageIsNotWrittenOver() throws IOException {
    byte[] before = Files.readAllBytes(image);
    for (Path input : new Path[] {image, folder}) {
      Cli.Result result =
          Cli.run("embed", "--model", Cli.MODEL, "--output", image.toString(), input.toString())
              .expect(ExitCode.USAGE_OR_MODEL);
      assertEquals(
          "ocellus: "
              + image
              + ": is one of the images; name another file to write the results to\n",
          result.err());
    }
    assertArrayEquals(before, Files.readAllBytes(image));
  }
}
