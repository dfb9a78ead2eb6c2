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
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.Packer;
import ocellus.engine.kernels.WeightFormat;
import org.junit.jupiter.api.Test;

class WeightScopeTest {
  private final MapSource source =
      new MapSource()
          .with("blocks.0.norm1.weight", 4)
          .with("blocks.0.norm1.bias", 4)
          .with("blocks.0.mlp.fc1.weight", 8, 4)
          .with("head.weight", 3, 4, 1, 1)
          .with("head.bias", 3);
  private final WeightScope scope = WeightScope.of(source, Packer.into(Arena.ofAuto()));

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
  void takesAVectorInTheShapeOfAMap() {
    MapSource maps = new MapSource().with("gamma", 1, 1, 1, 5).with("beta", 5).with("w", 1, 5);
    WeightScope w = WeightScope.of(maps, Packer.into(Arena.ofAuto()));
    assertArrayEquals(maps.values("gamma"), w.vector("gamma", 5).toArray());
    assertArrayEquals(maps.values("beta"), w.vector("beta", 5).toArray());
    WeightException e = assertThrows(WeightException.class, () -> w.vector("gamma", 4));
    assertEquals(Defect.MISSHAPEN, e.defect());
    assertThrows(WeightException.class, () -> w.vector("w", 5));
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
  void packsAsTheFileStoresItUnlessAFormatIsNamed() {
    float[] values = {1, 2, 3, 65504};
    MapSource file = new MapSource().with("head.weight", values, 1, 4);
    for (WeightFormat exact : WeightFormat.values()) {
      WeightScope w = WeightScope.of(file, Packer.into(Arena.ofAuto())).in("head");
      assertEquals(exact, pack(w, exact).format());
    }
    Packer packer = Packer.into(Arena.ofAuto(), WeightFormat.F16);
    PackedMatrix matrix = pack(WeightScope.of(file, packer).in("head"), WeightFormat.F32);
    assertEquals(WeightFormat.F16, matrix.format());
    assertEquals(Map.of(WeightFormat.F16, matrix.bytes()), packer.bytes());
  }

  @Test
  void anElementBeyondTheFormatIsAnErrorThatNamesTheTensor() {
    MapSource file = new MapSource();
    file.with("head.weight", new float[] {1, 2, -70000, 4}, 1, 4);
    file.with("nan.weight", new float[] {1, 2, Float.NaN, 4}, 1, 4);
    assertOutOfRange(
        file,
        WeightFormat.F16,
        "head",
        "test.safetensors: tensor head.weight reaches -70000.0 once packed, beyond the largest f16,"
            + " 65504.0; choose bf16 or f32 weights");
    assertOutOfRange(
        file,
        WeightFormat.BF16,
        "nan",
        "test.safetensors: tensor nan.weight reaches NaN once packed, beyond the largest bf16,"
            + " 3.3895314E38; choose f32 weights");
  }

  private static void assertOutOfRange(
      MapSource file, WeightFormat format, String module, String message) {
    WeightScope w = WeightScope.of(file, Packer.into(Arena.ofAuto(), format)).in(module);
    var e = assertThrows(WeightException.class, () -> pack(w, WeightFormat.F32));
    assertEquals(WeightException.Defect.OUT_OF_RANGE, e.defect());
    assertEquals(module + ".weight", e.tensorName());
    assertEquals(message, e.getMessage());
  }

  private static PackedMatrix pack(WeightScope w, WeightFormat exact) {
    Weight weight = w.tensor("weight", 1, 4);
    return w.pack(weight, exact, 4, 1, (row, to, at) -> weight.read(0, to, at, 4));
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
    assertEquals(
        0,
        lister
            .pack(lister.tensor("zeros", 5), WeightFormat.F32, 1000, 1 << 20, (j, to, at) -> {})
            .bytes());
  }
}
