package ocellus.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import ocellus.loaders.json.JsonObject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizeTest {
  private static final Path FILES = Path.of("../loaders/src/test/resources/tokenizers/clip-files");
  private static final int CONTEXT = 77;

  @TempDir private Path empty;
  @TempDir private Path folder;
  private String model;

  /** Unzips the files of the tokenizer. */
  @BeforeEach
  void writeFolder() throws IOException {
    for (String name : List.of("config.json", "vocab.json.gz", "merges.txt.gz")) {
      boolean zipped = name.endsWith(".gz");
      String plain = zipped ? name.substring(0, name.length() - ".gz".length()) : name;
      try (InputStream raw = Files.newInputStream(FILES.resolve(name));
          InputStream in = zipped ? new GZIPInputStream(raw) : raw) {
        Files.write(folder.resolve(plain), in.readAllBytes());
      }
    }
    model = folder.toString();
  }

  @Test
  void jsonHasAsManyIdsAsTheTowerGets() {
    Cli.Result result =
        Cli.run("tokenize", "--model", model, "--format", "jsonl", "a cat", "")
            .expect(ExitCode.DONE);
    List<JsonObject> lines = result.json();
    assertEquals(List.of("a cat", ""), lines.stream().map(l -> l.string("text")).toList());
    int[] ids = lines.getFirst().integers("ids");
    assertEquals(CONTEXT, ids.length);
    assertEquals(ids[CONTEXT - 1], lines.getLast().integers("ids")[1]); // the end token
  }

  @Test
  void textLeavesThePaddingOut() {
    String out = Cli.run("tokenize", "--model", model, "a cat").expect(ExitCode.DONE).out();
    Matcher shown = Pattern.compile("a cat\\R {2}([0-9 ]+) \\((\\d+) of 77\\)\\R").matcher(out);
    assertTrue(shown.matches(), out);
    int count = Integer.parseInt(shown.group(2));
    assertEquals(count, shown.group(1).split(" ", -1).length);
    assertTrue(count < CONTEXT, out);
  }

  @Test
  void standardInputHasATextALine() {
    byte[] in = "ein Bär\r\na cat\n".getBytes(UTF_8);
    Cli.Result result = Cli.run(in, "tokenize", "--model", model, "--format", "jsonl", "-");
    assertEquals(
        List.of("ein Bär", "a cat"), result.json().stream().map(l -> l.string("text")).toList());
    Cli.Result broken = Cli.run(new byte[] {(byte) 0xff}, "tokenize", "--model", model, "-");
    assertEquals(
        "ocellus: standard input: the text is not UTF-8; convert it first",
        broken.expect(ExitCode.USAGE_OR_MODEL).err().strip());
  }

  @Test
  void truncationIsToldOnRequest() {
    String text = "cat ".repeat(CONTEXT);
    assertEquals("", Cli.run("tokenize", "--model", model, text).expect(ExitCode.DONE).err());
    Cli.Result result = Cli.run("tokenize", "--warn-truncated", "--model", model, text, "a cat");
    assertEquals(
        "ocellus: " + text.substring(0, 40) + "...: cut to 77 tokens", result.err().strip());
    assertTrue(result.out().contains("(77 of 77, cut)"));
  }

  @Test
  void aFolderWithoutTokenizerIsOneLine() {
    Cli.Result result = Cli.run("tokenize", "--model", empty.toString(), "a cat");
    String error = result.expect(ExitCode.USAGE_OR_MODEL).err();
    assertTrue(error.contains("no telling which tokenizer"), error);
    assertEquals(1, error.lines().count());
  }
}
