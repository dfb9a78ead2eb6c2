package ocellus.models.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.WeightException;
import ocellus.engine.WeightException.Defect;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Packer;
import ocellus.engine.kernels.VectorWidth;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.OpenClipConfig;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.goldens.Goldens;
import ocellus.models.goldens.Listings;
import ocellus.models.goldens.SyntheticWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SwinTest {
  private static final String SMALL =
      "'embed_dim': 8, 'depths': [2, 1], 'num_heads': [1, 2], 'img_size': 32, 'window_size': 4";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "shifted",
        "padded",
        "always_partitioned",
        "window_per_stage",
        "oblong_windows",
        "one_window",
        "v2_shifted",
        "v2_no_bias",
        "v2_transformers_classifier",
        "v2_transformers_padded",
        "transformers_classifier",
        "transformers_padded"
      })
  void everyStageEqualsTheReference(String name) {
    withModel(name, Goldens.of("swin/" + name)::verify);
  }

  @Test
  void originalNamesGiveTheSameModel() {
    withModel("original_names", Goldens.of("swin/shifted")::verify);
  }

  @ParameterizedTest
  @ValueSource(strings = {"swin_tiny_patch4_window7_224", "swinv2_tiny_window8_256"})
  void fullSizeEqualsTheReference(String preset) {
    assumeTrue(VectorWidth.BITS > 0, "the scalar kernels take too long for this");
    TimmConfig config = TimmConfigs.of(preset);
    try (Arena arena = Arena.ofShared()) {
      Swin model = Swin.timm(config, new SyntheticWeights(tensors(config)), Packer.into(arena));
      Tensor image = SyntheticWeights.image(model.inputHeight(), model.inputWidth());
      Goldens.fullSize("swin", preset).verifyResults(model, image);
    }
  }

  @ParameterizedTest
  @MethodSource("presets")
  void everyPresetHasTheTensorsOfTheReference(String preset, Map<String, Shape> expected) {
    long classes = expected.get("head.fc.bias").dim(0);
    String json = "{'architecture': '%s', 'num_classes': %d}".formatted(preset, classes);
    TimmConfig config = TimmConfig.of(TimmConfigs.json(json));
    Listings.assertSame(preset, expected, tensors(config));
  }

  static Object[][] presets() {
    return Listings.of("swin").entrySet().stream()
        .map(preset -> new Object[] {preset.getKey(), preset.getValue()})
        .toArray(Object[][]::new);
  }

  @Test
  void everyPresetIsListed() {
    assertEquals(Listings.of("swin").keySet(), Swin.timmArchitectures());
  }

  @Test
  void takesImagesOfTheSizeThatItsWindowsAreFor() {
    withModel(
        "padded",
        model -> {
          assertEquals(56, model.inputHeight());
          assertEquals(72, model.inputWidth());
          assertTrue(model.accepts(56, 72));
          assertFalse(model.accepts(72, 56));
          assertEquals(3, model.inputChannels());
          assertEquals(16, model.featureCount());
          assertEquals(5, model.classCount());
        });
    Swin.Config preset = SwinTimm.config(TimmConfigs.of("swin_large_patch4_window12_384"));
    assertEquals(new ImageShape(384, 384, 3), preset.input());
  }

  @Test
  void aModelWithoutAHeadHasNoLogits() {
    withModel(
        "window_per_stage",
        model -> {
          assertEquals(0, model.classCount());
          Tensor features = Tensor.zeros(model.featureCount());
          assertThrows(IllegalStateException.class, () -> model.logits(features, new Workspace()));
        });
  }

  @Test
  void transformersNamesComeWithAndWithoutThePrefixAndInBothGenerations() {
    verifyRenamed("transformers_classifier", name -> name.replaceFirst("^swin\\.", ""));
    verifyRenamed("transformers_padded", name -> "swin." + name);
    verifyRenamed(
        "transformers_classifier",
        name ->
            name.replace("attention.self.query", "attention.q_proj")
                .replace("attention.self.key", "attention.k_proj")
                .replace("attention.self.value", "attention.v_proj")
                .replace("attention.self.relative", "attention.relative_position_bias.relative")
                .replace("attention.output.dense", "attention.o_proj")
                .replace("intermediate.dense", "mlp.fc1")
                .replace("output.dense", "mlp.fc2"));
  }

  private static void verifyRenamed(String name, UnaryOperator<String> rename) {
    try (Arena arena = Arena.ofShared();
        Checkpoint checkpoint = Checkpoint.open(Goldens.folder("swin/" + name))) {
      Map<String, String> names = new HashMap<>();
      checkpoint.weights().names().forEach(old -> names.put(rename.apply(old), old));
      WeightSource renamed = new RenamedWeights(checkpoint.weights(), names);
      var config = (TransformersConfig) checkpoint.config();
      Goldens.of("swin/" + name).verify(Swin.transformers(config, renamed, Packer.into(arena)));
    }
  }

  @Test
  void missingAndMisshapenAndExtraTensorsAreErrors() {
    Map<String, Shape> tensors = tensors(small());
    tensors.remove("layers.1.downsample.reduction.weight");
    assertRefused(Defect.MISSING, "layers.1.downsample.reduction.weight", tensors);
    tensors = tensors(small());
    String table = "layers.0.blocks.1.attn.relative_position_bias_table";
    tensors.put(table, Shape.of(169, 1));
    assertRefused(Defect.MISSHAPEN, table, tensors);
    tensors = tensors(small());
    tensors.put("layers.0.blocks.0.attn.logit_scale", Shape.of(1, 1, 1));
    assertRefused(Defect.UNEXPECTED, "layers.0.blocks.0.attn.logit_scale", tensors);
  }

  private static void assertRefused(Defect defect, String tensor, Map<String, Shape> tensors) {
    try (Arena arena = Arena.ofConfined()) {
      WeightException thrown =
          assertThrows(
              WeightException.class,
              () -> Swin.timm(small(), new SyntheticWeights(tensors), Packer.into(arena)));
      assertEquals(defect, thrown.defect());
      assertEquals(tensor, thrown.tensorName());
    }
  }

  @Test
  void whatMattersInTrainingAloneIsIgnored() {
    TimmConfig config =
        TimmConfigs.of(
            "swin_tiny_patch4_window7_224",
            SMALL + ", 'drop_path_rate': 0.2, 'proj_drop_rate': 0.1, 'weight_init': 'jax'");
    assertEquals(tensors(small()), tensors(config));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          'head_dim': 16                  | model_args.head_dim is not supported for swin_tiny
          'window_size': [7, 7, 7]        | model_args.window_size is [7, 7, 7], expected integers
          'window_size': 0                | model_args.window_size is 0
          'window_size': [7, 7, [7, 7, 7], 7] | model_args.window_size is
          'depths': []                    | model_args.depths is []
          'depths': [2, 2]                | num_heads is [3, 6, 12, 24], expected a list of 2
          'num_heads': [5, 6, 12, 24]     | model_args.num_heads is [5, 6, 12, 24], expected divisors
          'mlp_ratio': 0                  | model_args.mlp_ratio is 0
          'mlp_ratio': [4, 4]             | model_args.mlp_ratio is [4, 4]
          'embed_dim': [96, 192]          | model_args.embed_dim is
          'patch_size': 300               | model_args.patch_size is 300
          'img_size': 16                  | depths is [2, 2, 6, 2], expected fewer stages
          'global_pool': 'max'            | model_args.global_pool is
          """)
  void badArgumentsAreNamed(String argument, String message) {
    String actual =
        assertThrows(
                CheckpointException.class,
                () -> SwinTimm.config(TimmConfigs.of("swin_tiny_patch4_window7_224", argument)))
            .getMessage();
    assertTrue(actual.contains(message), actual);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          'window_size': [8, 8, 16, 8]              | model_args.window_size is [8, 8, 16, 8]
          'mlp_ratio': [4, 4, 4, 4]                 | model_args.mlp_ratio is
          'pretrained_window_sizes': [8, 8]         | model_args.pretrained_window_sizes is [8, 8]
          'pretrained_window_sizes': [8, 8, 8, 1]   | model_args.pretrained_window_sizes is
          'act_layer': 'mish'                       | model_args.act_layer is mish
          'norm_layer': 'rmsnorm'                   | model_args.norm_layer is not supported
          """)
  void badArgumentsOfVersion2AreNamed(String argument, String message) {
    TimmConfigs.assertRefused(
        message, () -> SwinTimm.config(TimmConfigs.of("swinv2_tiny_window8_256", argument)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          'use_absolute_embeddings': true   | use_absolute_embeddings is true, expected false
          'window_size': 12                 | window_size is 12, expected at most
          'image_size': 33                  | patch_size is
          'num_heads': [1, 2]               | num_heads is [1, 2]
          'num_heads': [1, 3, 4]            | num_heads is
          'mlp_ratio': -1                   | mlp_ratio is -1
          'hidden_act': 'mish'              | hidden_act is mish
          'layer_norm_eps': 0               | layer_norm_eps is 0
          'architectures': ['SwinBackbone'] | architectures is
          """)
  void badTransformersConfigurationsAreNamed(String entry, String message) {
    JsonObject good =
        TimmConfigs.json(
            """
            {'model_type': 'swin', 'architectures': ['SwinModel'], 'depths': [1, 1, 1],
             'embed_dim': 8, 'num_heads': [1, 2, 4], 'image_size': 64, 'window_size': 4}\
            """);
    SwinTransformers.config(TransformersConfig.of(good));
    JsonObject bad = TimmConfigs.json("{" + entry + "}").withDefaults(good);
    TimmConfigs.assertRefused(message, () -> SwinTransformers.config(TransformersConfig.of(bad)));
  }

  private static TimmConfig small() {
    return TimmConfigs.of("swin_tiny_patch4_window7_224", SMALL);
  }

  /** What an architecture asks for. */
  private static Map<String, Shape> tensors(TimmConfig config) {
    Map<String, Shape> listing = new LinkedHashMap<>();
    var _ = new Swin(SwinTimm.config(config), WeightScope.listing(listing));
    return listing;
  }

  private static void withModel(String name, Consumer<Swin> test) {
    try (Arena arena = Arena.ofShared();
        Checkpoint checkpoint = Checkpoint.open(Goldens.folder("swin/" + name))) {
      test.accept(
          switch (checkpoint.config()) {
            case TimmConfig timm -> Swin.timm(timm, checkpoint.weights(), Packer.into(arena));
            case TransformersConfig transformers ->
                Swin.transformers(transformers, checkpoint.weights(), Packer.into(arena));
            case OpenClipConfig _ -> throw new AssertionError("not a golden of open_clip");
          });
    }
  }
}
