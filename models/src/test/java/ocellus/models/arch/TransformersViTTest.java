package ocellus.models.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import ocellus.engine.Shape;
import ocellus.engine.WeightException;
import ocellus.engine.WeightException.Defect;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.image.Size;
import ocellus.loaders.json.JsonObject;
import ocellus.models.ImageModel;
import ocellus.models.arch.VisionTransformer.Config;
import ocellus.models.goldens.Goldens;
import ocellus.models.goldens.SyntheticWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The relatives of ViT as transformers saves them; see make_vit_transformers_goldens.py. */
class TransformersViTTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "deit_with_teacher",
        "deit_classifier",
        "deit_model",
        "mae_pretraining",
        "mae_model",
        "ijepa_model",
        "ijepa_classifier",
        "dinov2_model",
        "dinov2_gated",
        "dinov2_gated_new_names",
        "dinov2_registers",
        "siglip_model",
        "siglip_classifier",
        "siglip_both_towers",
        "internvit",
        "internvit_opengvlab",
        "internvit_norm",
      })
  void everyStageEqualsTheReference(String name) {
    withModel(name, unchanged -> unchanged, Goldens.of("vit_transformers/" + name)::verify);
  }

  @ParameterizedTest
  @CsvSource({
    "deit_model, deit.",
    "mae_pretraining, vit.",
    "dinov2_model, dinov2.",
    "siglip_model, vision_model."
  })
  void namesComeWithAndWithoutThePrefix(String name, String prefix) {
    UnaryOperator<String> other =
        tensor -> tensor.startsWith(prefix) ? tensor.substring(prefix.length()) : prefix + tensor;
    boolean decoder = name.startsWith("mae");
    withModel(
        name,
        tensor -> decoder && tensor.startsWith("decoder.") ? tensor : other.apply(tensor),
        Goldens.of("vit_transformers/" + name)::verify);
  }

  @Test
  void imagesOfDinov2HaveTheSizeThatTheyArePreparedIn() {
    withModel(
        "dinov2_model",
        name -> name,
        model -> {
          assertEquals(28, model.inputHeight());
          assertEquals(35, model.inputWidth());
        });
  }

  /** The same weights without {@code decoder.}, which no ViT has, are refused. */
  @Test
  void onlyMaeHasADecoderThatIsIgnored() {
    try (var checkpoint = Checkpoint.open(Goldens.folder("vit_transformers/ijepa_model"));
        Arena arena = Arena.ofConfined()) {
      Map<String, Shape> tensors = new LinkedHashMap<>();
      WeightSource file = checkpoint.weights();
      file.names().forEach(name -> tensors.put(name, file.shape(name)));
      tensors.put("decoder.mask_token", Shape.of(1, 1, 8));
      var config = (TransformersConfig) checkpoint.config();
      var weights = new SyntheticWeights(tensors);
      WeightException e =
          assertThrows(
              WeightException.class,
              () -> VisionTransformer.transformers(config, weights, Packer.into(arena)));
      assertEquals(Defect.UNEXPECTED, e.defect());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'model_type': 'dinov2'  | architectures is null, expected one of [Dinov2ForImageClassification, Dinov2Model]
          'model_type': 'dinov2', 'architectures': ['Dinov2Backbone'] | architectures is [Dinov2Backbone]
          'model_type': 'dinov2', 'architectures': ['Dinov2Model'], 'image_size': [28, 42] | as many rows of patches
          'model_type': 'dinov2', 'architectures': ['Dinov2Model'], 'patch_size': [14, 7] | a square patch
          'model_type': 'deit', 'architectures': ['DeiTForMaskedImageModeling'] | DeiTForImageClassificationWithTeacher
          'model_type': 'vit_mae', 'architectures': ['ViTModel'] | [ViTMAEForPreTraining, ViTMAEModel]
          'model_type': 'siglip', 'architectures': ['SiglipTextModel'] | expected one of [SiglipForImageClassification, SiglipModel]
          'model_type': 'siglip_vision_model', 'architectures': ['SiglipVisionModel'], 'vision_use_head': false | vision_use_head is false
          'model_type': 'intern_vit_6b', 'architectures': ['InternVLChatModel'] | expected one of [InternVisionModel]
          'model_type': 'intern_vit_6b', 'architectures': ['InternVisionModel'], 'norm_type': 'batch' | norm_type is batch
          'model_type': 'intern_vit_6b', 'architectures': ['InternVisionModel'], 'num_attention_heads': 24 | the number of heads of Layer[dim=3200, heads=24
          'model_type': 'internvl_vision', 'architectures': ['InternVLVisionModel'], 'image_size': [448, 224] | as many rows of patches
          'model_type': 'internvl_vision', 'architectures': ['InternVLVisionModel'], 'norm_type': 'rms_norm', 'use_mean_pooling': false | use_mean_pooling is false
          'model_type': 'internvl_vision', 'architectures': ['InternVLVisionModel'], 'use_qk_norm': true, 'layer_norm_eps': 1e-5 | layer_norm_eps is
          'model_type': 'dinov2_with_registers', 'architectures': ['Dinov2WithRegistersModel'], 'num_register_tokens': -1 | the number of registers of
          """)
  void badConfigurationsAreNamed(String entries, String part) {
    JsonObject bad = TimmConfigs.json("{" + entries + "}");
    TimmConfigs.assertRefused(
        part, () -> VisionTransformer.foreign(TransformersConfig.of(bad)).config());
  }

  @Test
  void theGiantIsMadeAsTheReferenceMakesIt() {
    JsonObject giant =
        TimmConfigs.json(
            "{'model_type': 'dinov2', 'architectures': ['Dinov2Model'], 'hidden_size': 1536,"
                + " 'num_attention_heads': 24, 'num_hidden_layers': 40, 'image_size': 518,"
                + " 'use_swiglu_ffn': true}");
    TransformersConfig saved = TransformersConfig.of(giant);
    Config alone = VisionTransformer.foreign(saved).config();
    assertEquals(4096, alone.layer().hidden());
    assertEquals(518, alone.input().height());
    Config prepared = VisionTransformer.foreign(saved.withPrepared(new Size(224, 280))).config();
    assertEquals(16, prepared.input().grid().rows());
    assertEquals(20, prepared.input().grid().columns());
    assertEquals(37, prepared.input().trainedGrid().rows());
  }

  /** As the 6B and the 300M of OpenGVLab are configured. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'num_hidden_layers': 45 | 3200 | 45 | RMS | RMS_OF_ALL_HEADS | false
          'hidden_size': 1024, 'num_attention_heads': 16, 'intermediate_size': 4096, 'num_hidden_layers': 24, 'norm_type': 'layer_norm', 'qkv_bias': true, 'qk_normalization': false | 1024 | 24 | LAYER | NONE | true
          """)
  void internVitIsConfiguredAsPublished(
      String entries, int dim, int depth, String norm, String heads, boolean bias) {
    JsonObject json =
        TimmConfigs.json(
            "{'model_type': 'intern_vit_6b', 'architectures': ['InternVisionModel'],"
                + " 'image_size': 448, "
                + entries
                + "}");
    Config config = VisionTransformer.foreign(TransformersConfig.of(json)).config();
    assertEquals(dim, config.layer().dim());
    assertEquals(depth, config.depth());
    assertEquals(norm, config.layer().norms().kind().name());
    assertEquals(heads, config.layer().norms().queryKeys().name());
    assertEquals(bias, config.layer().qkvBias());
    assertEquals(32, config.input().grid().rows());
  }

  private static void withModel(
      String name, UnaryOperator<String> rename, Consumer<ImageModel> test) {
    try (var checkpoint = Checkpoint.open(Goldens.folder("vit_transformers/" + name));
        Arena arena = Arena.ofConfined()) {
      WeightSource file = checkpoint.weights();
      Map<String, String> names = new HashMap<>();
      file.names().forEach(old -> names.put(rename.apply(old), old));
      var config = (TransformersConfig) checkpoint.config();
      var weights = new RenamedWeights(file, names);
      test.accept(VisionTransformer.transformers(config, weights, Packer.into(arena)));
    }
  }
}
