package ocellus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramTest {
  private static void assertUsageError(String message, String... args) {
    Cli.Result result = Cli.run(args).expect(ExitCode.USAGE_OR_MODEL);
    assertEquals("ocellus: " + message + "\n", result.err());
    assertEquals("", result.out());
  }

  @Test
  void helpNamesEveryCommandAndExitCode() {
    for (String option : new String[] {"--help", "-h"}) {
      Cli.Result result = Cli.run(option).expect(ExitCode.DONE);
      for (String expected : new String[] {"classify", "embed", "inspect", "bench", "2 usage"}) {
        assertTrue(result.out().contains(expected), result.out());
      }
      assertEquals("", result.err());
    }
  }

  @Test
  void everyCommandHasHelpWithExamples() {
    for (String command : new String[] {"classify", "embed", "inspect", "bench"}) {
      Cli.Result result = Cli.run(command, "--help").expect(ExitCode.DONE);
      assertTrue(result.out().startsWith("Usage: ocellus " + command), result.out());
      assertTrue(result.out().contains("Examples:\n  ocellus " + command), result.out());
      assertTrue(result.out().contains("--verbose"), result.out());
    }
  }

  @Test
  void versionTellsWhatADefectReportNeeds() {
    Cli.Result result = Cli.run("--version").expect(ExitCode.DONE);
    assertTrue(
        result.out().matches("ocellus \\S+, Java 2\\d\\S*, (0|128|256|512)-bit vectors\n"),
        result.out());
  }

  @Test
  void wrongArgumentsAreOneLineWithAHint() {
    assertUsageError("no command; see ocellus --help");
    assertUsageError("no command 'clasify'; did you mean classify? See ocellus --help", "clasify");
    assertUsageError(
        "Unknown option: '--modle'; see ocellus classify --help", "classify", "--modle", "x.png");
    assertUsageError(
        "Missing required parameter: 'IMAGE'; see ocellus classify --help", "classify");
    assertUsageError(
        "Missing required option: '--model=DIR'; see ocellus embed --help", "embed", "x.png");
    assertUsageError(
        "Invalid value for option '--format': 'xml' is not one of text, jsonl, csv;"
            + " see ocellus classify --help",
        "classify",
        "--format",
        "xml",
        "x.png");
    assertUsageError(
        "Invalid value for option '--threads': '100000' is more than 4096;"
            + " see ocellus bench --help",
        "bench",
        "--threads",
        "100000");
    for (String command : new String[] {"classify", "embed", "inspect", "bench"}) {
      assertUsageError(
          "Invalid value for option '--weights': 'fp16' is not one of f32, f16, bf16;"
              + " see ocellus %s --help".formatted(command),
          command,
          "--weights",
          "fp16");
    }
    for (String top : new String[] {"0", "-1", "many", "1.5"}) {
      assertUsageError(
          "Invalid value for option '--top': '"
              + top
              + "' is not a positive integer; see ocellus classify --help",
          "classify",
          "--top=" + top,
          "x.png");
    }
  }

  /** As an unset variable of a shell gives them; the current folder is called {@code .}. */
  @Test
  void emptyNamesAreNotTheCurrentFolder() {
    String problem = "the name of a file or folder is empty; give one, or leave it out";
    assertUsageError(problem, "inspect", "");
    assertUsageError(
        "Invalid value for option '--model': " + problem + "; see ocellus classify --help",
        "classify",
        "--model",
        "",
        "x.png");
    assertUsageError(
        "Invalid value for positional parameter at index 0 (FOLDER): "
            + problem
            + "; see ocellus search --help",
        "search",
        "--model",
        Cli.MODEL,
        "",
        "a dog");
    Cli.Result image = Cli.run("classify", "").expect(ExitCode.SOME_FAILED);
    assertEquals("ocellus: " + problem + "\n", image.err());
  }

  @Test
  void anArgumentThatBeginsWithAtIsNoFileOfArguments(@TempDir Path folder) throws IOException {
    Path arguments = Files.writeString(folder.resolve("arguments"), "--top 1");
    Cli.Result result = Cli.run("classify", "@" + arguments).expect(ExitCode.SOME_FAILED);
    assertEquals("ocellus: @" + arguments + ": no such file\n", result.err());
  }

  @Test
  void namesThatWouldBreakALineDoNot() {
    String name = "no\nsuch\u001B[2J\u2028image";
    assertEquals(
        "ocellus: no?such?[2J?image: no such file\n",
        Cli.run("classify", name).expect(ExitCode.SOME_FAILED).err());
    assertUsageError(
        "no?such?[2J?image: there is no such folder", "classify", "--model", name, "x.png");
  }

  @Test
  void aModelThatIsNotThereIsOneLine() {
    Cli.Result result =
        Cli.run("classify", "--model", "no/such/folder", "x.png").expect(ExitCode.USAGE_OR_MODEL);
    assertEquals("ocellus: no/such/folder: there is no such folder\n", result.err());
    assertEquals("", result.out());
  }

  @Test
  void verboseAddsTheStackTrace() {
    Cli.Result result =
        Cli.run("classify", "--verbose", "--model", "no/such/folder", "x.png")
            .expect(ExitCode.USAGE_OR_MODEL);
    assertTrue(
        result.err().startsWith("ocellus: no/such/folder: there is no such folder\n"),
        result.err());
    assertTrue(result.err().contains("CheckpointException"), result.err());
    assertTrue(result.err().contains("\tat "), result.err());
  }

  @Test
  void aReaderThatHasEnoughEndsTheRunWithoutAWord(@TempDir Path folder) throws IOException {
    assertEquals(ExitCode.DONE, runInto(new FailingStream("Broken pipe"), folder, ""));
  }

  @Test
  void anOutputThatCannotBeWrittenIsAnError(@TempDir Path folder) throws IOException {
    assertEquals(
        ExitCode.USAGE_OR_MODEL,
        runInto(
            new FailingStream("No space left on device"),
            folder,
            "ocellus: cannot write the results: No space left on device\n"));
  }

  private static int runInto(OutputStream out, Path folder, String expectedError)
      throws IOException {
    Cli.picture(folder, "a.png", 1);
    var err = new ByteArrayOutputStream();
    var console =
        new Console(
            InputStream.nullInputStream(),
            out,
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false);
    int code = new Program(console).run("embed", "--model", Cli.MODEL, folder.toString());
    assertEquals(expectedError, err.toString(StandardCharsets.UTF_8));
    return code;
  }

  private static final class FailingStream extends OutputStream {
    private final String message;

    FailingStream(String message) {
      this.message = message;
    }

    @Override
    public void write(int b) throws IOException {
      throw new IOException(message);
    }
  }
}
