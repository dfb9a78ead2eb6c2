package ocellus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import ocellus.loaders.json.JsonObject;

/** Runs the program inside the test. */
final class Cli {
  /** A small network with random weights and without class names. */
  static final String MODEL = "../models/src/test/resources/goldens/convnext/conv_mlp_overlap";

  private Cli() {}

  /** What a run gave. */
  record Result(int code, String out, String err) {
    List<String> lines() {
      return out.lines().toList();
    }

    /** Each line of the output as JSON. */
    List<JsonObject> json() {
      return out.lines().map(Cli::parse).toList();
    }

    Result expect(int expectedCode) {
      assertEquals(expectedCode, code, err);
      return this;
    }
  }

  static Result run(String... args) {
    return run(new byte[0], args);
  }

  static Result run(byte[] in, String... args) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var console =
        new Console(
            new ByteArrayInputStream(in),
            out,
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false);
    int code = new Program(console).run(args);
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  static JsonObject parse(String line) {
    return JsonObject.parse("output", line.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes a picture of noise, the same for the same seed: a bitmap, whatever its name says. */
  static Path picture(Path folder, String name, int seed) throws IOException {
    int width = 40;
    int height = 30;
    ByteBuffer file = ByteBuffer.allocate(54 + 3 * width * height).order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 'B').put((byte) 'M').putInt(file.capacity()).putInt(0).putInt(54);
    file.putInt(40).putInt(width).putInt(height).putShort((short) 1).putShort((short) 24);
    byte[] pixels = new byte[3 * width * height];
    new Random(seed).nextBytes(pixels);
    file.put(54, pixels);
    return Files.write(folder.resolve(name), file.array());
  }
}
