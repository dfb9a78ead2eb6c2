package ocellus.models.arch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import ocellus.engine.Shape;
import ocellus.engine.WeightException;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.WeightFormat;
import ocellus.models.goldens.SyntheticWeights;
import org.junit.jupiter.api.Test;

class JoinedWeightsTest {
  private static final Map<String, List<String>> QKV = Map.of("qkv", List.of("q", "k", "v"));

  private final Map<String, Shape> shapes = new LinkedHashMap<>();

  JoinedWeightsTest() {
    for (String part : List.of("q", "k", "v")) {
      shapes.put(part + ".weight", Shape.of(2, 3));
      shapes.put(part + ".bias", Shape.of(2));
    }
    shapes.put("other", Shape.of(4));
  }

  private JoinedWeights joined() {
    return new JoinedWeights(new SyntheticWeights(shapes), QKV);
  }

  @Test
  void partsBecomeOne() {
    JoinedWeights weights = joined();
    assertEquals(Set.of("qkv.weight", "qkv.bias", "other"), weights.names());
    assertEquals(Shape.of(6, 3), weights.shape("qkv.weight"));
    assertEquals(Shape.of(6), weights.shape("qkv.bias"));
    assertEquals(Shape.of(4), weights.shape("other"));
  }

  @Test
  void partsOfOneFormatHaveItTogether() {
    for (WeightFormat last : WeightFormat.values()) {
      WeightSource file = stored(name -> name.equals("v.weight") ? last : WeightFormat.BF16);
      JoinedWeights weights = new JoinedWeights(file, QKV);
      boolean same = last == WeightFormat.BF16;
      assertEquals(same ? last : WeightFormat.F32, weights.format("qkv.weight"));
      assertEquals(WeightFormat.BF16, weights.format("qkv.bias"));
      assertEquals(WeightFormat.BF16, weights.format("other"));
      RenamedWeights renamed = new RenamedWeights(file, Map.of("value", "v"));
      assertEquals(last, renamed.format("value.weight"));
    }
  }

  /** The tensors of {@link #shapes}, as if they were stored in these formats. */
  private WeightSource stored(Function<String, WeightFormat> formats) {
    WeightSource file = new SyntheticWeights(shapes);
    return new WeightSource() {
      @Override
      public Set<String> names() {
        return file.names();
      }

      @Override
      public Shape shape(String name) {
        return file.shape(name);
      }

      @Override
      public WeightFormat format(String name) {
        return formats.apply(name);
      }

      @Override
      public void read(String name, long from, float[] target, int offset, int count) {
        file.read(name, from, target, offset, count);
      }

      @Override
      public String description() {
        return file.description();
      }
    };
  }

  @Test
  void everyRangeIsReadAcrossParts() {
    WeightSource file = new SyntheticWeights(shapes);
    float[] expected = new float[18];
    file.read("q.weight", 0, expected, 0, 6);
    file.read("k.weight", 0, expected, 6, 6);
    file.read("v.weight", 0, expected, 12, 6);
    for (int from = 0; from <= 18; from++) {
      for (int to = from; to <= 18; to++) {
        float[] actual = new float[20];
        joined().read("qkv.weight", from, actual, 1, to - from);
        float[] wanted = new float[20];
        System.arraycopy(expected, from, wanted, 1, to - from);
        assertArrayEquals(wanted, actual);
      }
    }
  }

  @Test
  void rangesBeyondTheEndAreRefused() {
    float[] target = new float[19];
    assertThrows(
        IndexOutOfBoundsException.class, () -> joined().read("qkv.weight", 0, target, 0, 19));
    assertThrows(
        IndexOutOfBoundsException.class, () -> joined().read("qkv.weight", 18, target, 0, 1));
  }

  @Test
  void aTensorThatAPartLacksIsNotJoined() {
    shapes.remove("k.bias");
    JoinedWeights weights = joined();
    assertEquals(Set.of("qkv.weight", "q.bias", "v.bias", "other"), weights.names());
    assertEquals("k.bias", weights.nameInFile("qkv.bias"));
    assertEquals("q.weight + k.weight + v.weight", weights.nameInFile("qkv.weight"));
    assertEquals("other", weights.nameInFile("other"));
  }

  @Test
  void partsOfUnequalShapeAreNamed() {
    shapes.put("v.weight", Shape.of(3, 3));
    String message = assertThrows(WeightException.class, this::joined).getMessage();
    assertTrue(message.contains("v.weight has shape [3, 3], but q.weight has [2, 3]"), message);
  }

  @Test
  void unknownNamesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> joined().shape("q.weight"));
  }
}
