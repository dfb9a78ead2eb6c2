package ocellus.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.Map;
import ocellus.engine.WeightException.Defect;
import org.junit.jupiter.api.Test;

class WeightScopeTest {
  private final MapSource source =
      new MapSource()
          .with("blocks.0.norm1.weight", 4)
          .with("blocks.0.norm1.bias", 4)
          .with("blocks.0.mlp.fc1.weight", 8, 4)
          .with("head.weight", 3, 4, 1, 1)
          .with("head.bias", 3);
  private final WeightScope scope = WeightScope.of(source, Arena.ofAuto());

  @Test
  void findsTensorsBelowAPrefix() {
    Weight weight = scope.in("blocks", 0).in("norm1").tensor("weight", 4);
    assertEquals("blocks.0.norm1.weight", weight.name());
    assertArrayEquals(source.values("blocks.0.norm1.weight"), weight.toArray());
    float[] part = {-1, -1, -1, -1};
    weight.read(1, part, 2, 2);
    float[] all = weight.toArray();
    assertArrayEquals(new float[] {-1, -1, all[1], all[2]}, part);
  }

  @Test
  void knowsWhatIsThere() {
    assertTrue(scope.in("head").has("bias"));
    assertFalse(scope.has("bias"));
    assertFalse(scope.in("hea").has("d.bias"));
  }

  @Test
  void namesAMissingTensorAndTheNearest() {
    WeightException e =
        assertThrows(WeightException.class, () -> scope.in("blocks.0.norm2").tensor("weight", 4));
    assertEquals(Defect.MISSING, e.defect());
    assertEquals("blocks.0.norm2.weight", e.tensorName());
    assertEquals(
        "test.safetensors: tensor blocks.0.norm2.weight is missing; the nearest in the file:"
            + " blocks.0.norm1.weight, blocks.0.norm1.bias, blocks.0.mlp.fc1.weight",
        e.getMessage());
  }

  @Test
  void namesBothShapesOfAMisshapenTensor() {
    WeightException e =
        assertThrows(WeightException.class, () -> scope.in("head").tensor("weight", 3, 4));
    assertEquals(Defect.MISSHAPEN, e.defect());
    assertEquals("head.weight", e.tensorName());
    assertTrue(e.getMessage().contains("[3, 4, 1, 1]"), e.getMessage());
    assertTrue(e.getMessage().contains("needs [3, 4]"), e.getMessage());
  }

  @Test
  void takesAPointwiseConvolutionForAMatrix() {
    assertEquals(Shape.of(3, 4, 1, 1), scope.in("head").matrix("weight", 3, 4).shape());
    assertEquals(Shape.of(8, 4), scope.in("blocks.0.mlp.fc1").matrix("weight", 8, 4).shape());
    WeightException e =
        assertThrows(WeightException.class, () -> scope.in("head").matrix("weight", 4, 3));
    assertEquals(Defect.MISSHAPEN, e.defect());
    assertThrows(WeightException.class, () -> scope.in("head").matrix("bias", 3, 1));
  }

  @Test
  void leavesShapesToTheCallerWhereTheyVary() {
    assertEquals(Shape.of(3), scope.tensorOfAnyShape("head.bias", 1000).shape());
    WeightException e =
        assertThrows(WeightException.class, () -> scope.tensorOfAnyShape("pos_embed", 1));
    assertEquals(Defect.MISSING, e.defect());
  }

  @Test
  void refusesTensorsThatNobodyAskedFor() {
    scope.in("head").tensor("bias", 3);
    scope.in("blocks", 0).in("norm1").tensor("weight", 4);
    WeightException e = assertThrows(WeightException.class, scope::verifyAllRead);
    assertEquals(Defect.UNEXPECTED, e.defect());
    assertEquals("blocks.0.norm1.bias", e.tensorName());
    assertTrue(e.getMessage().contains("[4] and 2 more is not part"), e.getMessage());
    assertTrue(e.getMessage().contains("nearest that is: blocks.0.norm1.weight"), e.getMessage());
  }

  @Test
  void isSatisfiedWhenAllIsReadOrIgnored() {
    scope.in("head").tensor("bias", 3);
    scope.in("head").matrix("weight", 3, 4);
    scope.ignore(name -> name.startsWith("blocks."));
    assertDoesNotThrow(scope::verifyAllRead);
  }

  @Test
  void askingWhetherATensorIsThereDoesNotReadIt() {
    scope.ignore(name -> !name.equals("head.bias"));
    assertTrue(scope.has("head.bias"));
    assertThrows(WeightException.class, scope::verifyAllRead);
  }

  @Test
  void listsWhatIsAskedForWithoutACheckpoint() {
    Map<String, Shape> listing = new LinkedHashMap<>();
    WeightScope lister = WeightScope.listing(listing);
    lister.in("blocks", 3).tensor("gamma", 5);
    lister.in("head").matrix("weight", 1000, 1L << 20);
    lister.tensorOfAnyShape("pos_embed", 1, 197, 192);
    lister.ignore(name -> true);
    lister.verifyAllRead();
    assertFalse(lister.has("anything"));
    assertEquals(
        "{blocks.3.gamma=[5], head.weight=[1000, 1048576], pos_embed=[1, 197, 192]}",
        listing.toString());
    assertArrayEquals(new float[5], lister.tensor("zeros", 5).toArray());
    assertEquals(0, lister.pack(1000, 1 << 20, (j, to, at) -> {}).bytes());
  }
}
