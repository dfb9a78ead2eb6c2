package ocellus.loaders.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The ids that the reference libraries give: see src/reference/make_tokenizer_goldens.py, also for
 * the folder of random texts that {@code -Docellus.tokenizers} names.
 */
class TokenizerReferenceTest {
  private static final Path GOLDENS =
      Path.of(System.getProperty("ocellus.tokenizers", "src/test/resources/tokenizers"));

  private static final Path CLIP_DATA =
      Path.of(System.getProperty("ocellus.testData", "../../shared/data")).resolve("clip");

  private static final int MOST_SHOWN = 5;

  @TempDir private Path copy;

  static List<String> cases() throws IOException {
    try (Stream<Path> folders = Files.list(GOLDENS)) {
      return folders
          .filter(Files::isDirectory)
          .map(f -> f.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  private static InputStream open(Path file) throws IOException {
    InputStream in = Files.newInputStream(file);
    return file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in;
  }

  private static List<String> lines(Path file) throws IOException {
    try (InputStream in = open(file)) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
    }
  }

  private static String unescaped(String line) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      if (line.charAt(i) == '\\') {
        text.append((char) Integer.parseInt(line, i + 2, i + 6, 16));
        i += 5;
      } else {
        text.append(line.charAt(i));
      }
    }
    return text.toString();
  }

  /** The case's files, unzipped; with CLIP's own vocabulary where it takes that. */
  private Path folder(String name) throws IOException {
    try (Stream<Path> files = Files.list(GOLDENS.resolve(name))) {
      for (Path file : files.toList()) {
        String plain = file.getFileName().toString().replaceFirst("\\.gz$", "");
        try (InputStream in = open(file)) {
          Files.write(copy.resolve(plain), in.readAllBytes());
        }
      }
    }
    if (name.startsWith("openai-")) {
      Path merges = CLIP_DATA.resolve(BpeFiles.OPENAI);
      assumeTrue(Files.exists(merges), "no " + merges + ", so CLIP's vocabulary is not tested");
      Files.copy(merges, copy.resolve(BpeFiles.OPENAI));
    }
    return copy;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void idsAreThoseOfTheReference(String name) throws IOException {
    Tokenizer tokenizer = Tokenizer.load(folder(name));
    List<String> texts = lines(GOLDENS.resolve("texts.txt.gz"));
    List<String> expected = lines(GOLDENS.resolve(name).resolve("ids.txt.gz"));
    assertTrue(texts.size() > 2000 && texts.size() == expected.size(), name);
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      TextTokens tokens = tokenizer.encode(unescaped(texts.get(i)));
      int[] ids =
          Arrays.stream(expected.get(i).split(" ", -1)).mapToInt(Integer::parseInt).toArray();
      int[] padded = Arrays.copyOf(ids, tokenizer.contextLength());
      Arrays.fill(padded, ids.length, padded.length, tokenizer.paddingId());
      if (!Arrays.equals(padded, tokens.ids())) {
        wrong.add(
            "%s: %s, expected %s"
                .formatted(texts.get(i), Arrays.toString(tokens.ids()), expected.get(i)));
      }
    }
    assertEquals(
        List.of(), wrong.subList(0, Math.min(MOST_SHOWN, wrong.size())), wrong.size() + " wrong");
  }
}
