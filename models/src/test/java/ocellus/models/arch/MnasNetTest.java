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

class MnasNetTest {
  private static Map<String, Shape> tensors(TimmConfig config) {
    Map<String, Shape> listing = new LinkedHashMap<>();
    var unused = new MobileNet(MnasNet.timmConfig(config), WeightScope.listing(listing));
    assertEquals(config.numClasses().orElse(1000), unused.classCount());
    return listing;
  }

  @Test
  void presetsHaveTheTensorsOfTimm() {
    Map<String, Map<String, Shape>> presets = Listings.of("mnasnet");
    assertEquals(presets.keySet(), MnasNet.timmArchitectures());
    presets.forEach((p, expected) -> Listings.assertSame(p, expected, tensors(TimmConfigs.of(p))));
  }

  /** The gains are those of make_mobilenet_goldens.py. */
  @ParameterizedTest
  @CsvSource({
    "mnasnet_100, 1.3",
    "semnasnet_075, 1.5",
    "mnasnet_small, 1.3",
    "spnasnet_100, 1.3",
    "fbnetc_100, 1.2"
  })
  void computesWhatTimmDoes(String name, float gain) {
    new SyntheticCase(MnasNetTest::tensors, MnasNet::timm).verify("mnasnet/" + name, gain);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "'se_layer': 'gc', model_args.se_layer",
        "'channel_multiplier': 2, model_args.channel_multiplier",
        "'depth_multiplier': 2, model_args.depth_multiplier"
      })
  void refusesArgumentsByName(String args, String named) {
    assertRefused(named, () -> MnasNet.timmConfig(TimmConfigs.of("semnasnet_100", args)));
  }

  /** As timm does where it loads weights. */
  @Test
  void fbnetHasTheEpsilonOfItsWeights() {
    MobileNet.Config config = MnasNet.timmConfig(TimmConfigs.of("fbnetc_100"));
    assertEquals(1e-3, config.style().convNorm().epsilon());
    assertEquals(ConvNorm.Strided.SYMMETRIC, config.style().convNorm().padding());
  }
}
