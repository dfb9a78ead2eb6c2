package ocellus.loaders.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.loaders.CheckpointException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  @TempDir Path folder;

  /** Names that JSON has to escape, no elements, and more than are written at once. */
  @Test
  void whatIsWrittenCanBeRead() throws IOException {
    Path file = Files.writeString(folder.resolve("a.safetensors"), "replaced");
    Tensor large = Tensor.zeros(300, 301);
    for (int i = 0; i < large.size(); i++) {
      large.data()[i] = i * 0.1f - 7;
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("empty", Tensor.zeros(0, 3));
    tensors.put("large \"\u00e4\"", large);
    tensors.put("pair", Tensor.of(new float[] {Float.NaN, -0f}, 2));
    SafetensorsWriter.write(file, Map.of("key", "a\nb \ud83c\udf4e"), tensors);
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      assertEquals(Map.of("key", "a\nb \ud83c\udf4e"), read.metadata());
      assertEquals(List.copyOf(tensors.keySet()), List.copyOf(read.names()));
      assertEquals(Shape.of(0, 3), read.shape("empty"));
      for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
        float[] values = new float[entry.getValue().size()];
        read.read(entry.getKey(), 0, values, 0, values.length);
        assertArrayEquals(entry.getValue().toArray(), values);
      }
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(file), left.toList());
    }
  }

  @Test
  void bytesFollowTensors() {
    Path file = folder.resolve("a.safetensors");
    Map<String, byte[]> bytes = new LinkedHashMap<>();
    bytes.put("three", new byte[] {-1, 0, 1});
    bytes.put("none", new byte[0]);
    bytes.put("one", new byte[] {7});
    Tensor pair = Tensor.of(new float[] {1, 2}, 2);
    SafetensorsWriter.write(file, Map.of(), Map.of("pair", pair), bytes);
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      assertEquals(8, read.info("three").begin());
      for (Map.Entry<String, byte[]> entry : bytes.entrySet()) {
        assertArrayEquals(entry.getValue(), read.bytes(entry.getKey()));
      }
      assertThrows(IllegalArgumentException.class, () -> read.bytes("pair"));
      assertThrows(IllegalArgumentException.class, () -> read.bytes("absent"));
    }
  }

  @Test
  void whatCannotBeWrittenIsSaid() throws IOException {
    Path file = folder.resolve("none/a.safetensors");
    var e =
        assertThrows(
            CheckpointException.class, () -> SafetensorsWriter.write(file, Map.of(), Map.of()));
    assertEquals(
        "none/a.safetensors: cannot be written: its folder is not there; make it", e.getMessage());
    Path empty = Files.createDirectory(folder.resolve("empty"));
    e =
        assertThrows(
            CheckpointException.class, () -> SafetensorsWriter.write(empty, Map.of(), Map.of()));
    assertTrue(e.getMessage().endsWith("empty: cannot be written: it is a folder"), e.getMessage());
    assertTrue(Files.isDirectory(empty));
  }
}
