package ocellus.models.arch;

import static ocellus.models.arch.TimmConfigs.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.Map;
import ocellus.engine.Shape;
import ocellus.engine.WeightScope;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.models.goldens.Listings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EfficientNetV2Test {
  private static Map<String, Shape> tensors(TimmConfig config) {
    Map<String, Shape> listing = new LinkedHashMap<>();
    var unused = new MobileNet(EfficientNetV2.timmConfig(config), WeightScope.listing(listing));
    assertEquals(config.numClasses().orElse(1000), unused.classCount());
    return listing;
  }

  @Test
  void presetsHaveTheTensorsOfTimm() {
    Map<String, Map<String, Shape>> presets = Listings.of("efficientnetv2");
    assertEquals(presets.keySet(), EfficientNetV2.timmArchitectures());
    presets.forEach((p, expected) -> Listings.assertSame(p, expected, tensors(TimmConfigs.of(p))));
  }

  /** The gains are those of make_efficientnet_goldens.py. */
  @ParameterizedTest
  @CsvSource({
    "efficientnetv2_s, 1.1",
    "efficientnetv2_rw_t, 1.1",
    "efficientnetv2_rw_s, 1.05",
    "tf_efficientnetv2_b0, 1.3",
    "tf_efficientnetv2_b2, 1.2",
    "dilated, 1.3",
    "arguments, 1.2"
  })
  void computesWhatTimmDoes(String name, float gain) {
    new SyntheticCase(EfficientNetV2Test::tensors, EfficientNetV2::timm)
        .verify("efficientnetv2/" + name, gain);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "'group_size': 8, model_args.group_size",
        "'se_layer': 'gc', model_args.se_layer",
        "'rw': true, model_args.rw",
        "'stem_kernel_size': 5, model_args.stem_kernel_size"
      })
  void refusesArgumentsByName(String args, String named) {
    assertRefused(
        named, () -> EfficientNetV2.timmConfig(TimmConfigs.of("tf_efficientnetv2_b0", args)));
  }
}
