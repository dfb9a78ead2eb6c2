package ocellus.models.arch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.WeightException;
import ocellus.engine.WeightException.Defect;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.OpenClipConfig;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.image.Size;
import ocellus.loaders.json.JsonObject;
import ocellus.models.ImageModel;
import ocellus.models.arch.Eva.Config;
import ocellus.models.goldens.Goldens;
import ocellus.models.goldens.Listings;
import ocellus.models.goldens.SyntheticWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against timm and transformers; see make_eva_goldens.py and make_eva_presets.py. */
class EvaTest {
  private static final Map<String, Map<String, Shape>> LISTINGS = Listings.of("eva");

  static Set<String> listed() {
    return LISTINGS.keySet();
  }

  static Stream<String> notListed() {
    return Eva.timmArchitectures().stream().filter(name -> !LISTINGS.containsKey(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "separate_norm",
        "joint_gated",
        "attention_norm",
        "no_rotation",
        "post_norm",
        "dinov3",
        "dinov3_gated",
        "all_biases",
        "perception",
        "registers",
        "resampled",
        "dynamic",
        "transformers",
        "transformers_gated_new_names",
        "transformers_no_registers",
      })
  void everyStageEqualsTheReference(String name) {
    withModel(name, Goldens.of("eva/" + name)::verify);
  }

  @ParameterizedTest
  @ValueSource(strings = {"separate_norm", "post_norm", "dinov3"})
  void someImagesAtOnceGetTheBitsOfEach(String name) {
    Tensor image = Goldens.of("eva/" + name).input();
    Tensor other = Tensor.zeros(image.dim(0), image.dim(1), image.dim(2));
    withModel(
        name,
        model -> {
          Workspace ws = new Workspace();
          float[] all = model.features(List.of(image, other, image), ws).toArray();
          float[] first = model.features(image, ws).toArray();
          float[] second = model.features(other, ws).toArray();
          int size = first.length;
          assertArrayEquals(first, Arrays.copyOfRange(all, 0, size));
          assertArrayEquals(second, Arrays.copyOfRange(all, size, 2 * size));
          assertArrayEquals(first, Arrays.copyOfRange(all, 2 * size, 3 * size));
        });
  }

  /** As timm builds it where no checkpoint says otherwise. */
  private static Config preset(String architecture) {
    JsonObject preset = new Presets("eva").arguments(architecture);
    int size = preset.integer("img_size", 224);
    String json =
        "{'architecture': '%s', 'num_classes': %d, 'pretrained_cfg': {'input_size': [3, %d, %d]}}"
            .formatted(architecture, preset.integer("num_classes", 1000), size, size);
    return TimmEva.config(TimmConfig.of(TimmConfigs.json(json)));
  }

  @ParameterizedTest
  @MethodSource("listed")
  void isMadeOfTheTensorsOfTheReference(String architecture) {
    Map<String, Shape> tensors = new LinkedHashMap<>();
    Eva.build(preset(architecture), WeightScope.listing(tensors));
    Listings.assertSame(architecture, LISTINGS.get(architecture), tensors);
  }

  @ParameterizedTest
  @MethodSource("notListed")
  void thoseWithLearnedRotationsAreRefusedByName(String architecture) {
    var e = assertThrows(CheckpointException.class, () -> preset(architecture));
    assertTrue(e.getMessage().contains(architecture), e.getMessage());
    assertTrue(e.getMessage().contains("rope_type = \"mixed\" is not supported"), e.getMessage());
  }

  @Test
  void allOfTimmsAreKnown() {
    assertEquals(60, Eva.timmArchitectures().size());
    assertEquals(54, LISTINGS.size());
  }

  @Test
  void fullSizeModelComputesWhatTheReferenceDoes() {
    String name = "vit_tiny_patch16_dinov3_qkvb";
    TimmConfig config = TimmConfigs.of(name, "'img_size': 224, 'num_classes': 5");
    try (Arena arena = Arena.ofConfined()) {
      var weights = new SyntheticWeights(tensors(config));
      ImageModel model = Eva.timm(config, weights, Packer.into(arena));
      Goldens.fullSize("eva", name).verifyResults(model, SyntheticWeights.image(224, 224));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'rope_type': 'mrope'         | with rope_type = "mrope" is not supported; the nearest that is
          'rope_rotate_half': true     | with rope_rotate_half = true is not supported
          'rope_grid_indexing': 'yx'   | with rope_grid_indexing = "yx" is not supported
          'attn_type': 'diff'          | with attn_type = "diff" is not supported
          'swiglu_mlp': false          | with scale_mlp = true is not supported
          'swiglu_align_to': -8        | with swiglu_align_to = -8 is not supported
          'norm_layer': 'rmsnorm'      | with norm_layer = "rmsnorm" is not supported
          'norm_eps': 1e-5             | with norm_eps = 1.0E-5 is not supported
          'dynamic_img_pad': true      | with dynamic_img_pad = true is not supported
          'global_pool': ''            | with global_pool = "" is not supported
          'global_pool': 'token', 'class_token': false | with global_pool = "token" is not supported
          'in_chans': 0                | model_args.in_chans is 0, expected a number of channels
          'qk_norm': true              | model_args.qk_norm is not supported
          'num_heads': 5               | the number of heads of Layer[dim=768, heads=5
          'num_heads': 128             | the heads, whose width is no multiple of 4, of Layer[
          'depth': -1                  | the number of blocks -1
          'num_reg_tokens': -1         | the number of registers of
          'ref_feat_shape': [0, 16]    | ref_feat_shape is
          'rope_temperature': 0        | rope_temperature is 0.0, expected
          'global_pool': 'map', 'attn_pool_num_heads': 7 | the attention pooling of
          """)
  void badArgumentsAreNamed(String arguments, String part) {
    var config = TimmConfigs.of("eva02_base_patch14_448", arguments);
    TimmConfigs.assertRefused(part, () -> TimmEva.config(config));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'architectures': ['DINOv3ViTBackbone'] | architectures is [DINOv3ViTBackbone], expected one of [DINOv3ViTModel]
          'mlp_bias': false          | mlp_bias is false, expected what proj_bias is, true
          'rope_theta': 0            | rope_theta is 0, expected
          'hidden_act': 'mish'       | hidden_act is mish, expected
          'num_channels': 0          | num_channels is 0, expected
          'num_attention_heads': 7   | the number of heads of Layer[dim=384, heads=7
          """)
  void badTransformersConfigurationsAreNamed(String entry, String part) {
    JsonObject good =
        TimmConfigs.json("{'model_type': 'dinov3_vit', 'architectures': ['DINOv3ViTModel']}");
    Config config = TransformersDinov3.config(TransformersConfig.of(good));
    assertEquals(224, config.input().height());
    var prepared = TransformersConfig.of(good).withPrepared(new Size(96, 128));
    assertEquals(48, TransformersDinov3.config(prepared).input().grid().cells());
    JsonObject bad = TimmConfigs.json("{" + entry + "}").withDefaults(good);
    TimmConfigs.assertRefused(part, () -> TransformersDinov3.config(TransformersConfig.of(bad)));
  }

  @Test
  void rotationsThatWereSavedAreIgnored() {
    TimmConfig config = TimmConfigs.of("eva02_tiny_patch14_336", "'embed_dim': 12, 'depth': 1");
    Map<String, Shape> tensors = tensors(config);
    tensors.put("rope.pos_embed", Shape.of(576, 8));
    try (Arena arena = Arena.ofConfined()) {
      Eva.timm(config, new SyntheticWeights(tensors), Packer.into(arena));
    }
  }

  @Test
  void aTensorTooManyIsAnError() {
    TimmConfig config = TimmConfigs.of("eva02_tiny_patch14_336", "'embed_dim': 12, 'depth': 1");
    Map<String, Shape> tensors = tensors(config);
    tensors.put("blocks.0.attn.k_bias", Shape.of(12));
    try (Arena arena = Arena.ofConfined()) {
      var weights = new SyntheticWeights(tensors);
      var e =
          assertThrows(WeightException.class, () -> Eva.timm(config, weights, Packer.into(arena)));
      assertEquals(Defect.UNEXPECTED, e.defect());
      assertEquals("blocks.0.attn.k_bias", e.tensorName());
    }
  }

  /** What an architecture asks for. */
  private static Map<String, Shape> tensors(TimmConfig config) {
    Map<String, Shape> listing = new LinkedHashMap<>();
    Eva.build(TimmEva.config(config), WeightScope.listing(listing));
    return listing;
  }

  private static void withModel(String name, Consumer<ImageModel> test) {
    try (var checkpoint = Checkpoint.open(Goldens.folder("eva/" + name));
        Arena arena = Arena.ofConfined()) {
      Packer packer = Packer.into(arena);
      test.accept(
          switch (checkpoint.config()) {
            case TimmConfig timm -> Eva.timm(timm, checkpoint.weights(), packer);
            case TransformersConfig transformers ->
                Eva.transformers(transformers, checkpoint.weights(), packer);
            case OpenClipConfig _ -> throw new AssertionError("not a golden of open_clip");
          });
    }
  }
}
