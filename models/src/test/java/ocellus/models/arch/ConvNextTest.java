package ocellus.models.arch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
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

class ConvNextTest {
  private static final String SMALL = "\"depths\": [1, 2, 1, 1], \"dims\": [8, 8, 8, 8]";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "patch_stem",
        "conv_mlp_overlap_tiered",
        "conv_mlp_overlap",
        "rms_norm",
        "simple_norm_overlap_act",
        "norm_before_pooling",
        "hidden_head",
        "no_layer_scale",
        "small_patches_no_head",
        "dilated",
        "transformers_classifier",
        "transformers_model",
        "v2",
        "v2_conv_mlp",
        "v2_transformers_classifier",
        "v2_transformers_model",
        "dinov3_transformers_model"
      })
  void everyStageEqualsTheReference(String name) {
    withModel(name, Goldens.of("convnext/" + name)::verify);
  }

  @Test
  void originalNamesGiveTheSameModel() {
    withModel("original_names", Goldens.of("convnext/patch_stem")::verify);
    withModel("v2_original_names", Goldens.of("convnext/v2")::verify);
  }

  @ParameterizedTest
  @ValueSource(strings = {"convnext_atto", "convnext_tiny", "convnextv2_atto"})
  void fullSizeEqualsTheReference(String preset) {
    boolean small = preset.endsWith("_atto");
    assumeTrue(small || VectorWidth.BITS > 0, "the scalar kernels take too long for this");
    TimmConfig config = timm("{\"architecture\": \"%s\"}".formatted(preset));
    try (Arena arena = Arena.ofConfined()) {
      ConvNext model =
          ConvNext.timm(config, new SyntheticWeights(tensors(config)), Packer.into(arena));
      Goldens.fullSize("convnext", preset).verifyResults(model, SyntheticWeights.image(224, 224));
    }
  }

  @ParameterizedTest
  @MethodSource("presets")
  void everyPresetHasTheTensorsOfTheReference(String preset, Map<String, Shape> expected) {
    TimmConfig config = timm("{\"architecture\": \"%s\"}".formatted(preset));
    Listings.assertSame(preset, expected, tensors(config));
  }

  static Object[][] presets() {
    return Listings.of("convnext").entrySet().stream()
        .map(preset -> new Object[] {preset.getKey(), preset.getValue()})
        .toArray(Object[][]::new);
  }

  @Test
  void everyPresetIsListed() {
    assertEquals(Listings.of("convnext").keySet(), ConvNext.timmArchitectures());
  }

  @Test
  void saysWhatGoesInAndWhatComesOut() {
    withModel(
        "hidden_head",
        model -> {
          assertEquals(68, model.inputHeight());
          assertEquals(35, model.inputWidth());
          assertTrue(model.accepts(32, 640));
          assertFalse(model.accepts(31, 640));
          assertEquals(3, model.inputChannels());
          assertEquals(20, model.featureCount());
          assertEquals(7, model.classCount());
        });
    withModel(
        "small_patches_no_head",
        model -> {
          assertEquals(0, model.classCount());
          Tensor features = Tensor.zeros(model.featureCount());
          assertThrows(IllegalStateException.class, () -> model.logits(features, new Workspace()));
        });
  }

  @Test
  void theImageIsNotChanged() {
    Tensor image = Goldens.of("convnext/patch_stem").input();
    float[] before = image.toArray();
    withModel("patch_stem", model -> model.features(image, new Workspace()));
    assertArrayEquals(before, image.toArray());
  }

  @Test
  void transformersNamesComeWithAndWithoutThePrefix() {
    withTransformers(
        "transformers_classifier",
        (config, weights, arena) -> {
          WeightSource bare = renamed(weights, name -> name.replaceFirst("^convnext\\.", ""));
          Goldens.of("convnext/transformers_classifier")
              .verify(ConvNext.transformers(config, bare, Packer.into(arena)));
        });
    withTransformers(
        "transformers_model",
        (config, weights, arena) -> {
          WeightSource prefixed = renamed(weights, name -> "convnext." + name);
          Goldens.of("convnext/transformers_model")
              .verify(ConvNext.transformers(config, prefixed, Packer.into(arena)));
        });
  }

  @Test
  void namesOfVersion2AndOfDinov3ComeWithAndWithoutThePrefixToo() {
    withTransformers(
        "v2_transformers_model",
        (config, weights, arena) -> {
          WeightSource prefixed = renamed(weights, name -> "convnextv2." + name);
          Goldens.of("convnext/v2_transformers_model")
              .verify(ConvNext.transformers(config, prefixed, Packer.into(arena)));
        });
    withTransformers(
        "dinov3_transformers_model",
        (config, weights, arena) -> {
          boolean prefixed = weights.names().stream().anyMatch(name -> name.startsWith("model."));
          WeightSource other =
              renamed(
                  weights,
                  name ->
                      prefixed
                          ? name.replaceFirst("^model\\.", "")
                          : name.replaceFirst("^stages", "model.stages"));
          Goldens.of("convnext/dinov3_transformers_model")
              .verify(ConvNext.transformers(config, other, Packer.into(arena)));
        });
  }

  @Test
  void aDinov3ModelOfTimmHasNoHead() {
    TimmConfig config =
        timm("{\"architecture\": \"convnext_tiny.dinov3_lvd1689m\", \"num_classes\": 0}");
    assertEquals(0, ConvNextTimm.config(config).head().classes());
    assertFalse(tensors(config).containsKey("head.fc.weight"));
    assertTrue(tensors(config).containsKey("head.norm.weight"));
  }

  @Test
  void argumentsOfTrainingAreIgnored() {
    TimmConfig config =
        timm(
            """
            {"architecture": "convnext_atto", "model_args": {%s, "drop_rate": 0.1,
             "drop_path_rate": 0.2, "head_init_scale": 0.001, "conv_mlp": false}}\
            """
                .formatted(SMALL));
    assertEquals(tensors(small()), tensors(config));
  }

  @Test
  void aMissingTensorIsAnError() {
    Map<String, Shape> tensors = tensors(small());
    tensors.remove("stages.1.blocks.0.norm.bias");
    WeightException thrown = refusal(small(), tensors);
    assertEquals(Defect.MISSING, thrown.defect());
    assertEquals("stages.1.blocks.0.norm.bias", thrown.tensorName());
  }

  @Test
  void anExtraTensorIsAnError() {
    Map<String, Shape> tensors = tensors(small());
    tensors.put("stages.1.blocks.0.mlp.grn.weight", Shape.of(32));
    WeightException thrown = refusal(small(), tensors);
    assertEquals(Defect.UNEXPECTED, thrown.defect());
    assertEquals("stages.1.blocks.0.mlp.grn.weight", thrown.tensorName());
  }

  @Test
  void aMisshapenTensorIsAnError() {
    Map<String, Shape> tensors = tensors(small());
    tensors.put("stages.2.downsample.1.weight", Shape.of(8, 8, 3, 3));
    WeightException thrown = refusal(small(), tensors);
    assertEquals(Defect.MISSHAPEN, thrown.defect());
    assertEquals("stages.2.downsample.1.weight", thrown.tensorName());
  }

  @Test
  void errorsNameTheTensorAsTheFileDoes() {
    withTransformers(
        "transformers_classifier",
        (config, weights, arena) -> {
          Map<String, Shape> tensors = new LinkedHashMap<>();
          weights.names().forEach(name -> tensors.put(name, weights.shape(name)));
          tensors.remove("convnext.encoder.stages.1.layers.0.layer_scale_parameter");
          String message =
              assertThrows(
                      WeightException.class,
                      () ->
                          ConvNext.transformers(
                              config, new SyntheticWeights(tensors), Packer.into(arena)))
                  .getMessage();
          assertTrue(
              message.contains(
                  "tensor convnext.encoder.stages.1.layers.0.layer_scale_parameter is missing"),
              message);
        });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "use_grn": true                                | model_args.ls_init_value is a number, expected null
          "use_grn": 1                                   | model_args.use_grn is 1
          "img_size": 224                                | model_args.img_size is not supported
          "depths": [1, 2, 1]                            | model_args.depths is [1, 2, 1], expected
          "depths": [1, 2, 1, 2000000000]                | model_args.depths is
          "dims": [8, 8, 8, 0]                           | model_args.dims is
          "dims": "wide"                                 | model_args.dims is "wide"
          "kernel_sizes": [7, 7, 7, 6]                   | model_args.kernel_sizes is
          "patch_size": 0                                | model_args.patch_size is 0
          "patch_size": 80                               | pretrained_cfg.input_size
          "stem_type": "deep"                            | model_args.stem_type is deep
          "norm_layer": "batchnorm2d"                    | model_args.norm_layer is batchnorm2d
          "norm_layer": "simplenorm", "dims": [1, 8, 8, 8] | model_args.dims is [1, 8, 8, 8]
          "norm_eps": 0                                  | model_args.norm_eps is 0
          "act_layer": "mish"                            | model_args.act_layer is
          "ls_init_value": "none"                        | model_args.ls_init_value is "none"
          "output_stride": 4                             | model_args.output_stride is 4
          "head_norm_first": true, "head_hidden_size": 8 | model_args.head_hidden_size is 8
          "global_pool": ""                              | model_args.global_pool is
          "global_pool": "catavgmax"                     | model_args.global_pool is catavgmax
          """)
  void badArgumentsAreNamed(String argument, String message) {
    String json =
        """
        {"architecture": "convnext_atto", "model_args": {%s},
         "pretrained_cfg": {"input_size": [3, 64, 64]}}\
        """
            .formatted(argument);
    String actual =
        assertThrows(CheckpointException.class, () -> ConvNextTimm.config(timm(json))).getMessage();
    assertTrue(actual.startsWith("m/config.json: " + message), actual);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "num_stages": 3                       | depths is
          "hidden_sizes": [8, 8, 8]             | hidden_sizes is
          "depths": [1, 1, 1, -1]               | depths is
          "patch_size": [4, 2]                  | patch_size is
          "image_size": 0                       | image_size is 0
          "hidden_act": "mish"                  | hidden_act is mish
          "architectures": ["ConvNextBackbone"] | architectures is
          "layer_norm_eps": -1                  | layer_norm_eps is -1
          """)
  void badTransformersConfigurationsAreNamed(String entry, String message) {
    JsonObject good =
        json(
            """
            {"model_type": "convnext", "architectures": ["ConvNextModel"], "depths": [1, 1, 1, 1],
             "hidden_sizes": [8, 8, 8, 8], "image_size": 32}\
            """);
    ConvNextTransformers.config(TransformersConfig.of(good));
    JsonObject bad = json("{" + entry + "}").withDefaults(good);
    String actual =
        assertThrows(
                CheckpointException.class,
                () -> ConvNextTransformers.config(TransformersConfig.of(bad)))
            .getMessage();
    assertTrue(actual.startsWith("m/config.json: " + message), actual);
  }

  private static JsonObject json(String text) {
    return JsonObject.parse("m/config.json", text.getBytes(StandardCharsets.UTF_8));
  }

  private static TimmConfig timm(String text) {
    return TimmConfig.of(json(text));
  }

  private static TimmConfig small() {
    return timm("{\"architecture\": \"convnext_atto\", \"model_args\": {" + SMALL + "}}");
  }

  /** What an architecture asks for. */
  private static Map<String, Shape> tensors(TimmConfig config) {
    Map<String, Shape> listing = new LinkedHashMap<>();
    new ConvNext(ConvNextTimm.config(config), WeightScope.listing(listing));
    return listing;
  }

  private static WeightException refusal(TimmConfig config, Map<String, Shape> tensors) {
    try (Arena arena = Arena.ofConfined()) {
      return assertThrows(
          WeightException.class,
          () -> ConvNext.timm(config, new SyntheticWeights(tensors), Packer.into(arena)));
    }
  }

  private static WeightSource renamed(WeightSource file, UnaryOperator<String> name) {
    Map<String, String> names = new HashMap<>();
    file.names().forEach(old -> names.put(name.apply(old), old));
    return new RenamedWeights(file, names);
  }

  private static void withModel(String name, Consumer<ConvNext> test) {
    try (Arena arena = Arena.ofConfined();
        Checkpoint checkpoint = Checkpoint.open(Goldens.folder("convnext/" + name))) {
      test.accept(
          switch (checkpoint.config()) {
            case TimmConfig timm -> ConvNext.timm(timm, checkpoint.weights(), Packer.into(arena));
            case TransformersConfig transformers ->
                ConvNext.transformers(transformers, checkpoint.weights(), Packer.into(arena));
            case OpenClipConfig _ -> throw new AssertionError("not a golden of open_clip");
          });
    }
  }

  private interface TransformersTest {
    void run(TransformersConfig config, WeightSource weights, Arena arena);
  }

  private static void withTransformers(String name, TransformersTest test) {
    try (Arena arena = Arena.ofConfined();
        Checkpoint checkpoint = Checkpoint.open(Goldens.folder("convnext/" + name))) {
      test.run((TransformersConfig) checkpoint.config(), checkpoint.weights(), arena);
    }
  }
}
