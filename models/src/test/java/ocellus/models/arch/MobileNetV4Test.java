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

class MobileNetV4Test {
  private static Map<String, Shape> tensors(TimmConfig config) {
    Map<String, Shape> listing = new LinkedHashMap<>();
    var unused = new MobileNetV3(MobileNetV4.timmConfig(config), WeightScope.listing(listing));
    assertEquals(config.numClasses().orElse(1000), unused.classCount());
    return listing;
  }

  @Test
  void presetsHaveTheTensorsOfTimm() {
    Map<String, Map<String, Shape>> presets = Listings.of("mobilenetv4");
    assertEquals(presets.keySet(), MobileNetV4.timmArchitectures());
    presets.forEach((p, expected) -> Listings.assertSame(p, expected, tensors(TimmConfigs.of(p))));
  }

  /** The gains are those of make_mobilenet_goldens.py. */
  @ParameterizedTest
  @CsvSource({
    "mobilenetv4_conv_small, 1.5",
    "mobilenetv4_conv_small_035, 1.5",
    "mobilenetv4_conv_medium, 1.5",
    "mobilenetv4_hybrid_medium_075, 2",
    "mobilenetv4_hybrid_large_075, 1.5",
    "small_image, 1.5",
    "arguments, 1.25"
  })
  void computesWhatTimmDoes(String name, float gain) {
    new SyntheticCase(MobileNetV4Test::tensors, MobileNetV4::timm)
        .verify("mobilenetv4/" + name, gain);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "'aa_layer': 'avg', model_args.aa_layer",
        "'group_size': 8, model_args.group_size",
        "'head_norm': false, model_args.head_norm",
        "'layer_scale_init_value': 0.1, model_args.layer_scale_init_value",
        "'depth_multiplier': 2, model_args.depth_multiplier"
      })
  void refusesArgumentsByName(String args, String named) {
    assertRefused(
        named, () -> MobileNetV4.timmConfig(TimmConfigs.of("mobilenetv4_hybrid_medium", args)));
  }
}
