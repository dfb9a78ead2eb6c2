package ocellus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process says and how it ends that has too little memory for its model. */
class MemoryTest {
  private static final long PATIENCE_SECONDS = 60;

  @TempDir Path folder;

  /** A small network for pictures so large that one does not fit into the heap. */
  @BeforeEach
  void makeModel() throws IOException {
    Files.copy(Path.of(Cli.MODEL, "model.safetensors"), folder.resolve("model.safetensors"));
    String config = Files.readString(Path.of(Cli.MODEL, "config.json"));
    Files.writeString(
        folder.resolve("config.json"),
        config.replaceFirst(
            "(\"input_size\":) \\[\\s*3,\\s*68,\\s*35\\s*\\]", "$1 [3, 3000, 3000]"));
  }

  private static Cli.Result run(String... args) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "--add-modules=jdk.incubator.vector"));
    String modules = System.getProperty("jdk.module.path", "");
    command.add("-cp");
    command.add(modules + File.pathSeparator + System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    command.addAll(List.of(args));
    Process process = new ProcessBuilder(command).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS));
    return new Cli.Result(
        process.exitValue(), out, err.replaceFirst("^WARNING: Using incubator.*\\R", ""));
  }

  @Test
  void aHeapThatIsTooSmallForAnImageIsOneLine() throws IOException, InterruptedException {
    Path picture = Cli.picture(folder, "a.bmp", 1);
    String model = folder.toString();
    Cli.Result result = run("classify", "--model", model, picture.toString());
    result.expect(ExitCode.USAGE_OR_MODEL);
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(
        result
            .err()
            .matches(
                "ocellus: \\S+: Java's heap, which may grow to 6\\d\\.\\d MB, has no room for the"
                    + " activations of an image of 3000 x 3000 pixels, 2\\d\\d\\.\\d MB; give Java"
                    + " more, as in JAVA_TOOL_OPTIONS=-Xmx\\d+m\\R"),
        result.err());
    assertEquals("", result.out());
  }

  @Test
  void aBatchThatDoesNotFitIsOneLine() throws IOException, InterruptedException {
    Cli.Result result = run("bench", "--batch", "100", "--model", folder.toString());
    result.expect(ExitCode.USAGE_OR_MODEL);
    assertTrue(
        result
            .err()
            .matches(
                "ocellus: Java's heap, .*, has no room for 100 images at once, 10800.0 MB; .*, or"
                    + " do less at once\\R"),
        result.err());
  }

  @Test
  void inspectTellsBeforehand() throws IOException, InterruptedException {
    Cli.Result result = run("inspect", folder.toString()).expect(ExitCode.DONE);
    assertTrue(
        result
            .out()
            .matches(
                "(?s).*activations    2\\d\\d\\.\\d MB of Java's heap for each image of"
                    + " 3000 x 3000 pixels.*"),
        result.out());
  }
}
