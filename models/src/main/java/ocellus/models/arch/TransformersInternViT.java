package ocellus.models.arch;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.layers.Norm;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.image.Size;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.PositionEmbedding.Filter;
import ocellus.models.arch.TokenEmbedding.Input;
import ocellus.models.arch.TokenEmbedding.Positions;
import ocellus.models.arch.TokenEmbedding.Tokens;
import ocellus.models.arch.VisionTransformer.BlockKind;
import ocellus.models.arch.VisionTransformer.Config;
import ocellus.models.arch.VisionTransformer.FinalNorm;
import ocellus.models.arch.VisionTransformer.Head;
import ocellus.models.arch.VisionTransformer.Layer;
import ocellus.models.arch.VisionTransformer.MlpKind;
import ocellus.models.arch.VisionTransformer.Norms;
import ocellus.models.arch.VisionTransformer.Pooling;
import ocellus.models.arch.VisionTransformer.QueryKeyNorm;

/**
 * InternViT, "InternVL: Scaling up Vision Foundation Models", Chen et al. 2023, as OpenGVLab saves
 * it ({@code InternVisionModel}, model type {@code intern_vit_6b}, of all sizes) and as
 * transformers does ({@code InternVLVisionModel}): what their configurations mean, and their names
 * of tensors.
 *
 * <p>Queries and keys are normalised over all heads. The features are the class token: there is no
 * last norm unless transformers' configuration asks for one, by {@code use_mean_pooling} being
 * false. Images may have any size: position embeddings are resampled from a square grid.
 */
final class TransformersInternViT implements VisionTransformer.Foreign {
  private static final int PATCH = 14;

  /** The default, and that of transformers' norms of queries and keys in any case. */
  private static final double EPSILON = 1e-6;

  private final TransformersConfig config;
  private final JsonObject root;
  private final boolean original;

  /**
   * @throws CheckpointException if another class was saved
   */
  TransformersInternViT(TransformersConfig config) {
    this.config = config;
    this.root = config.root();
    this.original = config.modelType().equals("intern_vit_6b");
    TransformersViT.only(
        config, Map.of(original ? "InternVisionModel" : "InternVLVisionModel", true));
  }

  @Override
  public Config config() {
    boolean embedded = original || root.bool("use_absolute_position_embeddings", true);
    Positions positions = embedded ? Positions.ALL : Positions.NONE;
    Tokens tokens = new Tokens(true, false, 0, positions, Filter.BICUBIC, true);
    boolean norm = !original && !root.bool("use_mean_pooling", true);
    FinalNorm last = norm ? FinalNorm.BEFORE_POOLING : FinalNorm.NONE;
    Head head = new Head(Pooling.CLASS_TOKEN, null, false, last, 0);
    Layer layer = layer();
    if (norm && layer.norms().kind() != Norm.Kind.LAYER) {
      throw Extents.invalid(root, "use_mean_pooling", "true where norm_type is rms_norm");
    }
    int depth = root.integer("num_hidden_layers", original ? 48 : 24);
    return new Config(input(), tokens, false, layer, depth, head).checked(root.source());
  }

  private Input input() {
    int side = original ? 224 : 448;
    Input own = TransformersViT.fixedInput(root, PATCH, side);
    if (own.height() / own.patch() != own.width() / own.patch()) {
      throw Extents.invalid(root, "image_size", "as many rows of patches as columns");
    }
    Size size = config.prepared().orElse(new Size(own.height(), own.width()));
    return TransformersViT.input(root, PATCH, side, size);
  }

  private Layer layer() {
    String type = root.string("norm_type", original ? "rms_norm" : "layer_norm");
    Norm.Kind kind =
        switch (type) {
          case "rms_norm" -> Norm.Kind.RMS;
          case "layer_norm" -> Norm.Kind.LAYER;
          default -> throw Extents.invalid(root, "norm_type", "rms_norm or layer_norm");
        };
    boolean headNorms =
        original ? root.bool("qk_normalization", true) : root.bool("use_qk_norm", false);
    QueryKeyNorm queryKeys = headNorms ? QueryKeyNorm.RMS_OF_ALL_HEADS : QueryKeyNorm.NONE;
    double epsilon = root.number("layer_norm_eps", EPSILON);
    if (headNorms && !original && epsilon != EPSILON) {
      throw Extents.invalid(root, "layer_norm_eps", "1e-6 where use_qk_norm is true");
    }
    return new Layer(
        root.integer("hidden_size", original ? 3200 : 1024),
        root.integer("num_attention_heads", original ? 25 : 16),
        root.integer("intermediate_size", original ? 12800 : 4096),
        BlockKind.PRE_NORM,
        root.bool(original ? "qkv_bias" : "attention_bias", false),
        true,
        MlpKind.PLAIN,
        TransformersViT.activation(root, "gelu"),
        new Norms(kind, epsilon, queryKeys, false, false, false),
        true);
  }

  @Override
  public WeightSource renamed(WeightSource weights, int depth) {
    Map<String, String> names = new HashMap<>();
    Map<String, List<String>> joined = new HashMap<>();
    if (original) {
      nameOriginal(depth, names);
    } else {
      nameTransformers(weights, depth, names, joined);
    }
    return new JoinedWeights(new RenamedWeights(weights, names), joined);
  }

  private static void nameOriginal(int depth, Map<String, String> names) {
    names.put("cls_token", "embeddings.class_embedding");
    names.put("pos_embed", "embeddings.position_embedding");
    names.put("patch_embed.proj", "embeddings.patch_embedding");
    for (int i = 0; i < depth; i++) {
      String house = "blocks." + i + ".";
      String file = "encoder.layers." + i + ".";
      names.put(house + "ls1.gamma", file + "ls1");
      names.put(house + "ls2.gamma", file + "ls2");
      for (String module :
          List.of(
              "norm1",
              "norm2",
              "attn.qkv",
              "attn.proj",
              "attn.q_norm",
              "attn.k_norm",
              "mlp.fc1",
              "mlp.fc2")) {
        names.put(house + module, file + module);
      }
    }
  }

  private static void nameTransformers(
      WeightSource weights,
      int depth,
      Map<String, String> names,
      Map<String, List<String>> joined) {
    String model = "internvl_vision.";
    String prefix = TransformersViT.anyStartsWith(weights, model) ? model : "";
    names.put("cls_token", prefix + "embeddings.cls_token");
    names.put("pos_embed", prefix + "embeddings.position_embeddings");
    names.put("mask_token", prefix + "embeddings.mask_token");
    names.put("patch_embed.proj", prefix + "embeddings.patch_embeddings.projection");
    names.put("norm", prefix + "layernorm");
    for (int i = 0; i < depth; i++) {
      String house = "blocks." + i + ".";
      String file = prefix + "encoder.layer." + i + ".";
      TransformersViT.nameAttention(house, file, true, names, joined);
      names.put(house + "attn.proj", file + "attention.projection_layer");
      names.put(house + "attn.q_norm", file + "attention.q_norm");
      names.put(house + "attn.k_norm", file + "attention.k_norm");
      names.put(house + "norm1", file + "layernorm_before");
      names.put(house + "norm2", file + "layernorm_after");
      names.put(house + "ls1.gamma", file + "lambda_1");
      names.put(house + "ls2.gamma", file + "lambda_2");
      names.put(house + "mlp.fc1", file + "mlp.fc1");
      names.put(house + "mlp.fc2", file + "mlp.fc2");
    }
  }

  /** The mask token stands for patches in pre-training alone. */
  @Override
  public void ignoreUnused(WeightScope w) {
    w.ignore("mask_token"::equals);
  }
}
