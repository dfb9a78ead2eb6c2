package ocellus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import ocellus.loaders.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectTest {
  private static final String NAFLEX = "../models/src/test/resources/goldens/zero_shot/siglip2";

  @TempDir Path folder;

  @Test
  void anImageIsToldByItsHeaderAndTheHashOfItsPixels() throws IOException {
    // A green pixel above a blue one; a bitmap has its rows bottom up and blue first.
    ByteBuffer bitmap = ByteBuffer.allocate(62).order(ByteOrder.LITTLE_ENDIAN);
    bitmap.put((byte) 'B').put((byte) 'M').putInt(62).putInt(0).putInt(54);
    bitmap.putInt(40).putInt(1).putInt(2).putShort((short) 1).putShort((short) 24);
    bitmap.put(54, (byte) 0xff).put(59, (byte) 0xff);
    byte[] bytes = bitmap.array();
    Path file = Files.write(folder.resolve("pixels.bmp"), bytes);
    String expected =
        "{\"image\": \"%s\", \"format\": \"bmp\", \"width\": 1, \"height\": 2, \"orientation\": 1, "
                .formatted(file)
            + "\"rgb_sha256\":"
            + " \"29953ed8a274ba65193b1c7bc187581e773f81cbb4f6d286a34bf5cfb23f018a\"}";
    Cli.Result result =
        Cli.run("inspect", file.toString(), "--format", "json").expect(ExitCode.DONE);
    assertEquals(expected, result.out().strip());
    assertEquals(
        expected.replace(file.toString(), "-"),
        Cli.run(bytes, "inspect", "-", "--format", "json").expect(ExitCode.DONE).out().strip());
    Cli.Result text = Cli.run("inspect", file.toString()).expect(ExitCode.DONE);
    assertTrue(text.out().contains("size         1 x 2 pixels\n"), text.out());
  }

  @Test
  void whatIsNoImageIsOneLine() throws IOException {
    Path file = Files.writeString(folder.resolve("photo.jpg"), "hello");
    Cli.Result result = Cli.run("inspect", file.toString()).expect(ExitCode.USAGE_OR_MODEL);
    assertEquals(1, result.err().lines().count());
    assertTrue(result.err().startsWith("ocellus: " + file + ": "), result.err());
  }

  @Test
  void aCheckpointIsToldAsJson() {
    Cli.Result result =
        Cli.run("inspect", Cli.MODEL, "--tensors", "--format", "json").expect(ExitCode.DONE);
    JsonObject json = result.json().getFirst();
    assertEquals(Cli.MODEL, json.string("model"));
    assertEquals("timm", json.string("library"));
    assertEquals("ConvNeXt", json.string("family"));
    long parameters = 0;
    List<Object> tensors = json.list("tensors");
    for (Object element : tensors) {
      JsonObject tensor = (JsonObject) element;
      assertEquals("F32", tensor.string("dtype"));
      long size = 1;
      for (int extent : tensor.integers("shape")) {
        size *= extent;
      }
      parameters += size;
    }
    assertEquals(parameters, json.integer("parameters"));
    assertEquals(parameters, json.object("dtypes").integer("F32"));
    assertEquals(3, json.object("input").integer("channels"));
    assertEquals(3, json.object("preprocessing").numbers("mean").length);
    assertTrue(json.integer("classes") > 0);
    JsonObject memory = json.object("memory");
    JsonObject weights = memory.object("weights");
    assertEquals(json.object("weight_bytes").integer("F32"), weights.integer("F32"));
    assertEquals(weights.integer("F16"), weights.integer("BF16"));
    assertTrue(weights.integer("F16") < weights.integer("F32"));
    assertTrue(memory.integer("activations") > 4 * 3 * 68 * 35);
  }

  @Test
  void weightsTakeWhatTheirFormatNeeds() {
    long[] bytes = new long[2];
    for (int i = 0; i < 2; i++) {
      String format = List.of("F32", "BF16").get(i);
      Cli.Result result =
          Cli.run(
                  "inspect",
                  Cli.MODEL,
                  "--weights",
                  format.toLowerCase(Locale.ROOT),
                  "--format=json")
              .expect(ExitCode.DONE);
      JsonObject byFormat = result.json().getFirst().object("weight_bytes");
      assertEquals(Set.of(format), Set.copyOf(byFormat.keys()));
      bytes[i] = byFormat.integer(format);
    }
    assertTrue(bytes[1] >= bytes[0] / 2 && bytes[1] < bytes[0] * 0.6, Arrays.toString(bytes));
    Cli.Result text = Cli.run("inspect", Cli.MODEL, "--weights=bf16").expect(ExitCode.DONE);
    assertTrue(text.out().contains("in memory      BF16 (0."), text.out());
  }

  @Test
  void aCheckpointIsToldAsText() {
    Cli.Result result = Cli.run("inspect", Cli.MODEL).expect(ExitCode.DONE);
    assertTrue(result.out().contains("family         ConvNeXt\n"), result.out());
    assertTrue(result.out().contains("stored as      F32 ("), result.out());
    assertTrue(
        result
            .out()
            .contains("in memory      F32 (0.1 MB); all as f32 0.1 MB, as f16 or bf16 0.0 MB\n"),
        result.out());
    assertTrue(
        result
            .out()
            .contains("activations    0.1 MB of Java's heap for each image of 68 x 35 pixels"),
        result.out());
    assertTrue(result.out().contains("preprocessing  resize"), result.out());
  }

  @Test
  void imagesOfAnyAspectRatioAreTold() {
    Cli.Result result = Cli.run("inspect", NAFLEX).expect(ExitCode.DONE);
    assertTrue(
        result
            .out()
            .contains(
                "input          16 x 16 pixels, or as many at another aspect ratio, 3 channels\n"),
        result.out());
    assertTrue(
        result
            .out()
            .contains("preprocessing  resize to at most 23 patches of 4 x 4 (bilinear), no"),
        result.out());
    assertTrue(result.out().contains("for each image of 16 x 16 pixels"), result.out());
  }

  @Test
  void aCheckpointThatCannotBeRunIsToldAsFarAsItCanBeRead() throws IOException {
    Files.copy(Path.of(Cli.MODEL, "model.safetensors"), folder.resolve("model.safetensors"));
    Files.writeString(
        folder.resolve("config.json"),
        "{\"architecture\": \"convnext_attoo\", \"num_classes\": 7}");
    Cli.Result result =
        Cli.run("inspect", folder.toString(), "--tensors").expect(ExitCode.USAGE_OR_MODEL);
    assertTrue(result.out().contains("architecture   convnext_attoo, as timm saves it\n"));
    assertTrue(result.out().contains("\nF32            "), result.out());
    assertEquals(1, result.err().lines().count());
    assertTrue(
        result.err().contains("is not supported; the nearest that is supported is convnext_atto"),
        result.err());
  }
}
