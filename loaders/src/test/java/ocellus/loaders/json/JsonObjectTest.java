package ocellus.loaders.json;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import ocellus.loaders.CheckpointException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonObjectTest {
  private static JsonObject parse(String json) {
    return JsonObject.parse("m/config.json", json.getBytes(UTF_8));
  }

  private static String refusal(String json) {
    String message = assertThrows(CheckpointException.class, () -> parse(json)).getMessage();
    assertTrue(message.startsWith("m/config.json: "), message);
    assertEquals(1, message.lines().count(), message);
    return message;
  }

  @Test
  void everyTypeIsReadAsItIs() {
    JsonObject o =
        parse(
            """
            {"s": "a\\u00e9\\n", "i": -7, "d": 1e-6, "t": true, "n": null, "l": [1, 2.5, "x", null],
             "o": {"k": [3, 4]}, "big": 20000000000000000000, "nan": NaN}\
            """);
    assertEquals("a\u00e9\n", o.string("s"));
    assertEquals(-7, o.integer("i"));
    assertEquals(1e-6, o.number("d"));
    assertEquals(-7.0, o.number("i"));
    assertTrue(o.bool("t"));
    assertNull(o.raw("n"));
    assertEquals(Arrays.asList(1L, 2.5, "x", null), o.list("l"));
    assertArrayEquals(new int[] {3, 4}, o.object("o").integers("k"));
    assertArrayEquals(new double[] {3, 4}, o.object("o").numbers("k"));
    assertEquals(2e19, o.raw("big"));
    assertEquals(Double.NaN, o.raw("nan"));
    assertEquals(List.of("s", "i", "d", "t", "n", "l", "o", "big", "nan"), List.copyOf(o.keys()));
  }

  @Test
  void defaultsFillInWhatIsLacking() {
    JsonObject args = parse("{\"args\": {\"a\": 1, \"n\": null}}").object("args");
    JsonObject o = args.withDefaults(parse("{\"a\": 2, \"b\": 3, \"n\": 4}"));
    assertEquals(1, o.integer("a"));
    assertEquals(3, o.integer("b"));
    assertFalse(o.has("n"));
    assertEquals("m/config.json: args.b", o.where("b"));
  }

  @Test
  void nullCountsAsAbsent() {
    JsonObject o = parse("{\"n\": null}");
    assertFalse(o.has("n"));
    assertFalse(o.has("absent"));
    assertEquals("x", o.string("n", "x"));
    assertEquals(3, o.integer("absent", 3));
    assertEquals(0.5, o.number("absent", 0.5));
    assertTrue(o.bool("n", true));
    assertEquals(List.of(1), o.list("n", List.of(1)));
    assertTrue(o.objectOrEmpty("n").keys().isEmpty());
  }

  @Test
  void absenceIsReportedWithThePathOfTheKey() {
    JsonObject inner = parse("{\"pretrained_cfg\": {}}").object("pretrained_cfg");
    assertEquals(
        "m/config.json: pretrained_cfg.mean is missing, expected a list of numbers",
        assertThrows(CheckpointException.class, () -> inner.numbers("mean")).getMessage());
    assertEquals(
        "m/config.json: pretrained_cfg.sub.k is missing, expected a string",
        assertThrows(CheckpointException.class, () -> inner.objectOrEmpty("sub").string("k"))
            .getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "string  | 5      | 5            | a string",
        "integer | 1.5    | 1.5          | an integer",
        "integer | 3000000000 | 3000000000 | an integer",
        "number  | NaN    | NaN          | a number",
        "number  | '\"1\"' | '\"1\"'     | a number",
        "bool    | 1      | 1            | true or false",
        "object  | [1]    | [1]          | an object",
        "list    | {}     | an object    | a list",
        "integers | [1, null] | [1, null] | a list of integers",
        "numbers | 1      | 1            | a list of numbers",
        "strings | [1]    | [1]          | a list of strings",
      })
  void anotherTypeIsRefused(String type, String value, String found, String expected) {
    JsonObject o = parse("{\"k\": " + value + "}");
    String message =
        assertThrows(
                CheckpointException.class,
                () -> {
                  switch (type) {
                    case "string" -> o.string("k", "");
                    case "integer" -> o.integer("k", 0);
                    case "number" -> o.number("k", 0);
                    case "bool" -> o.bool("k", false);
                    case "object" -> o.object("k", null);
                    case "list" -> o.list("k", null);
                    case "integers" -> o.integers("k");
                    case "numbers" -> o.numbers("k");
                    case "strings" -> o.strings("k");
                    default -> throw new IllegalArgumentException(type);
                  }
                })
            .getMessage();
    assertEquals("m/config.json: k is %s, expected %s".formatted(found, expected), message);
  }

  @Test
  void aRepeatedKeyIsRefused() {
    assertEquals("m/config.json: a.b is there twice", refusal("{\"a\": {\"b\": 1, \"b\": 2}}"));
  }

  @Test
  void whatIsNotOneObjectIsRefused() {
    assertTrue(refusal("[1]").contains("expected a JSON object"));
    assertTrue(refusal("").contains("expected a JSON object"));
    assertTrue(refusal("{} {}").contains("something follows"));
    assertTrue(refusal("{\"a\":\n 1,\n}").contains("line 3"));
    assertTrue(refusal("{\"a\": 1").contains("not valid JSON"));
  }

  @Test
  void deepNestingIsRefused() {
    assertTrue(refusal("{\"a\": " + "[".repeat(100_000)).contains("not valid JSON"));
  }

  @Test
  void otherEncodingsAreRefused() {
    for (byte[] bytes :
        List.of(
            "{\"a\": 1}".getBytes(UTF_16LE),
            new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'})) {
      assertThrows(CheckpointException.class, () -> JsonObject.parse("m/config.json", bytes));
    }
  }

  @Test
  void aFileIsNamedByItsFolder(@TempDir Path dir) throws IOException {
    Path file = Files.writeString(dir.resolve("config.json"), "{\"a\": 1}");
    assertEquals(dir.getFileName() + "/config.json", JsonObject.read(file).source());
    Path absent = dir.resolve("other.json");
    assertEquals(
        dir.getFileName() + "/other.json: cannot be read: there is no such file",
        assertThrows(CheckpointException.class, () -> JsonObject.read(absent)).getMessage());
  }

  @Test
  void aHugeFileIsRefusedBeforeItIsParsed(@TempDir Path dir) throws IOException {
    Path file = dir.resolve("config.json");
    try (var huge = new RandomAccessFile(file.toFile(), "rw")) {
      huge.setLength(1L << 33);
    }
    String message =
        assertThrows(CheckpointException.class, () -> JsonObject.read(file)).getMessage();
    assertTrue(message.endsWith("larger than 64 MiB, which no configuration file is"), message);
  }

  @Test
  void fileTextInMessagesIsOneShortLine() {
    String key = "a\\nb" + "x".repeat(1000);
    String message = refusal("{\"" + key + "\": 1, \"" + key + "\": 2}");
    assertTrue(message.length() < 300, message);
  }
}
