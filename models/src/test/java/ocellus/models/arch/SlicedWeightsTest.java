package ocellus.models.arch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import ocellus.engine.Shape;
import ocellus.engine.WeightSource;
import ocellus.models.arch.SlicedWeights.Slice;
import ocellus.models.goldens.SyntheticWeights;
import org.junit.jupiter.api.Test;

class SlicedWeightsTest {
  private final WeightSource file =
      new SyntheticWeights(
          Map.of("qkv", Shape.of(6, 5), "table", Shape.of(4, 3), "other", Shape.of(7)));

  private static float[] read(WeightSource weights, String name) {
    float[] values = new float[(int) weights.shape(name).size()];
    weights.read(name, 0, values, 0, values.length);
    return values;
  }

  @Test
  void partsAndBatchesReplaceTheirTensors() {
    var slices =
        Map.of(
            "q", Slice.of("qkv", 0, 1, 3),
            "kv", Slice.of("qkv", 1, 2, 3),
            "batch", Slice.batch("table"));
    var sliced = new SlicedWeights(file, slices);
    assertEquals(Set.of("q", "kv", "batch", "other"), sliced.names());
    assertEquals(Shape.of(2, 5), sliced.shape("q"));
    assertEquals(Shape.of(4, 5), sliced.shape("kv"));
    assertEquals(Shape.of(1, 4, 3), sliced.shape("batch"));
    float[] all = read(file, "qkv");
    assertArrayEquals(Arrays.copyOf(all, 10), read(sliced, "q"));
    assertArrayEquals(Arrays.copyOfRange(all, 10, 30), read(sliced, "kv"));
    assertArrayEquals(read(file, "table"), read(sliced, "batch"));
    assertArrayEquals(read(file, "other"), read(sliced, "other"));
    float[] one = new float[1];
    sliced.read("kv", 7, one, 0, 1);
    assertEquals(all[17], one[0]);
    assertThrows(IndexOutOfBoundsException.class, () -> sliced.read("q", 10, one, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> sliced.shape("qkv"));
    assertEquals("qkv", sliced.nameInFile("kv"));
  }

  @Test
  void whatIsNotThereOrDoesNotDivideStaysAsItIs() {
    var slices = Map.of("a", Slice.of("other", 0, 1, 3), "b", Slice.of("absent", 0, 1, 1));
    assertEquals(file.names(), new SlicedWeights(file, slices).names());
  }
}
