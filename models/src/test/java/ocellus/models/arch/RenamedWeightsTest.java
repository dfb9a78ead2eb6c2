package ocellus.models.arch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Map;
import java.util.Set;
import ocellus.engine.Shape;
import ocellus.engine.WeightException;
import ocellus.engine.WeightException.Defect;
import ocellus.engine.WeightScope;
import ocellus.engine.kernels.Packer;
import ocellus.models.goldens.SyntheticWeights;
import org.junit.jupiter.api.Test;

class RenamedWeightsTest {
  private static final Map<String, String> NAMES =
      Map.of("head.norm", "layernorm", "blocks.0.gamma", "layer.0.scale", "head.fc", "classifier");

  private final SyntheticWeights file =
      new SyntheticWeights(
          Map.of(
              "layernorm.weight", Shape.of(3),
              "layernorm.bias", Shape.of(3),
              "layer.0.scale", Shape.of(4),
              "head.fc.weight", Shape.of(2, 2)));
  private final RenamedWeights weights = new RenamedWeights(file, NAMES);
  private final WeightScope scope = WeightScope.of(weights, Packer.into(Arena.ofAuto()));

  @Test
  void modulesAndTensorsAreRenamed() {
    assertTrue(
        weights
            .names()
            .containsAll(Set.of("head.norm.weight", "head.norm.bias", "blocks.0.gamma")));
    float[] expected = new float[3];
    file.read("layernorm.bias", 0, expected, 0, 3);
    assertArrayEquals(expected, scope.tensor("head.norm.bias", 3).toArray());
  }

  @Test
  void aTensorThatHappensToHaveAHouseNameIsNotTaken() {
    assertThrows(WeightException.class, () -> scope.tensor("head.fc.weight", 2, 2));
    var thrown = assertThrows(WeightException.class, scope::verifyAllRead);
    assertEquals(Defect.UNEXPECTED, thrown.defect());
  }

  @Test
  void messagesSpeakOfTheNamesInTheFile() {
    assertMessage("tensor classifier.weight is missing", "head.fc.weight", 2, 2);
    assertMessage("the nearest in the file: layernorm.bias", "head.norm.biases", 3);
    assertMessage("tensor layernorm.weight has shape [3]", "head.norm.weight", 4);
  }

  private void assertMessage(String part, String name, long... dims) {
    var thrown = assertThrows(WeightException.class, () -> scope.tensor(name, dims));
    assertTrue(thrown.getMessage().contains(part), thrown.getMessage());
  }
}
