package ocellus.models.arch;

import static ocellus.models.arch.TimmConfigs.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import ocellus.engine.Shape;
import ocellus.engine.WeightScope;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.models.goldens.Listings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link LcNet}, {@link FbNetV3} and {@link HardCoReNas}. */
class MobileNetV3RelativesTest {
  private static Map<String, Shape> tensors(MobileNetV3.Config config) {
    Map<String, Shape> listing = new LinkedHashMap<>();
    var unused = new MobileNetV3(config, WeightScope.listing(listing));
    assertEquals(config.classes(), unused.classCount());
    return listing;
  }

  private static void assertListed(
      String family, Set<String> architectures, Function<TimmConfig, MobileNetV3.Config> config) {
    Map<String, Map<String, Shape>> presets = Listings.of(family);
    assertEquals(presets.keySet(), architectures);
    presets.forEach(
        (p, expected) ->
            Listings.assertSame(p, expected, tensors(config.apply(TimmConfigs.of(p)))));
  }

  @Test
  void presetsHaveTheTensorsOfTimm() {
    assertListed("lcnet", LcNet.timmArchitectures(), LcNet::timmConfig);
    assertListed("fbnetv3", FbNetV3.timmArchitectures(), FbNetV3::timmConfig);
    assertListed("hardcorenas", HardCoReNas.timmArchitectures(), HardCoReNas::timmConfig);
  }

  /** The gains are those of make_mobilenet_goldens.py. */
  @ParameterizedTest
  @CsvSource({"lcnet_035, 1.5", "lcnet_150, 1.5"})
  void computesWhatTimmDoesForLcNet(String name, float gain) {
    new SyntheticCase(c -> tensors(LcNet.timmConfig(c)), LcNet::timm).verify("lcnet/" + name, gain);
  }

  @ParameterizedTest
  @CsvSource({"fbnetv3_b, 1.25", "fbnetv3_g, 1.25"})
  void computesWhatTimmDoesForFbNetV3(String name, float gain) {
    new SyntheticCase(c -> tensors(FbNetV3.timmConfig(c)), FbNetV3::timm)
        .verify("fbnetv3/" + name, gain);
  }

  @ParameterizedTest
  @CsvSource({"hardcorenas_a, 1.25", "hardcorenas_f, 1.25"})
  void computesWhatTimmDoesForHardCoReNas(String name, float gain) {
    new SyntheticCase(c -> tensors(HardCoReNas.timmConfig(c)), HardCoReNas::timm)
        .verify("hardcorenas/" + name, gain);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "'head_bias': false, model_args.head_bias",
        "'se_layer': 'eca', model_args.se_layer",
        "'stem_size': 8, model_args.stem_size"
      })
  void refusesArgumentsByName(String args, String named) {
    assertRefused(named, () -> LcNet.timmConfig(TimmConfigs.of("lcnet_050", args)));
  }
}
