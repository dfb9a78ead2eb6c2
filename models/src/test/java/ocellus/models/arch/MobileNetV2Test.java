package ocellus.models.arch;

import static ocellus.models.arch.TimmConfigs.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.Map;
import ocellus.engine.Shape;
import ocellus.engine.WeightException;
import ocellus.engine.WeightException.Defect;
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

class MobileNetV2Test {
  private static final String CLASSIFIER = "MobileNetV2ForImageClassification";

  private static Map<String, Shape> tensors(TimmConfig config) {
    return tensors(MobileNetV2.timmConfig(config));
  }

  private static Map<String, Shape> tensors(MobileNet.Config config) {
    Map<String, Shape> listing = new LinkedHashMap<>();
    var unused = new MobileNet(config, WeightScope.listing(listing));
    assertEquals(config.classes(), unused.classCount());
    return listing;
  }

  @Test
  void presetsHaveTheTensorsOfTimm() {
    Map<String, Map<String, Shape>> presets = Listings.of("mobilenetv2");
    assertEquals(presets.keySet(), MobileNetV2.timmArchitectures());
    presets.forEach((p, expected) -> Listings.assertSame(p, expected, tensors(TimmConfigs.of(p))));
  }

  /** The gains are those of make_mobilenet_goldens.py. */
  @ParameterizedTest
  @CsvSource({
    "mobilenetv2_035, 1.25",
    "mobilenetv2_100, 1.25",
    "mobilenetv2_110d, 1.25",
    "mobilenetv2_140, 1.25",
    "dilated, 1.25",
    "arguments, 1.25",
    "small_image, 1.25"
  })
  void computesWhatTimmDoes(String name, float gain) {
    new SyntheticCase(MobileNetV2Test::tensors, MobileNetV2::timm)
        .verify("mobilenetv2/" + name, gain);
  }

  @ParameterizedTest
  @ValueSource(strings = {"same", "symmetric", "dilated"})
  void computesWhatTransformersDoes(String name) {
    StoredCase.verify("mobilenetv2/transformers_" + name, MobileNetV2::transformers);
  }

  /** The widths that Google published, with the tensors that transformers has for them. */
  @ParameterizedTest
  @ValueSource(strings = {"0.35", "0.75", "1.0", "1.4"})
  void namesAndShapesAreThoseOfTransformers(String width) {
    Map<String, Shape> tensors = Listings.of("mobilenetv2_transformers").get(width);
    var config = config(CLASSIFIER, "'num_labels': 1001, 'depth_multiplier': " + width);
    try (Arena arena = Arena.ofConfined()) {
      var model =
          MobileNetV2.transformers(config, new SyntheticWeights(tensors), Packer.into(arena));
      assertEquals(1001, model.classCount());
    }
  }

  @Test
  void transformersKeepsTheWidthOfTheHeadOnlyIfFinegrained() {
    assertEquals(1280, transformers("'depth_multiplier': 0.35").features());
    assertEquals(
        448, transformers("'depth_multiplier': 0.35, 'finegrained_output': false").features());
    assertEquals(1792, transformers("'depth_multiplier': 1.4").features());
  }

  @Test
  void transformersCountsItsLabels() {
    assertEquals(2, transformers("").classes());
    assertEquals(1001, transformers("'num_labels': 1001").classes());
    assertEquals(3, transformers("'id2label': {'0': 'a', '1': 'b', '2': 'c'}").classes());
  }

  @Test
  void transformersTakesOneSizeOrTwo() {
    assertEquals(
        new ImageShape(96, 96, 1), transformers("'image_size': 96, 'num_channels': 1").input());
    assertEquals(new ImageShape(96, 64, 3), transformers("'image_size': [96, 64]").input());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "'depth_multiplier': 0, depth_multiplier",
        "'depth_multiplier': 1e30, depth_multiplier",
        "'expand_ratio': -6, expand_ratio",
        "'depth_divisible_by': 0, depth_divisible_by",
        "'min_depth': 0, min_depth",
        "'output_stride': 12, output_stride",
        "'hidden_act': 'mish', hidden_act",
        "'tf_padding': 'yes', tf_padding",
        "'layer_norm_eps': 0, layer_norm_eps",
        "'image_size': [64], image_size",
        "'num_channels': 0, num_channels"
      })
  void refusesWhatTransformersCannotMean(String settings, String named) {
    assertRefused(named, () -> transformers(settings));
  }

  @Test
  void refusesSegmentation() {
    String architecture = "MobileNetV2ForSemanticSegmentation";
    assertRefused(architecture, () -> foreign(architecture, "").config());
  }

  @Test
  void errorsSpeakOfTheNamesInTheFile() {
    var foreign = foreign(CLASSIFIER, "'num_labels': 3");
    var weights = new SyntheticWeights(Map.of("classifier.bias", Shape.of(3)));
    var w = WeightScope.of(foreign.renamed(weights), Packer.into(Arena.ofAuto()));
    var thrown = assertThrows(WeightException.class, () -> new MobileNet(foreign.config(), w));
    assertEquals(Defect.MISSING, thrown.defect());
    String named = "mobilenet_v2.conv_stem.first_conv.normalization.weight";
    assertTrue(thrown.getMessage().contains(named), thrown.getMessage());
  }

  private static MobileNet.Config transformers(String settings) {
    return foreign(CLASSIFIER, settings).config();
  }

  private static MobileNetV2Transformers foreign(String architecture, String settings) {
    return new MobileNetV2Transformers(config(architecture, settings));
  }

  private static TransformersConfig config(String architecture, String settings) {
    String json =
        "{'model_type': 'mobilenet_v2', 'architectures': ['%s']%s}"
            .formatted(architecture, settings.isEmpty() ? "" : ", " + settings);
    return TransformersConfig.of(TimmConfigs.json(json));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "'output_stride': 12, model_args.output_stride",
        "'output_stride': 64, model_args.output_stride",
        "'fix_stem_head': true, model_args.fix_stem_head",
        "'group_size': 8, model_args.group_size",
        "'head_bias': true, model_args.head_bias",
        "'aa_layer': 'blurpc', model_args.aa_layer"
      })
  void refusesArgumentsByName(String args, String named) {
    assertRefused(named, () -> MobileNetV2.timmConfig(TimmConfigs.of("mobilenetv2_100", args)));
  }
}
