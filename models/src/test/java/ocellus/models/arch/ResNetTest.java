package ocellus.models.arch;

import static ocellus.models.arch.TimmConfigs.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import ocellus.engine.Shape;
import ocellus.engine.WeightException.Defect;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.Workspace;
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

class ResNetTest {
  private static final String SMALL = "'layers': [1, 1, 2, 1], 'channels': [8, 8, 8, 8]";

  /** Cases that take the scalar kernels seconds. */
  private static final Set<String> LARGE = Set.of("resnet18", "resnet50", "legacy_senet154");

  /** What a configuration asks for, by the names in its file. */
  static Map<String, Shape> tensors(TimmConfig config) {
    Map<String, Shape> listing = new LinkedHashMap<>();
    boolean legacy = LegacySENet.architectures().contains(config.architecture());
    ResNet.Config described = legacy ? LegacySENet.config(config) : ResNetTimm.config(config);
    var unused = new ResNet(described, WeightScope.listing(listing));
    assertEquals(config.numClasses().orElse(1000), unused.classCount());
    if (!legacy) {
      return listing;
    }
    WeightSource names = LegacySENet.renamed(described, new SyntheticWeights(Map.of()));
    Map<String, Shape> inFile = new LinkedHashMap<>();
    listing.forEach((name, shape) -> inFile.put(names.nameInFile(name), shape));
    return inFile;
  }

  @ParameterizedTest
  @ValueSource(strings = {"resnet", "senet"})
  void presetsHaveTheTensorsOfTimm(String listing) {
    Listings.of(listing)
        .forEach((p, expected) -> Listings.assertSame(p, expected, tensors(TimmConfigs.of(p))));
  }

  @Test
  void everyArchitectureIsListedOrRefusedOrAnotherName() {
    Set<String> listed = new TreeSet<>(Listings.of("resnet").keySet());
    listed.addAll(Listings.of("senet").keySet());
    Set<String> others = new TreeSet<>(ResNet.timmArchitectures());
    assertTrue(others.containsAll(listed));
    others.removeAll(listed);
    for (String name : others) {
      TimmConfig config = TimmConfigs.of(name);
      if (name.matches("resnet50_gn|.*(_pruned|netblur|netaa|nextaa).*")) {
        assertRefused("architecture \"" + name + "\" is not supported", () -> tensors(config));
      } else {
        assertTrue(name.matches("(tv|ig|ssl|swsl|gluon)_.*|seresnext26tn_32x4d"), name);
        tensors(config);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "gluon_resnet50_v1d, resnet50d",
    "gluon_resnet101_v1s, resnet101s",
    "gluon_senet154, senet154",
    "tv_resnet34, resnet34",
    "swsl_resnext101_32x16d, resnext101_32x16d",
    "ig_resnext101_32x32d, resnext101_32x32d",
    "seresnext26tn_32x4d, seresnext26t_32x4d"
  })
  void namesThatTimmHasGivenUpAreThoseOfToday(String old, String today) {
    assertEquals(ResNetTimm.config(TimmConfigs.of(today)), ResNetTimm.config(TimmConfigs.of(old)));
  }

  @ParameterizedTest
  @CsvSource({
    "resnetblur50, aa_layer, resnet50",
    "resnetaa101d, aa_layer, resnet101d",
    "seresnextaa101d_32x8d, aa_layer, seresnext101d_32x8d",
    "ecaresnet101d_pruned, pruned, ecaresnet101d",
    "resnet50_gn, norm_layer, resnet50"
  })
  void whatIsNotSupportedNamesTheNearestThatIs(String name, String reason, String nearest) {
    assertRefused(
        "\"%s\" is not supported, because of its %s; the nearest that is: %s"
            .formatted(name, reason, nearest),
        () -> ResNetTimm.config(TimmConfigs.of(name)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "resnet10t",
        "resnet18",
        "resnet50",
        "test_resnet",
        "bottlenecks",
        "deep",
        "averaging",
        "resnext",
        "resnext_wide_groups",
        "wide",
        "squeeze_basic",
        "squeeze_bottlenecks",
        "senet154",
        "eca",
        "eca_wide",
        "resnetrs",
        "dilated",
        "dilated_averaging",
        "dilated_senet154",
        "dilated_basic",
        "one_pixel",
        "arguments",
        "legacy_basic",
        "legacy_bottlenecks",
        "legacy_next",
        "legacy_senet154"
      })
  void computesWhatTimmDoes(String name) {
    assumeTrue(
        !LARGE.contains(name) || VectorWidth.BITS > 0, "the scalar kernels take too long for this");
    new SyntheticCase(ResNetTest::tensors, ResNet::timm).verify("resnet/" + name, 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"transformers_basic", "transformers_bottlenecks", "transformers_strides"})
  void computesWhatTransformersDoes(String name) {
    StoredCase.verify("resnet/" + name, ResNet::transformers);
  }

  @Test
  void transformersNamesComeWithoutThePrefixToo() {
    String name = "resnet/transformers_basic";
    try (Arena arena = Arena.ofConfined();
        Checkpoint checkpoint = Checkpoint.open(Goldens.folder(name))) {
      Map<String, String> bare = new LinkedHashMap<>();
      checkpoint.weights().names().forEach(n -> bare.put(n.replaceFirst("^resnet\\.", ""), n));
      var weights = new RenamedWeights(checkpoint.weights(), bare);
      var config = (TransformersConfig) checkpoint.config();
      Goldens.of(name).verify(ResNet.transformers(config, weights, Packer.into(arena)));
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "'act_layer': null; model_args.act_layer",
        "'act_layer': 'mish'; model_args.act_layer",
        "'norm_layer': 'groupnorm'; model_args.norm_layer",
        "'aa_layer': 'blurpool'; model_args.aa_layer",
        "'block': 'basicblock'; model_args.block",
        "'layers': [1, 2]; model_args.layers",
        "'channels': [8, 8, 8, 0]; model_args.channels",
        "'output_stride': 4; model_args.output_stride",
        "'stem_type': 'wide'; model_args.stem_type",
        "'stem_type': 'deep_tiered', 'stem_width': 3; model_args.stem_width",
        "'down_kernel_size': 5; model_args.down_kernel_size",
        "'cardinality': 3, 'block_reduce_first': 5; model_args.cardinality is 3",
        "'base_width': 4; model_args.base_width",
        "'block_reduce_first': 100; model_args.block_reduce_first",
        "'block_args': {'attn_layer': 'cbam'}; model_args.block_args.attn_layer",
        "'block_args': {'drop': 1}; model_args.block_args.drop",
        "'global_pool': ''; model_args.global_pool",
        "'in_chans': 0; model_args.in_chans",
        "'img_size': 224; model_args.img_size"
      },
      delimiter = ';')
  void refusesArgumentsByName(String args, String named) {
    assertRefused(
        named, () -> ResNetTimm.config(TimmConfigs.of("resnet50", args + sizes(args, SMALL))));
  }

  /** Those of the defaults whose key the arguments lack. */
  private static String sizes(String args, String defaults) {
    StringBuilder added = new StringBuilder();
    for (String entry : defaults.split("(?<=]), ", -1)) {
      if (!args.contains(entry.substring(0, entry.indexOf(':')))) {
        added.append(", ").append(entry);
      }
    }
    return added.toString();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "'block': 'seresnetblock'; model_args.block",
        "'inplanes': 32; model_args.inplanes",
        "'downsample_kernel_size': 3; model_args.downsample_padding is 0",
        "'reduction': 0; model_args.reduction",
        "'output_stride': 8; model_args.output_stride",
        "'act_layer': 'silu'; model_args.act_layer"
      },
      delimiter = ';')
  void refusesArgumentsOfLegacyNetworksByName(String args, String named) {
    assertRefused(named, () -> LegacySENet.config(TimmConfigs.of("legacy_seresnet18", args)));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "'layer_type': 'wide'; layer_type",
        "'hidden_sizes': [8, 8, 2]; hidden_sizes",
        "'depths': []; depths",
        "'depths': [1, 2]; hidden_sizes",
        "'hidden_act': 'mish'; hidden_act",
        "'embedding_size': 0; embedding_size",
        "'architectures': ['ResNetBackbone']; architectures"
      },
      delimiter = ';')
  void refusesConfigurationsOfTransformersByName(String entry, String named) {
    JsonObject good =
        TimmConfigs.json(
            "{'model_type': 'resnet', 'architectures': ['ResNetModel'], 'depths': [1, 1, 1],"
                + " 'hidden_sizes': [8, 8, 8]}");
    ResNetTransformers.config(TransformersConfig.of(good));
    JsonObject bad = TimmConfigs.json("{" + entry + "}").withDefaults(good);
    assertRefused(named, () -> ResNetTransformers.config(TransformersConfig.of(bad)));
  }

  @Test
  void saysWhichImagesItTakes() {
    withModel(
        TimmConfigs.of("resnet18", SMALL),
        model -> {
          assertEquals(224, model.inputHeight());
          assertEquals(224, model.inputWidth());
          assertEquals(3, model.inputChannels());
          assertTrue(model.accepts(1, 1));
          assertFalse(model.accepts(0, 5));
        });
    withModel(
        TimmConfigs.of("legacy_seresnet18", "'layers': [1, 1, 1, 1]"),
        model -> {
          assertTrue(model.accepts(3, 3));
          assertFalse(model.accepts(3, 2));
          model.features(SyntheticWeights.image(3, 3), new Workspace());
        });
  }

  @Test
  void withoutClassesThereAreNoLogits() {
    withModel(
        TimmConfigs.of("resnet18", SMALL + ", 'num_classes': 0"), ModelChecks::assertNoLogits);
  }

  @Test
  void theImageIsNotChangedAndTheWorkspaceDoesNotGrow() {
    withModel(
        TimmConfigs.of("seresnet50", SMALL),
        model -> ModelChecks.assertRepeatable(model, SyntheticWeights.image(40, 61)));
  }

  @ParameterizedTest
  @CsvSource({
    "layer3.1.bn2.running_var, MISSING, ",
    "layer1.0.se.fc1.weight, UNEXPECTED, 8x8x1x1",
    "layer2.0.downsample.0.weight, MISSHAPEN, 32x32x3x3"
  })
  void refusesOtherTensorsByName(String name, Defect defect, String extents) {
    TimmConfig config = TimmConfigs.of("resnet50", SMALL);
    Map<String, Shape> tensors = tensors(config);
    if (extents == null) {
      tensors.remove(name);
    } else {
      tensors.put(name, Shape.of(extents(extents)));
    }
    ModelChecks.assertDefect(defect, name, ResNet::timm, config, tensors);
  }

  private static long[] extents(String text) {
    return Arrays.stream(text.split("x", -1)).mapToLong(Long::parseLong).toArray();
  }

  private interface ModelTest {
    void run(ResNet model);
  }

  private static void withModel(TimmConfig config, ModelTest test) {
    try (Arena arena = Arena.ofConfined()) {
      test.run(ResNet.timm(config, new SyntheticWeights(tensors(config)), Packer.into(arena)));
    }
  }
}
