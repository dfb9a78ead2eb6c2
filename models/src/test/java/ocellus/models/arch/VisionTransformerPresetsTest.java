package ocellus.models.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import ocellus.engine.Shape;
import ocellus.engine.WeightScope;
import ocellus.engine.kernels.Packer;
import ocellus.engine.kernels.VectorWidth;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.ImageModel;
import ocellus.models.arch.VisionTransformer.Config;
import ocellus.models.goldens.Goldens;
import ocellus.models.goldens.Listings;
import ocellus.models.goldens.SyntheticWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** timm's architectures of the family as they are, without and with (synthetic) weights. */
class VisionTransformerPresetsTest {
  private static final Map<String, Map<String, Shape>> LISTINGS = Listings.of("vit");

  static Set<String> listed() {
    return LISTINGS.keySet();
  }

  static Stream<String> notListed() {
    return VisionTransformer.timmArchitectures().stream().filter(n -> !LISTINGS.containsKey(n));
  }

  /** As timm builds it where no checkpoint says otherwise. */
  private static Config preset(String architecture) {
    JsonObject preset = new Presets("vit").arguments(architecture);
    int size = preset.integer("img_size", 224);
    String json =
        "{'architecture': '%s', 'num_classes': %d, 'pretrained_cfg': {'input_size': [3, %d, %d]}}"
            .formatted(architecture, preset.integer("num_classes", 1000), size, size);
    return TimmViT.config(TimmConfig.of(TimmConfigs.json(json)));
  }

  @ParameterizedTest
  @MethodSource("listed")
  void isMadeOfTheTensorsOfTheReference(String architecture) {
    Map<String, Shape> tensors = new LinkedHashMap<>();
    VisionTransformer.build(preset(architecture), WeightScope.listing(tensors));
    Listings.assertSame(architecture, LISTINGS.get(architecture), tensors);
  }

  @ParameterizedTest
  @MethodSource("notListed")
  void thoseWithDifferentialAttentionAreRefusedByName(String architecture) {
    var e = assertThrows(CheckpointException.class, () -> preset(architecture));
    assertTrue(e.getMessage().contains(architecture), e.getMessage());
    assertTrue(e.getMessage().contains("not supported; the nearest that is: "), e.getMessage());
  }

  @Test
  void allOfTimmsAreKnown() {
    assertEquals(173, VisionTransformer.timmArchitectures().size());
    assertEquals(170, LISTINGS.size());
    var unknown = new TreeSet<>(LISTINGS.keySet());
    unknown.removeAll(VisionTransformer.timmArchitectures());
    assertEquals(Set.of(), unknown);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vit_tiny_patch16_224", "vit_base_patch16_224"})
  void fullSizeModelComputesWhatTheReferenceDoes(String architecture) {
    assumeTrue(
        VectorWidth.BITS != 0 || !architecture.contains("base"),
        "the scalar kernels take half a minute for ViT-B");
    try (Arena arena = Arena.ofConfined()) {
      var weights = new SyntheticWeights(LISTINGS.get(architecture));
      var scope = WeightScope.of(weights, Packer.into(arena));
      ImageModel model = VisionTransformer.build(preset(architecture), scope);
      scope.verifyAllRead();
      Goldens.fullSize("vit", architecture)
          .verifyResults(model, SyntheticWeights.image(model.inputHeight(), model.inputWidth()));
    }
  }
}
