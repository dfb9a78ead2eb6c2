package ocellus.models.arch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.WeightException;
import ocellus.engine.WeightException.Defect;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.OpenClipConfig;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.ImageModel;
import ocellus.models.arch.Beit.Config;
import ocellus.models.goldens.Goldens;
import ocellus.models.goldens.Listings;
import ocellus.models.goldens.SyntheticWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against timm and transformers; see make_beit_goldens.py and make_eva_presets.py. */
class BeitTest {
  private static final Map<String, Map<String, Shape>> LISTINGS = Listings.of("beit");

  private static final String SMALL =
      "'embed_dim': 8, 'depth': 1, 'num_heads': 2, 'img_size': 32, 'patch_size': 16";

  static Set<String> listed() {
    return LISTINGS.keySet();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bias_of_each_block",
        "shared_bias",
        "no_bias",
        "transformers",
        "transformers_new_names",
        "transformers_shared_bias",
      })
  void everyStageEqualsTheReference(String name) {
    withModel(name, Goldens.of("beit/" + name)::verify);
  }

  @Test
  void someImagesAtOnceGetTheBitsOfEach() {
    Tensor image = Goldens.of("beit/bias_of_each_block").input();
    withModel(
        "bias_of_each_block",
        model -> {
          Workspace ws = new Workspace();
          float[] both = model.features(List.of(Tensor.zeros(16, 16, 3), image), ws).toArray();
          float[] alone = model.features(image, ws).toArray();
          assertArrayEquals(alone, Arrays.copyOfRange(both, alone.length, both.length));
        });
  }

  /** As timm builds it where no checkpoint says otherwise. */
  private static Config preset(String architecture) {
    int size = new Presets("beit").arguments(architecture).integer("img_size", 224);
    String json =
        "{'architecture': '%s', 'pretrained_cfg': {'input_size': [3, %d, %d]}}"
            .formatted(architecture, size, size);
    return TimmBeit.config(TimmConfig.of(TimmConfigs.json(json)));
  }

  @ParameterizedTest
  @MethodSource("listed")
  void isMadeOfTheTensorsOfTheReference(String architecture) {
    Map<String, Shape> tensors = new LinkedHashMap<>();
    Beit.build(preset(architecture), WeightScope.listing(tensors));
    Listings.assertSame(architecture, LISTINGS.get(architecture), tensors);
  }

  @Test
  void allOfTimmsAreKnown() {
    assertEquals(Beit.timmArchitectures(), LISTINGS.keySet());
    assertEquals(7, LISTINGS.size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'use_shared_rel_pos_bias': true | with use_shared_rel_pos_bias = true is not supported; the nearest that is
          'scale_mlp': true               | with scale_mlp = true is not supported
          'swiglu_mlp': true              | with swiglu_mlp = true is not supported
          'dynamic_img_size': true        | with dynamic_img_size = true is not supported
          'global_pool': 'map'            | with global_pool = "map" is not supported
          'img_size': [224, 256]          | the patches, which are no square, Grid[rows=14, columns=16]
          'num_heads': 7                  | the number of heads of Layer[dim=768, heads=7
          'depth': -1                     | the number of blocks -1
          'class_token': false            | model_args.class_token is not supported
          """)
  void badArgumentsAreNamed(String arguments, String part) {
    var config = TimmConfigs.of("beit_base_patch16_224", arguments);
    TimmConfigs.assertRefused(part, () -> TimmBeit.config(config));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'architectures': ['BeitForSemanticSegmentation'] | expected one of [BeitForImageClassification, BeitModel]
          'use_relative_position_bias': true, 'use_shared_relative_position_bias': true | use_shared_relative_position_bias is true
          'image_size': [224, 256]                         | the patches, which are no square,
          'head_dim': 32                                   | head_dim is 32, expected
          """)
  void badTransformersConfigurationsAreNamed(String entry, String part) {
    JsonObject good = TimmConfigs.json("{'model_type': 'beit', 'architectures': ['BeitModel']}");
    TransformersBeit.config(TransformersConfig.of(good));
    JsonObject bad = TimmConfigs.json("{" + entry + "}").withDefaults(good);
    TimmConfigs.assertRefused(part, () -> TransformersBeit.config(TransformersConfig.of(bad)));
  }

  @Test
  void indicesOfBiasesAreIgnoredAndNothingElseIs() {
    TimmConfig config = TimmConfigs.of("beit_base_patch16_224", SMALL);
    Map<String, Shape> tensors = new LinkedHashMap<>();
    Beit.build(TimmBeit.config(config), WeightScope.listing(tensors));
    tensors.put("blocks.0.attn.relative_position_index", Shape.of(5, 5));
    try (Arena arena = Arena.ofConfined()) {
      Beit.timm(config, new SyntheticWeights(tensors), Packer.into(arena));
      tensors.put("blocks.0.attn.k_bias", Shape.of(8));
      var more = new SyntheticWeights(tensors);
      var e =
          assertThrows(WeightException.class, () -> Beit.timm(config, more, Packer.into(arena)));
      assertEquals(Defect.UNEXPECTED, e.defect());
      assertEquals("blocks.0.attn.k_bias", e.tensorName());
    }
  }

  private static void withModel(String name, Consumer<ImageModel> test) {
    try (var checkpoint = Checkpoint.open(Goldens.folder("beit/" + name));
        Arena arena = Arena.ofConfined()) {
      Packer packer = Packer.into(arena);
      test.accept(
          switch (checkpoint.config()) {
            case TimmConfig timm -> Beit.timm(timm, checkpoint.weights(), packer);
            case TransformersConfig transformers ->
                Beit.transformers(transformers, checkpoint.weights(), packer);
            case OpenClipConfig _ -> throw new AssertionError("not a golden of open_clip");
          });
    }
  }
}
