package ocellus.models.arch;

import static ocellus.engine.kernels.Activation.GELU;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import ocellus.engine.OcellusException;
import ocellus.engine.Shape;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.OpenClipConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.ImageModel;
import ocellus.models.goldens.Goldens;
import ocellus.models.goldens.Listings;
import ocellus.models.goldens.SyntheticWeights;
import ocellus.models.goldens.TextGoldens;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The towers of open_clip; see make_open_clip_goldens.py. */
class OpenClipTest {
  /** As the catalog builds them, for the families of the goldens. */
  private static final OpenClip.Trunk TRUNK =
      (config, weights, packer) ->
          switch (config.architecture().replaceFirst("_.*", "")) {
            case "convnext" -> ConvNext.timm(config, weights, packer);
            case "eva02" -> Eva.timm(config, weights, packer);
            default -> VisionTransformer.timm(config, weights, packer);
          };

  @ParameterizedTest
  @ValueSource(strings = {"plain", "quick_gelu", "openai", "custom_text", "unusual"})
  void everyStageEqualsTheReference(String name) {
    try (var checkpoint = Checkpoint.open(Goldens.folder("open_clip/" + name));
        Arena arena = Arena.ofConfined()) {
      var config = (OpenClipConfig) checkpoint.config();
      WeightSource weights = checkpoint.weights();
      Goldens.of("open_clip/" + name)
          .verify(OpenClip.images(config, weights, Packer.into(arena), TRUNK));
      TextGoldens.of("open_clip/" + name)
          .verify(OpenClip.texts(config, weights, Packer.into(arena)));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "trunk_head",
        "trunk_linear",
        "trunk_mlp",
        "trunk_none",
        "trunk_eva",
        "trunk_siglip"
      })
  void networksOfTimmEqualTheReference(String name) {
    OpenClipConfig config = config(name);
    Map<String, Shape> tensors = Listings.of("open_clip_trunks").get(name);
    try (Arena arena = Arena.ofConfined()) {
      ImageModel model =
          OpenClip.images(config, new SyntheticWeights(tensors), Packer.into(arena), TRUNK);
      assertEquals(0, model.classCount());
      Goldens.of("open_clip/" + name)
          .verifyResults(model, SyntheticWeights.image(model.inputHeight(), model.inputWidth()));
    }
  }

  /** As open_clip's B/32, L/14 at 336 pixels, H/14, g/14 and bigG/14 are configured. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'layers': 12, 'width': 768, 'patch_size': 32 | 12 | 3072 | 49
          'image_size': 336, 'layers': 24, 'width': 1024, 'patch_size': 14 | 16 | 4096 | 576
          'layers': 32, 'width': 1280, 'head_width': 80, 'patch_size': 14 | 16 | 5120 | 256
          'layers': 40, 'width': 1408, 'head_width': 88, 'mlp_ratio': 4.3637, 'patch_size': 14 | 16 | 6144 | 256
          'layers': 48, 'width': 1664, 'head_width': 104, 'mlp_ratio': 4.9231, 'patch_size': 14 | 16 | 8192 | 256
          """)
  void publishedTowersAreConfiguredAsTheyAre(String entries, int heads, int hidden, int patches) {
    var config = new OpenClipVision(TimmConfigs.json("{" + entries + "}"), false).config();
    assertEquals(heads, config.layer().heads());
    assertEquals(hidden, config.layer().hidden());
    assertEquals(patches, config.input().grid().cells());
    assertEquals(GELU, config.layer().activation());
  }

  private static OpenClipConfig config(String name) {
    var file = Goldens.folder("open_clip/" + name).resolve("open_clip_config.json");
    return OpenClipConfig.of(JsonObject.read(file));
  }

  /** The same tower of texts under the names of the other class. */
  @Test
  void textsMayBeInAModuleOfTheirOwn() {
    withRenamed(
        "plain",
        name -> name.startsWith("visual.") || name.startsWith("logit") ? name : "text." + name,
        weights -> {
          try (Arena arena = Arena.ofConfined()) {
            TextGoldens.of("open_clip/plain")
                .verify(OpenClip.texts(config("plain"), weights, Packer.into(arena)));
          }
        });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "logit_scale | stray | tensor stray [] is part of neither tower",
        "visual.ln_post.bias | visual.other | tensor visual.ln_post.bias is missing",
        "ln_final.bias | ln_final.other | tensor ln_final.bias is missing",
        "ln_final.bias | text.ln_final.bias | is part of neither tower",
      })
  void misnamedTensorsAreRefused(String from, String to, String part) {
    withRenamed(
        "plain",
        name -> name.equals(from) ? to : name,
        weights -> {
          try (Arena arena = Arena.ofConfined()) {
            var e =
                assertThrows(
                    OcellusException.class,
                    () -> {
                      OpenClip.images(config("plain"), weights, Packer.into(arena), TRUNK);
                      OpenClip.texts(config("plain"), weights, Packer.into(arena));
                    });
            assertTrue(e.getMessage().contains(part), e.getMessage());
          }
        });
  }

  private interface Task {
    void with(WeightSource weights);
  }

  private static void withRenamed(String name, UnaryOperator<String> rename, Task test) {
    try (var checkpoint = Checkpoint.open(Goldens.folder("open_clip/" + name))) {
      WeightSource file = checkpoint.weights();
      Map<String, String> names = new HashMap<>();
      file.names().forEach(old -> names.put(rename.apply(old), old));
      test.with(new Renamed(file, names));
    }
  }

  /** The tensors of a file by other names, in messages too. */
  private record Renamed(WeightSource file, Map<String, String> toFile) implements WeightSource {
    @Override
    public Set<String> names() {
      return toFile.keySet();
    }

    @Override
    public Shape shape(String name) {
      return file.shape(toFile.get(name));
    }

    @Override
    public void read(String name, long from, float[] target, int offset, int count) {
      file.read(toFile.get(name), from, target, offset, count);
    }

    @Override
    public String description() {
      return "test";
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'embed_dim': 6, 'multimodal_cfg': {} | CoCa is not supported
          'embed_dim': 6, 'text_tower': {} | model_cfg.text_tower is not an argument
          'embed_dim': 0 | model_cfg.embed_dim is 0
          'embed_dim': 6, 'vision_cfg': {'attentional_pool': true} | vision_cfg.attentional_pool is true, which is not supported
          'embed_dim': 6, 'vision_cfg': {'qk_norm': true} | qk_norm is true
          'embed_dim': 6, 'vision_cfg': {'pool_type': 'none'} | pool_type is none, expected tok or avg
          'embed_dim': 6, 'vision_cfg': {'pos_embed_type': 'rope'} | pos_embed_type is rope
          'embed_dim': 6, 'vision_cfg': {'patch_size': [16, 8]} | a square patch
          'embed_dim': 6, 'vision_cfg': {'wdith': 8} | wdith is not an argument
          'embed_dim': 6, 'vision_cfg': {'block_type': 'custom'} | block_type is custom
          'embed_dim': 6, 'vision_cfg': {'timm_model_name': 'vit_base', 'timm_pool': 'rot_attn'} | timm_pool is rot_attn
          'embed_dim': 6, 'vision_cfg': {'timm_model_name': 'vit_base', 'timm_proj': 'cubic'} | timm_proj is cubic
          'embed_dim': 6, 'vision_cfg': {'timm_model_name': 'hf-hub:a/b', 'timm_proj': 'none'} | timm_model_name is hf-hub:a/b
          'embed_dim': 6, 'text_cfg': {'embed_cls': true} | embed_cls is true
          'embed_dim': 6, 'text_cfg': {'hf_model_name': 'roberta-base'} | hf_model_name is roberta-base
          'embed_dim': 6, 'text_cfg': {'pool_type': 'none'} | expected argmax, eos, last or first
          'embed_dim': 6, 'text_cfg': {'proj_type': 'mlp'} | proj_type is mlp
          'embed_dim': 6, 'text_cfg': {'act_kwargs': {'approximate': 'erf'}} | approximate is erf
          'embed_dim': 6, 'quick_gelu': true, 'text_cfg': {'act_kwargs': {'approximate': 'tanh'}} | approximate is tanh
          'embed_dim': 6, 'text_cfg': {'norm_kwargs': {'elementwise_affine': false}} | elementwise_affine is not an argument
          """)
  void whatIsNotSupportedIsNamed(String entries, String part) {
    String towers = "";
    for (String tower : new String[] {"vision_cfg", "text_cfg"}) {
      towers += entries.contains("'" + tower + "'") ? "" : ", '" + tower + "': {}";
    }
    JsonObject json = TimmConfigs.json("{'model_cfg': {" + entries + towers + "}}");
    WeightSource none = new SyntheticWeights(Map.of());
    TimmConfigs.assertRefused(
        part,
        () -> {
          OpenClipConfig config = OpenClipConfig.of(json);
          try (Arena arena = Arena.ofConfined()) {
            if (entries.contains("text_cfg")) {
              OpenClip.texts(config, none, Packer.into(arena));
            } else {
              OpenClip.images(config, none, Packer.into(arena), TRUNK);
            }
          }
        });
  }
}
