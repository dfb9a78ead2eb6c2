package ocellus.models.arch;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.PositionEmbedding.Filter;
import ocellus.models.arch.VisionTransformer.Config;
import ocellus.models.arch.VisionTransformer.FinalNorm;
import ocellus.models.arch.VisionTransformer.Head;
import ocellus.models.arch.VisionTransformer.Input;
import ocellus.models.arch.VisionTransformer.Layer;
import ocellus.models.arch.VisionTransformer.Positions;
import ocellus.models.arch.VisionTransformer.Tokens;

/**
 * transformers' {@code ViTForImageClassification} and {@code ViTModel}: what their configuration
 * means, and their names of tensors, those up to version 4 and those since.
 */
final class TransformersViT {
  private static final String CLASSIFIER = "ViTForImageClassification";
  private static final String BARE = "ViTModel";

  private TransformersViT() {}

  static Config config(TransformersConfig config) {
    JsonObject root = config.root();
    int channels = root.integer("num_channels", 3);
    if (channels != 3) {
      throw Extents.invalid(root, "num_channels", "3");
    }
    int patch = sides(root, "patch_size", 16)[0];
    if (patch != sides(root, "patch_size", 16)[1]) {
      throw Extents.invalid(root, "patch_size", "a square patch");
    }
    int[] image = sides(root, "image_size", 224);
    var input = new Input(image[0], image[1], image[0], image[1], patch);
    var tokens = new Tokens(true, 0, Positions.ALL, Filter.ANTIALIASED_BICUBIC, false);
    var head = new Head(null, false, FinalNorm.BEFORE_POOLING, classes(config));
    int depth = root.integer("num_hidden_layers", 12);
    return new Config(input, tokens, layer(root), depth, head).checked(root.source());
  }

  private static Layer layer(JsonObject root) {
    int dim = root.integer("hidden_size", 768);
    int heads = root.integer("num_attention_heads", 12);
    if (root.has("head_dim") && (long) root.integer("head_dim") * heads != dim) {
      throw Extents.invalid(root, "head_dim", "hidden_size / num_attention_heads");
    }
    String activation = root.string("hidden_act", "gelu");
    return new Layer(
        dim,
        heads,
        root.integer("intermediate_size", 3072),
        root.bool("qkv_bias", true),
        true,
        ActivationNames.transformers(activation)
            .orElseThrow(
                () ->
                    Extents.invalid(
                        root,
                        "hidden_act",
                        "an activation that Ocellus has: gelu, gelu_new, gelu_pytorch_tanh,"
                            + " gelu_fast, quick_gelu, relu or silu")),
        root.number("layer_norm_eps", 1e-12),
        false);
  }

  /** As transformers counts them: the entries of {@code id2label}, else {@code num_labels}. */
  private static int classes(TransformersConfig config) {
    JsonObject root = config.root();
    if (config.architectures().contains(BARE)) {
      return 0;
    }
    if (!config.architectures().contains(CLASSIFIER)) {
      throw Extents.invalid(
          root, "architectures", "[\"%s\"] or [\"%s\"]".formatted(CLASSIFIER, BARE));
    }
    return root.has("id2label")
        ? root.object("id2label").keys().size()
        : root.integer("num_labels", 2);
  }

  /** The checkpoint in timm's names, query, key and value joined. */
  static WeightSource renamed(WeightSource weights, int depth) {
    String prefix = anyStartsWith(weights, "vit.") ? "vit." : "";
    boolean since5 = anyStartsWith(weights, prefix + "layers.");
    Map<String, String> names = new HashMap<>();
    names.put("cls_token", prefix + "embeddings.cls_token");
    names.put("pos_embed", prefix + "embeddings.position_embeddings");
    names.put("mask_token", prefix + "embeddings.mask_token");
    names.put("patch_embed.proj", prefix + "embeddings.patch_embeddings.projection");
    names.put("norm", prefix + "layernorm");
    names.put("pooler.dense", prefix + "pooler.dense");
    names.put("head", "classifier");
    Map<String, List<String>> joined = new HashMap<>();
    for (int i = 0; i < depth; i++) {
      String house = "blocks." + i + ".";
      String file = prefix + (since5 ? "layers." : "encoder.layer.") + i + ".";
      String qkv = since5 ? "attention.%s_proj" : "attention.attention.%s";
      names.put(house + "attn.q", file + qkv.formatted(since5 ? "q" : "query"));
      names.put(house + "attn.k", file + qkv.formatted(since5 ? "k" : "key"));
      names.put(house + "attn.v", file + qkv.formatted(since5 ? "v" : "value"));
      names.put(house + "attn.proj", file + "attention." + (since5 ? "o_proj" : "output.dense"));
      names.put(house + "norm1", file + "layernorm_before");
      names.put(house + "norm2", file + "layernorm_after");
      names.put(house + "mlp.fc1", file + (since5 ? "mlp.fc1" : "intermediate.dense"));
      names.put(house + "mlp.fc2", file + (since5 ? "mlp.fc2" : "output.dense"));
      joined.put(house + "attn.qkv", List.of(house + "attn.q", house + "attn.k", house + "attn.v"));
    }
    return new JoinedWeights(new RenamedWeights(weights, names), joined);
  }

  private static boolean anyStartsWith(WeightSource weights, String prefix) {
    return weights.names().stream().anyMatch(name -> name.startsWith(prefix));
  }

  /** The pooler is not the features; the mask token stands for patches in pre-training alone. */
  static void ignoreUnused(WeightScope w) {
    w.ignore(name -> name.startsWith("pooler.") || name.equals("mask_token"));
  }

  private static int[] sides(JsonObject root, String key, int absent) {
    return Extents.oneOrList(root, key, absent, 2, Input.LONGEST_SIDE);
  }
}
