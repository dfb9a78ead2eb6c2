package ocellus.models.arch;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import ocellus.engine.Shape;
import ocellus.engine.WeightSource;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.PositionEmbedding.Filter;
import ocellus.models.arch.SlicedWeights.Slice;
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

/**
 * open_clip's {@code VisionTransformer}: what {@code vision_cfg} means, and its names of tensors.
 */
final class OpenClipVision {
  private static final Set<String> SWITCHES =
      Set.of(
          "attentional_pool",
          "qk_norm",
          "scaled_cosine_attn",
          "scale_heads",
          "scale_attn_inner",
          "scale_attn",
          "scale_fc");

  /** What has an effect in training, for tokens that are not asked for, or for timm's towers. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "patch_dropout",
          "output_tokens",
          "attn_pooler_queries",
          "attn_pooler_heads",
          "timm_model_name",
          "timm_model_pretrained",
          "timm_pool",
          "timm_proj",
          "timm_proj_bias",
          "timm_drop",
          "timm_drop_path");

  private static final Set<String> WITH_EFFECT =
      Set.of(
          "layers",
          "width",
          "head_width",
          "mlp_ratio",
          "patch_size",
          "image_size",
          "ls_init_value",
          "no_ln_pre",
          "pos_embed_type",
          "final_ln_after_pool",
          "pool_type",
          "act_kwargs",
          "norm_kwargs",
          "block_type");

  private final JsonObject json;
  private final boolean quickGelu;
  private final int dim;
  private final int depth;

  /**
   * @throws CheckpointException if the configuration asks for what is not supported
   */
  OpenClipVision(JsonObject json, boolean quickGelu) {
    requireKnown(json);
    OpenClip.requireOff(json, SWITCHES);
    OpenClip.requirePlainBlocks(json);
    this.json = json;
    this.quickGelu = quickGelu;
    this.dim = json.integer("width", 768);
    this.depth = json.integer("layers", 12);
  }

  /**
   * @throws CheckpointException if there is a key that open_clip does not have
   */
  static void requireKnown(JsonObject json) {
    Set<String> known = new HashSet<>(SWITCHES);
    known.addAll(WITHOUT_EFFECT);
    known.addAll(WITH_EFFECT);
    OpenClip.requireKnown(json, known);
  }

  Config config() {
    String positions = json.string("pos_embed_type", "learnable");
    if (!positions.equals("learnable") && !positions.equals("sin_cos_2d")) {
      throw Extents.invalid(json, "pos_embed_type", "learnable or sin_cos_2d");
    }
    Tokens tokens = new Tokens(true, false, 0, Positions.ALL, Filter.ANTIALIASED_BICUBIC, false);
    int headWidth = Extents.one(json, "head_width", 64, Integer.MAX_VALUE);
    Layer layer =
        new Layer(
            dim,
            dim / headWidth,
            (int) (dim * json.number("mlp_ratio", 4)),
            BlockKind.PRE_NORM,
            true,
            true,
            MlpKind.PLAIN,
            OpenClip.activation(json, quickGelu),
            Norms.plain(OpenClip.epsilon(json)),
            json.has("ls_init_value"));
    boolean preNorm = !json.bool("no_ln_pre", false);
    return new Config(input(), tokens, preNorm, layer, depth, head()).checked(json.source());
  }

  private Input input() {
    int[] image = Extents.oneOrList(json, "image_size", 224, 2, Input.LONGEST_SIDE);
    int[] patch = Extents.oneOrList(json, "patch_size", 16, 2, Input.LONGEST_SIDE);
    if (patch[0] != patch[1]) {
      throw Extents.invalid(json, "patch_size", "a square patch");
    }
    return new Input(image[0], image[1], image[0], image[1], patch[0], 3);
  }

  /** The last norm of the class token is the same before pooling and after. */
  private Head head() {
    String pool = json.string("pool_type", "tok");
    FinalNorm norm =
        pool.equals("tok") || json.bool("final_ln_after_pool", false)
            ? FinalNorm.AFTER_POOLING
            : FinalNorm.BEFORE_POOLING;
    return switch (pool) {
      case "tok" -> new Head(Pooling.CLASS_TOKEN, null, false, norm, 0);
      case "avg" -> new Head(Pooling.PATCHES, GlobalPool.AVERAGE, false, norm, 0);
      default -> throw Extents.invalid(json, "pool_type", "tok or avg");
    };
  }

  /**
   * The tower in timm's names.
   *
   * @param visual the tensors of {@code visual}
   */
  WeightSource renamed(WeightSource visual) {
    Map<String, String> names = new HashMap<>();
    boolean afterPooling = head().norm() == FinalNorm.AFTER_POOLING;
    names.put("cls_token", "class_embedding");
    names.put("positions", "positional_embedding");
    names.put("patch_embed.proj", "conv1");
    names.put("norm_pre", "ln_pre");
    names.put(afterPooling ? "fc_norm" : "norm", "ln_post");
    names.put("proj", "proj");
    for (int i = 0; i < depth; i++) {
      OpenClip.nameBlock(i, names);
    }
    Map<String, Slice> slices = Map.of("pos_embed", Slice.batch("positions"));
    WeightSource renamed = new SlicedWeights(new RenamedWeights(visual, names), slices);
    return new ReshapedWeights(renamed, Map.of("cls_token", Shape.of(1, 1, dim)));
  }
}
