package ocellus.models.arch;

import static ocellus.models.arch.ModelChecks.assertDefect;
import static ocellus.models.arch.TimmConfigs.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import ocellus.engine.Shape;
import ocellus.engine.WeightException.Defect;
import ocellus.engine.WeightScope;
import ocellus.engine.kernels.Packer;
import ocellus.engine.kernels.VectorWidth;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.goldens.Goldens;
import ocellus.models.goldens.Listings;
import ocellus.models.goldens.SyntheticWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegNetTest {
  private static final String SMALL = "'w0': 8, 'wa': 8, 'wm': 2, 'depth': 6, 'group_size': 8";

  /** Cases that take the scalar kernels seconds. */
  private static final Set<String> LARGE = Set.of("regnetx_002", "regnety_004", "regnetx_004_tv");

  /** What a configuration asks for. */
  static Map<String, Shape> tensors(TimmConfig config) {
    Map<String, Shape> listing = new LinkedHashMap<>();
    var unused = new RegNet(RegNetTimm.config(config), WeightScope.listing(listing));
    assertEquals(config.numClasses().orElse(1000), unused.classCount());
    return listing;
  }

  @Test
  void presetsHaveTheTensorsOfTimm() {
    Listings.of("regnet")
        .forEach((p, expected) -> Listings.assertSame(p, expected, tensors(TimmConfigs.of(p))));
  }

  @Test
  void everyArchitectureIsListedOrRefusedOrAnotherName() {
    Set<String> others = new TreeSet<>(RegNet.timmArchitectures());
    assertTrue(others.containsAll(Listings.of("regnet").keySet()));
    others.removeAll(Listings.of("regnet").keySet());
    assertEquals(Set.of("regnetv_040", "regnetv_064", "regnety_040_sgn", "regnetz_040h"), others);
    assertEquals(
        RegNetTimm.config(TimmConfigs.of("regnetz_040_h")),
        RegNetTimm.config(TimmConfigs.of("regnetz_040h")));
  }

  @ParameterizedTest
  @CsvSource({
    "regnetv_040, preact, regnety_040",
    "regnetv_064, preact, regnety_064",
    "regnety_040_sgn, norm_layer, regnety_040"
  })
  void whatIsNotSupportedNamesTheNearestThatIs(String name, String reason, String nearest) {
    assertRefused(
        "\"%s\" is not supported, because of its %s; the nearest that is: %s"
            .formatted(name, reason, nearest),
        () -> RegNetTimm.config(TimmConfigs.of(name)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "regnetx_002",
        "regnety_004",
        "regnetx_004_tv",
        "regnetz_005",
        "x",
        "y",
        "rounded_groups",
        "z_without_features",
        "z_with_features",
        "averaging",
        "dilated",
        "dilated_averaging",
        "one_pixel",
        "arguments"
      })
  void computesWhatTimmDoes(String name) {
    assumeTrue(
        !LARGE.contains(name) || VectorWidth.BITS > 0, "the scalar kernels take too long for this");
    new SyntheticCase(RegNetTest::tensors, RegNet::timm).verify("regnet/" + name, 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"transformers_x", "transformers_y", "transformers_model"})
  void computesWhatTransformersDoes(String name) {
    StoredCase.verify("regnet/" + name, RegNet::transformers);
  }

  @Test
  void computesWhatTorchvisionDoes() {
    String name = "regnet/torchvision_names";
    try (Arena arena = Arena.ofConfined();
        Checkpoint checkpoint = Checkpoint.open(Goldens.folder(name))) {
      var config = (TimmConfig) checkpoint.config();
      Goldens.of(name).verify(RegNet.timm(config, checkpoint.weights(), Packer.into(arena)));
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "'depth': 0; model_args.depth",
        "'w0': 12; model_args.w0",
        "'wa': -1; model_args.wa",
        "'wm': 1; model_args.wm",
        "'wm': 50; model_args.wm is 50.0, expected what gives 4 stages",
        "'group_size': 0; model_args.group_size",
        "'bottle_ratio': 0; model_args.bottle_ratio",
        "'bottle_ratio': 0.01; model_args.bottle_ratio",
        "'se_ratio': -1; model_args.se_ratio",
        "'se_ratio': 0.001; model_args.se_ratio",
        "'downsample': 'conv3x3'; model_args.downsample",
        "'downsample': null; model_args.downsample",
        "'num_features': -1; model_args.num_features",
        "'stem_width': 0; model_args.stem_width",
        "'output_stride': 4; model_args.output_stride",
        "'act_layer': 'mish'; model_args.act_layer",
        "'act_layer': null; model_args.act_layer",
        "'preact': true; model_args.preact",
        "'norm_layer': 'groupnorm'; model_args.norm_layer",
        "'global_pool': ''; model_args.global_pool"
      },
      delimiter = ';')
  void refusesArgumentsByName(String args, String named) {
    String key = args.substring(0, args.indexOf(':'));
    String others = SMALL.replaceFirst("(, |^)" + key + ": \\d+", "");
    assertRefused(
        named,
        () ->
            RegNetTimm.config(
                TimmConfigs.of("regnety_002", args + others.replaceFirst("^,?", ","))));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "'layer_type': 'z'; layer_type",
        "'hidden_sizes': [8, 8, 0]; hidden_sizes",
        "'hidden_sizes': [8, 8, 13]; hidden_sizes",
        "'depths': [1, 2]; hidden_sizes",
        "'groups_width': 0; groups_width",
        "'embedding_size': 1; embedding_size",
        "'architectures': ['RegNetBackbone']; architectures"
      },
      delimiter = ';')
  void refusesConfigurationsOfTransformersByName(String entry, String named) {
    JsonObject good =
        TimmConfigs.json(
            "{'model_type': 'regnet', 'architectures': ['RegNetModel'], 'depths': [1, 1, 1],"
                + " 'hidden_sizes': [8, 8, 8], 'groups_width': 4}");
    RegNetTransformers.config(TransformersConfig.of(good));
    JsonObject bad = TimmConfigs.json("{" + entry + "}").withDefaults(good);
    assertRefused(named, () -> RegNetTransformers.config(TransformersConfig.of(bad)));
  }

  @Test
  void withoutClassesThereAreNoLogits() {
    withModel("'num_classes': 0", ModelChecks::assertNoLogits);
  }

  @Test
  void theImageIsNotChangedAndTheWorkspaceDoesNotGrow() {
    withModel(
        "'num_classes': 3",
        model -> ModelChecks.assertRepeatable(model, SyntheticWeights.image(40, 61)));
  }

  @Test
  void refusesOtherTensorsByName() {
    TimmConfig config = TimmConfigs.of("regnetx_002", SMALL);
    Map<String, Shape> tensors = tensors(config);
    tensors.put("s1.b1.se.fc1.weight", Shape.of(8, 8, 1, 1));
    assertDefect(Defect.UNEXPECTED, "s1.b1.se.fc1.weight", RegNet::timm, config, tensors);
    tensors.remove("s1.b1.se.fc1.weight");
    tensors.put("s2.b1.conv2.conv.weight", Shape.of(16, 16, 3, 3));
    assertDefect(Defect.MISSHAPEN, "s2.b1.conv2.conv.weight", RegNet::timm, config, tensors);
    tensors.remove("s2.b1.conv2.conv.weight");
    assertDefect(Defect.MISSING, "s2.b1.conv2.conv.weight", RegNet::timm, config, tensors);
  }

  private interface ModelTest {
    void run(RegNet model);
  }

  private static void withModel(String args, ModelTest test) {
    TimmConfig config = TimmConfigs.of("regnety_002", SMALL + ", " + args);
    try (Arena arena = Arena.ofConfined()) {
      test.run(RegNet.timm(config, new SyntheticWeights(tensors(config)), Packer.into(arena)));
    }
  }
}
