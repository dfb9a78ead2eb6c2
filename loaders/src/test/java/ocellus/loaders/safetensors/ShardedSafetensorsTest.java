package ocellus.loaders.safetensors;

import static ocellus.loaders.safetensors.Bytes.entry;
import static ocellus.loaders.safetensors.Bytes.file;
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
import java.util.stream.Collectors;
import ocellus.engine.Shape;
import ocellus.loaders.safetensors.SafetensorsException.Defect;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardedSafetensorsTest {
  private static final String FIRST = "model-00001-of-00002.safetensors";
  private static final String SECOND = "model-00002-of-00002.safetensors";

  @TempDir private Path dir;

  /** Tensors a, b of one byte each, 1 and 2, in the first shard, c, 3, in the second. */
  @BeforeEach
  void shards() throws IOException {
    shard(
        FIRST,
        "{\"__metadata__\":{\"format\":\"pt\"},%s,%s}"
            .formatted(entry("a", "U8", "[1]", 0, 1), entry("b", "U8", "[]", 1, 2)),
        1,
        2);
    shard(SECOND, "{" + entry("c", "U8", "[1]", 0, 1) + "}", 3);
  }

  private void shard(String name, String header, int... data) throws IOException {
    byte[] bytes = new byte[data.length];
    for (int i = 0; i < data.length; i++) {
      bytes[i] = (byte) data[i];
    }
    Files.write(dir.resolve(name), file(header, bytes));
  }

  private Path index(Map<String, String> weightMap) throws IOException {
    String entries =
        weightMap.entrySet().stream()
            .map(e -> "\"%s\":\"%s\"".formatted(e.getKey(), e.getValue()))
            .collect(Collectors.joining(","));
    return index("{\"metadata\":{\"total_size\":3},\"weight_map\":{" + entries + "}}");
  }

  private Path index(String json) throws IOException {
    return Files.writeString(dir.resolve("model.safetensors.index.json"), json);
  }

  private String refusal(Defect defect, Path index) {
    var e = assertThrows(SafetensorsException.class, () -> Safetensors.open(index));
    assertEquals(defect, e.defect(), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    assertTrue(e.getMessage().startsWith(dir.getFileName() + "/model"), e.getMessage());
    return e.getMessage();
  }

  @Test
  void allShardsAreOneSource() throws IOException {
    try (var s = Safetensors.open(index(Map.of("a", FIRST, "b", FIRST, "c", SECOND)))) {
      assertEquals(List.of("a", "b", "c"), List.copyOf(s.names()));
      assertEquals(List.of("a", "b", "c"), s.tensors().stream().map(TensorInfo::name).toList());
      assertEquals(Shape.of(), s.shape("b"));
      assertEquals(Map.of("format", "pt"), s.metadata());
      assertEquals(dir.getFileName() + "/model.safetensors.index.json", s.description());
      float[] read = new float[3];
      s.read("a", 0, read, 0, 1);
      s.read("b", 0, read, 1, 1);
      s.read("c", 0, read, 2, 1);
      assertArrayEquals(new float[] {1, 2, 3}, read);
      assertThrows(IllegalArgumentException.class, () -> s.shape("d"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"weight_map\":[]}",
        "{\"weight_map\":{\"a\":1}}",
        "{\"weight_map\":{\"a\":\"x.safetensors\",\"a\":\"y.safetensors\"}}"
      })
  void anIndexOfAnotherFormIsRefused(String json) throws IOException {
    refusal(Defect.BAD_INDEX, index(json));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../model.safetensors",
        "/etc/model.safetensors",
        "sub/model.safetensors",
        "..\\\\model.safetensors",
        "",
        "..",
        "pytorch_model.bin",
        "a\\u0000.safetensors"
      })
  void shardsMustBePlainFileNames(String shard) throws IOException {
    refusal(Defect.BAD_SHARD_NAME, index(Map.of("a", shard)));
  }

  @Test
  void aMissingShardIsNamed() throws IOException {
    Path index = index(Map.of("a", FIRST, "b", FIRST, "c", SECOND));
    Files.delete(dir.resolve(SECOND));
    assertTrue(refusal(Defect.MISSING_SHARD, index).contains(SECOND));
  }

  @Test
  void aMalformedShardIsNamed() throws IOException {
    Path index = index(Map.of("a", FIRST, "b", FIRST, "c", SECOND));
    shard(SECOND, "{}", 1);
    assertTrue(refusal(Defect.TRAILING_BYTES, index).contains(SECOND));
  }

  @Test
  void aTensorMissingFromItsShardIsNamed() throws IOException {
    String message =
        refusal(
            Defect.NOT_IN_SHARD, index(Map.of("a", FIRST, "b", FIRST, "c", SECOND, "d", SECOND)));
    assertTrue(message.contains("tensor d") && message.contains(SECOND), message);
  }

  @Test
  void aTensorInAnotherShardThanItsOwnIsNamed() throws IOException {
    String message =
        refusal(Defect.NOT_IN_SHARD, index(Map.of("a", FIRST, "b", SECOND, "c", SECOND)));
    assertTrue(message.contains("tensor b"), message);
  }

  @Test
  void aTensorThatTheIndexLacksIsNamed() throws IOException {
    String message = refusal(Defect.NOT_IN_INDEX, index(Map.of("a", FIRST, "c", SECOND)));
    assertTrue(message.contains("tensor b"), message);
  }

  @Test
  void aTensorInTwoShardsIsNamed() throws IOException {
    shard(SECOND, "{" + entry("a", "U8", "[1]", 0, 1) + "}", 3);
    String message = refusal(Defect.IN_TWO_SHARDS, index(Map.of("a", SECOND, "b", FIRST)));
    assertTrue(message.contains("tensor a"), message);
  }

  @Test
  void manyTensorsInManyShardsKeepTheOrderOfTheShards() throws IOException {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 12; i >= 1; i--) {
      String name = "model-%05d-of-00012.safetensors".formatted(i);
      shard(name, "{" + entry("t" + i, "U8", "[1]", 0, 1) + "}", i);
      map.put("t" + i, name);
    }
    try (var s = Safetensors.open(index(map))) {
      assertEquals(
          List.of("t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9", "t10", "t11", "t12"),
          List.copyOf(s.names()));
    }
  }
}
