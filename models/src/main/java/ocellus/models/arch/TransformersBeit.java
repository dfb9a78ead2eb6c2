package ocellus.models.arch;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.Beit.Bias;
import ocellus.models.arch.Beit.Config;
import ocellus.models.arch.Beit.Layer;

/**
 * {@link Beit} as transformers configures it, and its names of tensors, those up to version 4 and
 * those since.
 */
final class TransformersBeit {
  private static final String MODEL = "beit.";

  private TransformersBeit() {}

  static Config config(TransformersConfig config) {
    boolean classifies =
        TransformersViT.only(
            config, Map.of("BeitForImageClassification", true, "BeitModel", false));
    JsonObject root = config.root();
    boolean mean = root.bool("use_mean_pooling", true);
    return new Config(
            TransformersViT.fixedInput(root, 16),
            TimmBeit.tokens(root.bool("use_absolute_position_embeddings", false)),
            layer(root),
            root.integer("num_hidden_layers", 12),
            mean ? GlobalPool.AVERAGE : null,
            mean,
            classifies ? TransformersViT.classes(root) : 0)
        .checked(root.source());
  }

  private static Layer layer(JsonObject root) {
    boolean shared = root.bool("use_shared_relative_position_bias", false);
    boolean own = root.bool("use_relative_position_bias", false);
    if (shared && own) {
      throw Extents.invalid(
          root, "use_shared_relative_position_bias", "false where each block has its own");
    }
    int dim = root.integer("hidden_size", 768);
    int heads = root.integer("num_attention_heads", 12);
    if (root.has("head_dim") && (long) root.integer("head_dim") * heads != dim) {
      throw Extents.invalid(root, "head_dim", "hidden_size / num_attention_heads");
    }
    return new Layer(
        dim,
        heads,
        root.integer("intermediate_size", 3072),
        true,
        shared ? Bias.SHARED : own ? Bias.OF_EACH_BLOCK : Bias.NONE,
        TransformersViT.activation(root, "gelu"),
        root.number("layer_norm_eps", 1e-12),
        root.number("layer_scale_init_value", 0.1) > 0);
  }

  /** The checkpoint in timm's names, query, key and value joined. */
  static WeightSource renamed(WeightSource weights, Config config) {
    String prefix = TransformersViT.anyStartsWith(weights, MODEL) ? MODEL : "";
    boolean since5 = TransformersViT.anyStartsWith(weights, prefix + "layers.");
    Map<String, String> names = new HashMap<>();
    names.put("cls_token", prefix + "embeddings.cls_token");
    names.put("pos_embed", prefix + "embeddings.position_embeddings");
    names.put("mask_token", prefix + "embeddings.mask_token");
    names.put("patch_embed.proj", prefix + "embeddings.patch_embeddings.projection");
    names.put(
        "rel_pos_bias",
        prefix + (since5 ? "shared_position_bias" : "encoder.relative_position_bias"));
    names.put("norm", prefix + "layernorm");
    names.put("fc_norm", prefix + "pooler.layernorm");
    names.put("head", "classifier");
    Map<String, List<String>> joined = new HashMap<>();
    for (int i = 0; i < config.depth(); i++) {
      String house = "blocks." + i + ".";
      String file = prefix + (since5 ? "layers." : "encoder.layer.") + i + ".";
      TransformersViT.nameAttention(house, file, since5, names, joined);
      names.put(house + "attn.q_bias", names.get(house + "attn.q") + ".bias");
      names.put(house + "attn.v_bias", names.get(house + "attn.v") + ".bias");
      names.put(
          house + "attn", file + (since5 ? "" : "attention.attention.") + "relative_position_bias");
      names.put(house + "norm1", file + "layernorm_before");
      names.put(house + "norm2", file + "layernorm_after");
      names.put(house + "gamma_1", file + "lambda_1");
      names.put(house + "gamma_2", file + "lambda_2");
      names.put(house + "mlp.fc1", file + (since5 ? "mlp.fc1" : "intermediate.dense"));
      names.put(house + "mlp.fc2", file + (since5 ? "mlp.fc2" : "output.dense"));
    }
    return new JoinedWeights(new RenamedWeights(weights, names), joined);
  }

  /** The mask token stands for patches in pre-training alone. */
  static void ignoreUnused(WeightScope w) {
    w.ignore("mask_token"::equals);
  }
}
