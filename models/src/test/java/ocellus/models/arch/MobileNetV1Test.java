package ocellus.models.arch;

import static ocellus.models.arch.TimmConfigs.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.Map;
import ocellus.engine.Shape;
import ocellus.engine.WeightScope;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.models.goldens.Listings;
import ocellus.models.goldens.SyntheticWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MobileNetV1Test {
  private static final String CLASSIFIER = "MobileNetV1ForImageClassification";

  private static Map<String, Shape> tensors(TimmConfig config) {
    Map<String, Shape> listing = new LinkedHashMap<>();
    var unused = new MobileNet(MobileNetV1.timmConfig(config), WeightScope.listing(listing));
    assertEquals(config.numClasses().orElse(1000), unused.classCount());
    return listing;
  }

  @Test
  void presetsHaveTheTensorsOfTimm() {
    Map<String, Map<String, Shape>> presets = Listings.of("mobilenetv1");
    assertEquals(presets.keySet(), MobileNetV1.timmArchitectures());
    presets.forEach((p, expected) -> Listings.assertSame(p, expected, tensors(TimmConfigs.of(p))));
  }

  /** The gains are those of make_mobilenet_goldens.py. */
  @ParameterizedTest
  @CsvSource({
    "mobilenetv1_100, 1.5",
    "mobilenetv1_100h, 1.5",
    "mobilenetv1_125, 1.5",
    "arguments, 1.5"
  })
  void computesWhatTimmDoes(String name, float gain) {
    new SyntheticCase(MobileNetV1Test::tensors, MobileNetV1::timm)
        .verify("mobilenetv1/" + name, gain);
  }

  @ParameterizedTest
  @ValueSource(strings = {"same", "symmetric"})
  void computesWhatTransformersDoes(String name) {
    StoredCase.verify("mobilenetv1/transformers_" + name, MobileNetV1::transformers);
  }

  /** Widths that Google published, with the tensors that transformers has for them. */
  @ParameterizedTest
  @ValueSource(strings = {"0.25", "0.75", "1.0"})
  void namesAndShapesAreThoseOfTransformers(String width) {
    Map<String, Shape> tensors = Listings.of("mobilenetv1_transformers").get(width);
    var config = config(CLASSIFIER, "'num_labels': 1001, 'depth_multiplier': " + width);
    try (Arena arena = Arena.ofConfined()) {
      var model =
          MobileNetV1.transformers(config, new SyntheticWeights(tensors), Packer.into(arena));
      assertEquals(1001, model.classCount());
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "'depth_multiplier': 0, depth_multiplier",
        "'min_depth': 0, min_depth",
        "'hidden_act': 'mish', hidden_act",
        "'tf_padding': 'yes', tf_padding",
        "'layer_norm_eps': 0, layer_norm_eps"
      })
  void refusesWhatTransformersCannotMean(String settings, String named) {
    assertRefused(named, () -> new MobileNetV1Transformers(config(CLASSIFIER, settings)).config());
  }

  private static TransformersConfig config(String architecture, String settings) {
    String json =
        "{'model_type': 'mobilenet_v1', 'architectures': ['%s'], %s}"
            .formatted(architecture, settings);
    return TransformersConfig.of(TimmConfigs.json(json));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "'fix_stem_head': true, model_args.fix_stem_head",
        "'head_conv': true, model_args.head_conv",
        "'group_size': 8, model_args.group_size",
        "'se_layer': 'eca', model_args.se_layer"
      })
  void refusesArgumentsByName(String args, String named) {
    assertRefused(named, () -> MobileNetV1.timmConfig(TimmConfigs.of("mobilenetv1_100", args)));
  }
}
