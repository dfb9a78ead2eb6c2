package ocellus.models;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import ocellus.engine.OcellusException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageIndexTest {
  private static final ImageIndex.Key KEY = new ImageIndex.Key("vectors", "reader");

  /** With names of that length, more characters than a JSON string may have: 20,000,000. */
  private static final int MANY = 80_000;

  private static final int LONGEST_NAME = 255;

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("index.safetensors");
  }

  private static ImageIndex.Entry image(String prefix, int number) {
    String name = prefix + number;
    return new ImageIndex.Entry(name + "x".repeat(LONGEST_NAME - name.length()), number, -number);
  }

  @Test
  void aLargeIndexCanBeRead() {
    SequencedMap<ImageIndex.Entry, float[]> vectors = new LinkedHashMap<>();
    SequencedMap<ImageIndex.Entry, String> failures = new LinkedHashMap<>();
    for (int i = 0; i < MANY; i++) {
      vectors.put(image("image", i), new float[] {i});
      failures.put(image("failure", i), "reason " + i);
    }
    ImageIndex.of(vectors, failures).write(file, KEY);
    try (ImageIndex read = ImageIndex.open(file, KEY).orElseThrow()) {
      assertEquals(List.copyOf(vectors.keySet()), read.entries());
      assertEquals(failures, read.failures());
      ImageIndex.Entry last = image("image", MANY - 1);
      assertArrayEquals(new float[] {MANY - 1}, read.vector(last).orElseThrow());
    }
  }

  private void write(String name) {
    SequencedMap<ImageIndex.Entry, float[]> vectors = new LinkedHashMap<>();
    vectors.put(new ImageIndex.Entry(name, 1, 2), new float[] {1, 0});
    ImageIndex.of(vectors, new LinkedHashMap<>()).write(file, KEY);
  }

  @Test
  void namesOfAnyLettersAreKept() {
    String name = "\u00fc \u65e5 \ud83c\udf4e \\ \t \n \r.png";
    write(name);
    try (ImageIndex read = ImageIndex.open(file, KEY).orElseThrow()) {
      assertEquals(List.of(new ImageIndex.Entry(name, 1, 2)), read.entries());
    }
  }

  private void assertDamaged(String part, String replacement) throws IOException {
    String bytes = Files.readString(file, ISO_8859_1);
    assertTrue(bytes.contains(part));
    Files.writeString(file, bytes.replace(part, replacement), ISO_8859_1);
    var e = assertThrows(OcellusException.class, () -> ImageIndex.open(file, KEY));
    assertTrue(e.getMessage().contains("the index is damaged; delete it"), e.getMessage());
  }

  @Test
  void whatIsNoIndexAnyMoreIsDamage() throws IOException {
    write("a.png");
    assertDamaged("1 2 a.png", "1 2 a.pn\u00ff"); // not UTF-8
    write("a.png");
    assertDamaged("1 2 a.png", "1 2\na.png");
    write("a.png");
    assertDamaged("\"files\"", "\"filed\"");
    write("a.png");
    assertDamaged("\"files\":{\"dtype\":\"U8\"", "\"files\":{\"dtype\":\"I8\"");
    write("a.png");
    assertDamaged("\"images\"", "\"image_\"");
  }

  @Test
  void ofAnotherKeyOrFormatItIsMadeAnew() throws IOException {
    write("a.png");
    assertTrue(ImageIndex.open(file, new ImageIndex.Key("others", "reader")).isEmpty());
    String bytes = Files.readString(file, ISO_8859_1);
    Files.writeString(file, bytes.replace("image index 2", "image index 1"), ISO_8859_1);
    assertTrue(ImageIndex.open(file, KEY).isEmpty());
  }
}
