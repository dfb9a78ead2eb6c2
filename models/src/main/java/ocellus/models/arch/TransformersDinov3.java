package ocellus.models.arch;

import java.util.HashMap;
import java.util.Map;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Activation;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.image.Size;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.Eva.Config;
import ocellus.models.arch.Eva.Head;
import ocellus.models.arch.Eva.Layer;
import ocellus.models.arch.Eva.MlpKind;
import ocellus.models.arch.Eva.Pooling;
import ocellus.models.arch.Eva.Qkv;
import ocellus.models.arch.PositionEmbedding.Filter;
import ocellus.models.arch.TokenEmbedding.Input;
import ocellus.models.arch.TokenEmbedding.Positions;
import ocellus.models.arch.TokenEmbedding.Tokens;

/**
 * transformers' {@code DINOv3ViTModel}: what its configuration means, and its names of tensors, as
 * they are saved and as the modules are called. Images may have any size.
 */
final class TransformersDinov3 {
  private static final int PATCH = 16;

  private TransformersDinov3() {}

  static Config config(TransformersConfig config) {
    TransformersViT.only(config, Map.of("DINOv3ViTModel", true));
    JsonObject root = config.root();
    Input own = TransformersViT.fixedInput(root, PATCH);
    Size size = config.prepared().orElse(new Size(own.height(), own.width()));
    Tokens tokens =
        new Tokens(
            true,
            false,
            root.integer("num_register_tokens", 0),
            Positions.NONE,
            Filter.ANTIALIASED_BICUBIC,
            true);
    double temperature = root.number("rope_theta", 100);
    if (!(temperature > 0)) {
      throw Extents.invalid(root, "rope_theta", "a number above 0");
    }
    Head head = new Head(Pooling.CLASS_TOKEN, null, 1, 1, true, false, 0);
    return new Config(
            TransformersViT.input(root, PATCH, 224, size),
            tokens,
            new Rotations.ByCentre(temperature),
            false,
            layer(root),
            root.integer("num_hidden_layers", 12),
            head)
        .checked(root.source());
  }

  private static Layer layer(JsonObject root) {
    boolean bias = root.bool("proj_bias", true);
    if (root.bool("mlp_bias", true) != bias) {
      throw Extents.invalid(root, "mlp_bias", "what proj_bias is, " + bias);
    }
    Qkv qkv =
        new Qkv(
            true,
            root.bool("query_bias", true),
            root.bool("key_bias", false),
            root.bool("value_bias", true));
    boolean gated = root.bool("use_gated_mlp", false);
    Activation activation = TransformersViT.activation(root, "gelu");
    return new Layer(
        root.integer("hidden_size", 384),
        root.integer("num_attention_heads", 6),
        root.integer("intermediate_size", 1536),
        qkv,
        false,
        gated ? MlpKind.GATED_SEPARATE : MlpKind.PLAIN,
        activation,
        bias,
        root.number("layer_norm_eps", 1e-5),
        true,
        false);
  }

  /** The checkpoint in timm's names. */
  static WeightSource renamed(WeightSource weights, Config config) {
    String prefix = TransformersViT.anyStartsWith(weights, "model.layer.") ? "model." : "";
    boolean gated = config.layer().mlp() != MlpKind.PLAIN;
    Map<String, String> names = new HashMap<>();
    names.put("cls_token", "embeddings.cls_token");
    names.put("reg_token", "embeddings.register_tokens");
    names.put("mask_token", "embeddings.mask_token");
    names.put("patch_embed.proj", "embeddings.patch_embeddings");
    names.put("norm", "norm");
    for (int i = 0; i < config.depth(); i++) {
      String house = "blocks." + i + ".";
      String file = prefix + "layer." + i + ".";
      names.put(house + "norm1", file + "norm1");
      names.put(house + "norm2", file + "norm2");
      names.put(house + "gamma_1", file + "layer_scale1.lambda1");
      names.put(house + "gamma_2", file + "layer_scale2.lambda1");
      names.put(house + "attn.q_proj", file + "attention.q_proj");
      names.put(house + "attn.k_proj", file + "attention.k_proj");
      names.put(house + "attn.v_proj", file + "attention.v_proj");
      names.put(house + "attn.proj", file + "attention.o_proj");
      names.put(house + "mlp.fc1_g", file + "mlp.gate_proj");
      names.put(house + (gated ? "mlp.fc1_x" : "mlp.fc1"), file + "mlp.up_proj");
      names.put(house + "mlp.fc2", file + "mlp.down_proj");
    }
    return new RenamedWeights(weights, names);
  }

  /**
   * The mask token stands for patches in pre-training; no registers are saved as an empty tensor.
   */
  static void ignoreUnused(WeightScope w, Config config) {
    boolean none = config.tokens().registers() == 0;
    w.ignore(name -> name.equals("mask_token") || (none && name.equals("reg_token")));
  }
}
