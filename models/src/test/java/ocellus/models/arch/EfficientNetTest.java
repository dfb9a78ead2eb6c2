package ocellus.models.arch;

import static ocellus.models.arch.TimmConfigs.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import ocellus.engine.Shape;
import ocellus.engine.WeightScope;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.models.goldens.Listings;
import ocellus.models.goldens.SyntheticWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EfficientNetTest {
  private static final String CLASSIFIER = "EfficientNetForImageClassification";

  private static Map<String, Shape> tensors(TimmConfig config) {
    Map<String, Shape> listing = new LinkedHashMap<>();
    var unused = new MobileNet(EfficientNet.timmConfig(config), WeightScope.listing(listing));
    assertEquals(config.numClasses().orElse(1000), unused.classCount());
    return listing;
  }

  @Test
  void presetsHaveTheTensorsOfTimm() {
    Map<String, Map<String, Shape>> presets = Listings.of("efficientnet");
    assertEquals(presets.keySet(), EfficientNet.timmArchitectures());
    presets.forEach((p, expected) -> Listings.assertSame(p, expected, tensors(TimmConfigs.of(p))));
  }

  /** The gains are those of make_efficientnet_goldens.py. */
  @ParameterizedTest
  @CsvSource({
    "efficientnet_b0, 1.5",
    "tf_efficientnet_b1, 1.4",
    "efficientnet_b3, 1.3",
    "tf_efficientnet_lite0, 1.25",
    "efficientnet_lite2, 1.25",
    "efficientnet_es, 1.1",
    "tf_efficientnet_em, 1.1",
    "efficientnet_el_pruned, 1.1",
    "tinynet_c, 1.5",
    "dilated, 1.5",
    "small_image, 1.5",
    "arguments, 1.5"
  })
  void computesWhatTimmDoes(String name, float gain) {
    new SyntheticCase(EfficientNetTest::tensors, EfficientNet::timm)
        .verify("efficientnet/" + name, gain);
  }

  @ParameterizedTest
  @ValueSource(strings = {"even", "odd", "other_table"})
  void computesWhatTransformersDoes(String name) {
    StoredCase.verify("efficientnet/transformers_" + name, EfficientNet::transformers);
  }

  /** B0, B2 and B7 as Google's configurations have them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "b0; 'width_coefficient': 1.0, 'depth_coefficient': 1.0, 'hidden_dim': 1280",
        "b2; 'width_coefficient': 1.1, 'depth_coefficient': 1.2, 'hidden_dim': 1408,"
            + " 'depthwise_padding': [5, 8, 16]",
        "b7; 'depthwise_padding': [18]"
      })
  void namesAndShapesAreThoseOfTransformers(String name, String settings) {
    Map<String, Shape> expected = Listings.of("efficientnet_transformers").get(name);
    var foreign = foreign(CLASSIFIER, settings + ", 'num_labels': 1000");
    Map<String, Shape> asked = new LinkedHashMap<>();
    var unused = new MobileNet(foreign.config(), WeightScope.listing(asked));
    var renamed = foreign.renamed(new SyntheticWeights(expected));
    Map<String, Shape> found = new LinkedHashMap<>();
    renamed.names().forEach(house -> found.put(house, renamed.shape(house)));
    assertEquals(1000, unused.classCount());
    Listings.assertSame(name, found, asked);
  }

  @Test
  void transformersPadsTheBlocksThatAreListedSymmetrically() {
    var padded = transformers("'depthwise_padding': [4, 11]").stages();
    assertEquals(ConvNorm.Strided.SYMMETRIC, paddingOfFirst(padded.get(1)));
    assertEquals(ConvNorm.Strided.SYMMETRIC, paddingOfFirst(padded.get(2)));
    assertEquals(ConvNorm.Strided.LOPSIDED, paddingOfFirst(padded.get(3)));
  }

  private static ConvNorm.Strided paddingOfFirst(List<BlockRow> stage) {
    return ((DepthwiseForm) stage.getFirst().form()).padding();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "'width_coefficient': 0, width_coefficient",
        "'depth_coefficient': 1e30, depth_coefficient",
        "'hidden_dim': 1280, hidden_dim",
        "'depth_divisor': 0, depth_divisor",
        "'pooling_type': 'median', pooling_type",
        "'hidden_act': 'mish', hidden_act",
        "'batch_norm_eps': 0, batch_norm_eps",
        "'squeeze_expansion_ratio': -1, squeeze_expansion_ratio",
        "'image_size': [64], image_size",
        "'in_channels': [], in_channels",
        "'in_channels': [32;16;24;40;80;112;200], in_channels",
        "'in_channels': [40;16;24;40;80;112;192], in_channels",
        "'out_channels': [16], out_channels",
        "'strides': [1;2;2;2;1;3;1], strides",
        "'kernel_sizes': [3;3;5;3;5;4;3], kernel_sizes",
        "'kernel_sizes': [3;3;5;3;5;1;3], kernel_sizes",
        "'expand_ratios': [1;6;6;6;6;0;6], expand_ratios"
      })
  void refusesWhatTransformersCannotMean(String settings, String named) {
    assertRefused(named, () -> transformers(settings.replace(';', ',')));
  }

  @Test
  void refusesOtherModels() {
    assertRefused("EfficientNetForX", () -> foreign("EfficientNetForX", ""));
  }

  private static MobileNet.Config transformers(String settings) {
    return foreign(CLASSIFIER, settings).config();
  }

  private static EfficientNetTransformers foreign(String architecture, String settings) {
    String json =
        "{'model_type': 'efficientnet', 'architectures': ['%s']%s}"
            .formatted(architecture, settings.isEmpty() ? "" : ", " + settings);
    return new EfficientNetTransformers(TransformersConfig.of(TimmConfigs.json(json)));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "'channel_divisor': 16, model_args.channel_divisor",
        "'group_size': 8, model_args.group_size",
        "'se_layer': 'eca', model_args.se_layer",
        "'aa_layer': 'blurpc', model_args.aa_layer",
        "'depth_multiplier': 2, model_args.depth_multiplier",
        "'bn_eps': null, model_args.bn_eps"
      })
  void refusesArgumentsByName(String args, String named) {
    assertRefused(named, () -> EfficientNet.timmConfig(TimmConfigs.of("efficientnet_b0", args)));
  }
}
