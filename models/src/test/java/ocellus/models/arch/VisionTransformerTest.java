package ocellus.models.arch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
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
import ocellus.engine.threads.Threads;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.ModelConfig;
import ocellus.loaders.checkpoint.OpenClipConfig;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.image.Preprocessor;
import ocellus.loaders.json.JsonObject;
import ocellus.models.ImageModel;
import ocellus.models.goldens.Goldens;
import ocellus.models.goldens.RealWeights;
import ocellus.models.goldens.SyntheticWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small checkpoints as timm and transformers save them; see make_vit_goldens.py. */
class VisionTransformerTest {
  private static final String SMALL = "'embed_dim': 8, 'depth': 1, 'num_heads': 2, 'img_size': 32";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "class_token",
        "average_pool",
        "no_qkv_bias",
        "registers",
        "pre_norm",
        "gap",
        "unusual",
        "no_positions",
        "gated",
        "distilled",
        "attention_pool",
        "rms_norm",
        "separate_gate",
        "parallel",
        "parallel_bias",
        "paired",
        "post_norm",
        "branch_norms",
        "query_key_norm",
        "resampled",
        "flexible",
        "dynamic",
        "transformers",
        "transformers_new_names",
        "transformers_bare",
      })
  void everyStageEqualsTheReference(String name) {
    withModel(name, unchanged -> unchanged, Goldens.of("vit/" + name)::verify);
  }

  @Test
  void transformersNamesComeWithAndWithoutThePrefix() {
    UnaryOperator<String> bare = name -> name.replaceFirst("^vit\\.", "");
    withModel("transformers", bare, Goldens.of("vit/transformers")::verify);
    withModel("transformers_new_names", bare, Goldens.of("vit/transformers_new_names")::verify);
    withModel("transformers_bare", "vit."::concat, Goldens.of("vit/transformers_bare")::verify);
  }

  @Test
  void publishedWeightsAnswerAsTimmDoes() {
    assumeTrue(VectorWidth.BITS != 0, "the scalar kernels take minutes for 100 photographs");
    var real = new RealWeights("vit_tiny_patch16_224");
    try (var checkpoint = real.open();
        Arena arena = Arena.ofConfined()) {
      ImageModel model = load(checkpoint.config(), checkpoint.weights(), arena);
      real.verify(model, new Preprocessor(checkpoint.preprocessing()));
    }
  }

  @Test
  void saysWhatGoesInAndWhatComesOut() {
    withModel(
        "average_pool",
        name -> name,
        model -> {
          assertEquals(28, model.inputHeight());
          assertEquals(42, model.inputWidth());
          assertEquals(3, model.inputChannels());
          assertEquals(24, model.featureCount());
          assertEquals(10, model.classCount());
        });
    withModel("registers", name -> name, ModelChecks::assertNoLogits);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "class_token",
        "registers",
        "pre_norm",
        "gap",
        "unusual",
        "distilled",
        "attention_pool"
      })
  void someImagesAtOnceGetTheBitsOfEach(String name) {
    Tensor image = Goldens.of("vit/" + name).input();
    withModel(
        name,
        unchanged -> unchanged,
        model -> {
          assertEquals(8, model.imagesAtOnce()); // these are small
          for (int threads = 1; threads <= 2; threads++) {
            try (Threads team = Threads.of(threads)) {
              Workspace ws = new Workspace(team);
              List<Tensor> images = scaled(image, 5);
              Tensor all = model.features(images, ws);
              assertEquals(Shape.of(5, model.featureCount()), all.shape());
              for (int i = 0; i < images.size(); i++) {
                float[] alone = model.features(images.get(i), ws).toArray();
                int from = i * alone.length;
                float[] among = Arrays.copyOfRange(all.toArray(), from, from + alone.length);
                assertArrayEquals(alone, among, "image " + i);
              }
            }
          }
        });
  }

  /** The image, darker and darker. */
  private static List<Tensor> scaled(Tensor image, int count) {
    List<Tensor> images = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      float[] values = image.toArray();
      for (int j = 0; j < values.length; j++) {
        values[j] /= i;
      }
      images.add(Tensor.of(values, image.dim(0), image.dim(1), image.dim(2)));
    }
    return images;
  }

  @Test
  void theImageIsNotChangedAndTheWorkspaceIsReused() {
    Tensor image = Goldens.of("vit/class_token").input();
    withModel("class_token", name -> name, model -> ModelChecks.assertRepeatable(model, image));
  }

  @Test
  void argumentsOfTrainingAreIgnored() {
    String training =
        ", 'drop_rate': 0.1, 'drop_path_rate': 0.2, 'proj_drop_rate': 0.1, 'attn_drop_rate': 0.1,"
            + " 'pos_drop_rate': 0.1, 'patch_drop_rate': 0.5, 'weight_init': 'jax',"
            + " 'fix_init': true, 'qk_norm': false, 'norm_layer': null";
    assertEquals(tensors(small()), tensors(timm(SMALL + training)));
  }

  @Test
  void anArgumentThatIsNullHasItsDefault() {
    var config = TimmConfigs.of("deit3_small_patch16_224", SMALL + ", 'init_values': null");
    assertTrue(tensors(config).keySet().stream().noneMatch(name -> name.contains("gamma")));
  }

  /** save_for_hf writes at the top level how the model pools, whatever it was built with. */
  @Test
  void theSavedModelsPoolingCounts() {
    String json = "{'architecture': 'vit_tiny_patch16_224', 'global_pool': 'avg'}";
    var tensors = tensors(TimmConfig.of(TimmConfigs.json(json)));
    assertTrue(tensors.containsKey("fc_norm.weight"));
  }

  @Test
  void aLayerNormOfItsOwnHasTimmsEpsilon() {
    String clip = "vit_base_patch32_clip_224";
    assertEquals(1e-5, TimmViT.config(TimmConfigs.of(clip)).layer().norms().epsilon());
    String own = "'norm_layer': 'layernorm'";
    assertEquals(1e-6, TimmViT.config(TimmConfigs.of(clip, own)).layer().norms().epsilon());
  }

  @Test
  void theAttentionPoolingThatSiglipDoesNotUseIsIgnored() {
    String gap = "vit_base_patch16_siglip_gap_224";
    Map<String, Shape> tensors = tensors(TimmConfigs.of(gap, SMALL));
    tensors.put("attn_pool.latent", Shape.of(1, 1, 8));
    try (Arena arena = Arena.ofConfined()) {
      VisionTransformer.timm(
          TimmConfigs.of(gap, SMALL), new SyntheticWeights(tensors), Packer.into(arena));
    }
    assertEquals(
        "attn_pool.latent", refusal(small(), with(tensors(small()), tensors)).tensorName());
  }

  private static Map<String, Shape> with(Map<String, Shape> tensors, Map<String, Shape> more) {
    tensors.put("attn_pool.latent", more.get("attn_pool.latent"));
    return tensors;
  }

  @Test
  void aMissingTensorIsAnError() {
    Map<String, Shape> tensors = tensors(small());
    tensors.remove("blocks.0.attn.qkv.bias");
    WeightException e = refusal(small(), tensors);
    assertEquals(Defect.MISSING, e.defect());
    assertEquals("blocks.0.attn.qkv.bias", e.tensorName());
  }

  @Test
  void anExtraTensorIsAnError() {
    Map<String, Shape> tensors = tensors(small());
    tensors.put("blocks.0.ls1.gamma", Shape.of(8));
    WeightException e = refusal(small(), tensors);
    assertEquals(Defect.UNEXPECTED, e.defect());
    assertEquals("blocks.0.ls1.gamma", e.tensorName());
  }

  @Test
  void aMisshapenTensorIsAnError() {
    Map<String, Shape> tensors = tensors(small());
    tensors.put("patch_embed.proj.weight", Shape.of(8, 3, 14, 14));
    WeightException e = refusal(small(), tensors);
    assertEquals(Defect.MISSHAPEN, e.defect());
    assertEquals("patch_embed.proj.weight", e.tensorName());
  }

  @Test
  void errorsNameTheTensorAsTheFileDoes() {
    assertRefusedWithout(
        "vit.encoder.layer.1.attention.attention.key.weight",
        "tensor vit.encoder.layer.1.attention.attention.key.weight is missing");
    assertRefusedWithout(
        "vit.encoder.layer.0.layernorm_after.bias",
        "tensor vit.encoder.layer.0.layernorm_after.bias is missing");
    assertRefusedWithout("classifier.weight", "tensor classifier.weight is missing");
  }

  private static void assertRefusedWithout(String tensor, String part) {
    try (var checkpoint = Checkpoint.open(Goldens.folder("vit/transformers"));
        Arena arena = Arena.ofConfined()) {
      Map<String, Shape> tensors = new LinkedHashMap<>();
      WeightSource file = checkpoint.weights();
      file.names().forEach(name -> tensors.put(name, file.shape(name)));
      tensors.remove(tensor);
      WeightSource rest = new SyntheticWeights(tensors);
      String message =
          assertThrows(WeightException.class, () -> load(checkpoint.config(), rest, arena))
              .getMessage();
      assertTrue(message.contains(part), message);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'attn_layer': 'diff'          | with attn_layer = "diff" is not supported; the nearest that is
          'block_fn': 'respostblock'    | with block_fn = "respostblock" is not supported
          'norm_layer': 'batchnorm'     | with norm_layer = "batchnorm" is not supported
          'mlp_layer': 'swiglu'         | with mlp_layer = "swiglu" is not supported
          'mlp_layer': 'swiglu_packed'  | with mlp_layer = "swiglu_packed" is not supported
          'distilled': true             | with distilled = true is not supported
          'global_pool': 'prr'          | with global_pool = "prr" is not supported
          'global_pool': ''             | with global_pool = "" is not supported
          'class_token': false          | with global_pool = "token" is not supported
          'pos_embed': 'rope'           | with pos_embed = "rope" is not supported
          'in_chans': 0                 | model_args.in_chans is 0, expected a number of channels
          'patch_size': [16, 8]         | with patch_size = [16, 8] is not supported
          'norm_eps': 1e-5              | with norm_eps = 1.0E-5 is not supported
          'act_layer': 'mish'           | model_args.act_layer is mish, expected
          'embedding': 8                | model_args.embedding is not supported
          'patch_size': 0               | model_args.patch_size is 0, expected
          'img_size': [32, 32, 32]      | model_args.img_size is [32, 32, 32], expected
          'img_size': 'large'           | model_args.img_size is "large", expected
          'depth': 1.5                  | model_args.depth is 1.5, expected
          'num_heads': 5                | the number of heads of Layer[dim=192, heads=5
          'num_heads': 0                | the number of heads of Layer[dim=192, heads=0
          'embed_dim': -192             | the widths of Layer[dim=-192
          'mlp_ratio': 0                | the widths of Layer[dim=192, heads=3, hidden=0
          'depth': -1                   | the number of blocks -1
          'depth': 2000000000           | the number of blocks 2000000000
          'img_size': 16000, 'patch_size': 1, 'dynamic_img_size': true | more than fits an array
          'reg_tokens': -1              | the number of registers of Tokens[
          'img_size': 8                 | the sizes of Input[height=8
          'patch_size': 1, 'img_size': 16000 | more than fits an array
          """)
  void badArgumentsAreNamed(String arguments, String part) {
    TimmConfigs.assertRefused(part, () -> TimmViT.config(timm(arguments)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'architectures': ['ViTForMaskedImageModeling'] | architectures is [ViTForMaskedImageModeling]
          'architectures': null     | architectures is null, expected
          'hidden_act': 'mish'      | hidden_act is mish, expected
          'num_channels': 0         | num_channels is 0, expected
          'patch_size': [16, 8]     | patch_size is [16, 8], expected a square
          'patch_size': [16]        | patch_size is [16], expected
          'head_dim': 32            | head_dim is 32, expected
          'num_attention_heads': 5  | the number of heads of Layer[dim=768, heads=5
          'num_attention_heads': 0  | the number of heads of Layer[dim=768, heads=0
          'layer_norm_eps': 0       | the epsilon of Layer[
          'image_size': 12          | the sizes of Input[height=12
          """)
  void badTransformersConfigurationsAreNamed(String entry, String part) {
    JsonObject good = TimmConfigs.json("{'model_type': 'vit', 'architectures': ['ViTModel']}");
    VisionTransformer.foreign(TransformersConfig.of(good)).config();
    JsonObject bad = TimmConfigs.json("{" + entry + "}").withDefaults(good);
    TimmConfigs.assertRefused(
        part, () -> VisionTransformer.foreign(TransformersConfig.of(bad)).config());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'id2label': {'0': 'ant', '1': 'bee', '2': 'cat'} | 3
          'num_labels': 7                                  | 7
          'qkv_bias': true                                 | 2
          """)
  void classesAreCountedAsTransformersDoes(String entry, int classes) {
    JsonObject config =
        TimmConfigs.json(
            "{'model_type': 'vit', 'architectures': ['ViTForImageClassification'], " + entry + "}");
    assertEquals(
        classes, new TransformersViT(TransformersConfig.of(config)).config().head().classes());
  }

  private static TimmConfig timm(String arguments) {
    return TimmConfigs.of("vit_tiny_patch16_224", arguments);
  }

  private static TimmConfig small() {
    return timm(SMALL);
  }

  /** What an architecture asks for. */
  private static Map<String, Shape> tensors(TimmConfig config) {
    Map<String, Shape> listing = new LinkedHashMap<>();
    VisionTransformer.build(TimmViT.config(config), WeightScope.listing(listing));
    return listing;
  }

  private static WeightException refusal(TimmConfig config, Map<String, Shape> tensors) {
    try (Arena arena = Arena.ofConfined()) {
      var weights = new SyntheticWeights(tensors);
      return assertThrows(
          WeightException.class, () -> VisionTransformer.timm(config, weights, Packer.into(arena)));
    }
  }

  private static void withModel(
      String name, UnaryOperator<String> rename, Consumer<ImageModel> test) {
    try (var checkpoint = Checkpoint.open(Goldens.folder("vit/" + name));
        Arena arena = Arena.ofShared()) {
      WeightSource file = checkpoint.weights();
      Map<String, String> names = new HashMap<>();
      file.names().forEach(old -> names.put(rename.apply(old), old));
      test.accept(load(checkpoint.config(), new RenamedWeights(file, names), arena));
    }
  }

  private static ImageModel load(ModelConfig config, WeightSource weights, Arena arena) {
    return switch (config) {
      case TimmConfig timm -> VisionTransformer.timm(timm, weights, Packer.into(arena));
      case TransformersConfig transformers ->
          VisionTransformer.transformers(transformers, weights, Packer.into(arena));
      case OpenClipConfig _ -> throw new AssertionError("not a golden of open_clip");
    };
  }
}
