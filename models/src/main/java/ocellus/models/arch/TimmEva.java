package ocellus.models.arch;

import java.util.Set;
import ocellus.engine.kernels.Activation;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.Eva.Config;
import ocellus.models.arch.Eva.Head;
import ocellus.models.arch.Eva.Layer;
import ocellus.models.arch.Eva.MlpKind;
import ocellus.models.arch.Eva.Pooling;
import ocellus.models.arch.Eva.Qkv;
import ocellus.models.arch.PositionEmbedding.Filter;
import ocellus.models.arch.PositionEmbedding.Grid;
import ocellus.models.arch.TokenEmbedding.Input;
import ocellus.models.arch.TokenEmbedding.Positions;
import ocellus.models.arch.TokenEmbedding.Tokens;

/** {@link Eva} as the arguments of timm's {@code Eva} describe it. */
final class TimmEva {
  private static final Presets PRESETS = new Presets("eva");

  /** Arguments that select other mathematics unless they are null or false. */
  private static final Set<String> FOREIGN = Set.of("dynamic_img_pad", "norm_layer", "use_naflex");

  /** Arguments that change nothing at inference. */
  private static final Set<String> FOR_TRAINING =
      Set.of(
          "attn_drop_rate",
          "head_init_scale",
          "patch_drop_rate",
          "pos_drop_rate",
          "proj_drop_rate");

  private static final double EPSILON = 1e-6;
  private static final double HOTTEST = 1e9;

  private final TimmConfig config;
  private final TimmArguments args;
  private final TimmTransformer common;

  private TimmEva(TimmConfig config) {
    this.config = config;
    this.args = new TimmArguments(config, PRESETS.arguments(config.architecture()));
    this.common = new TimmTransformer(config, args, PRESETS, TimmEva::isSupported);
  }

  static Set<String> architectures() {
    return PRESETS.architectures();
  }

  static Config config(TimmConfig config) {
    return new TimmEva(config).read();
  }

  /** Learned rotations are another matter. */
  private static boolean isSupported(JsonObject preset) {
    return !preset.string("rope_type", "cat").equals("mixed");
  }

  private Config read() {
    for (String key : FOREIGN) {
      Object value = args.at(key).raw(key);
      if (value != null && !value.equals(false)) {
        throw common.unsupported(key, value);
      }
    }
    if (config.modelArgs().has("norm_eps")) {
      throw common.unsupported("norm_eps", config.modelArgs().raw("norm_eps"));
    }
    FOR_TRAINING.forEach(args::ignore);
    Input input = common.input();
    boolean preNorm = args.bool("use_pre_transformer_norm", false);
    Layer layer = layer();
    Config read =
        new Config(
            input,
            tokens(!preNorm),
            rotations(),
            preNorm,
            layer,
            args.integer("depth", 12),
            head(layer));
    args.verifyAllHonoured();
    return read.checked(config.root().source());
  }

  private Tokens tokens(boolean patchBias) {
    boolean patchesOnly = args.bool("no_embed_class", false);
    Positions positions = patchesOnly ? Positions.PATCHES : Positions.ALL;
    if (!args.bool("use_abs_pos_emb", true)) {
      positions = Positions.NONE;
    }
    return new Tokens(
        args.bool("class_token", true),
        false,
        args.integer("num_reg_tokens", 0),
        positions,
        Filter.ANTIALIASED_BICUBIC,
        patchBias);
  }

  private Rotations rotations() {
    boolean turns = args.bool("use_rot_pos_emb", false);
    String type = args.string("rope_type", "cat");
    String indexing = args.string("rope_grid_indexing", "ij");
    double offset = args.at("rope_grid_offset").number("rope_grid_offset", 0);
    double temperature = args.positive("rope_temperature", 10000, HOTTEST);
    boolean halves = args.bool("rope_rotate_half", false);
    Grid reference = null;
    if (args.at("ref_feat_shape").has("ref_feat_shape")) {
      int[] shape = common.sides("ref_feat_shape", 1);
      reference = new Grid(shape[0], shape[1]);
    }
    if (!turns) {
      return null;
    }
    if (!indexing.equals("ij") && !indexing.equals("xy")) {
      throw common.unsupported("rope_grid_indexing", indexing);
    }
    Rotations rotations =
        switch (type) {
          case "cat" ->
              new Rotations.ByIndex(reference, offset, indexing.equals("xy"), temperature);
          case "dinov3" -> new Rotations.ByCentre(temperature);
          default -> throw common.unsupported("rope_type", type);
        };
    if (halves == rotations.ofNeighbours()) {
      throw common.unsupported("rope_rotate_half", halves);
    }
    return rotations;
  }

  private Layer layer() {
    int dim = args.integer("embed_dim", 768);
    int hidden = (int) (dim * args.at("mlp_ratio").number("mlp_ratio", 4));
    int alignment = args.integer("swiglu_align_to", 0);
    boolean norm = args.bool("scale_mlp", false);
    boolean gated = args.bool("swiglu_mlp", false);
    if (norm && !gated) {
      throw common.unsupported("scale_mlp", true);
    }
    boolean postNorm = args.bool("use_post_norm", false);
    if (alignment < 0 || (alignment > 0 && postNorm && !norm)) {
      throw common.unsupported("swiglu_align_to", alignment);
    }
    MlpKind mlp = MlpKind.PLAIN;
    if (norm || (gated && alignment != 0)) {
      mlp = norm ? MlpKind.GATED_SEPARATE_NORM : MlpKind.GATED_SEPARATE;
      hidden = alignment > 0 ? Math.ceilDiv(hidden, alignment) * alignment : hidden;
    } else if (gated) {
      mlp = MlpKind.GATED;
    }
    return new Layer(
        dim,
        args.integer("num_heads", 12),
        hidden,
        qkv(),
        args.bool("scale_attn_inner", false),
        mlp,
        gated ? Activation.SILU : Activation.GELU,
        true,
        args.positive("norm_eps", EPSILON, 1),
        args.at("init_values").raw("init_values") != null,
        postNorm);
  }

  /** {@code EvaAttention} has no bias of keys, {@code AttentionRope} has. */
  private Qkv qkv() {
    boolean bias = args.bool("qkv_bias", true);
    String type = args.string("attn_type", "eva");
    if (!type.equals("eva") && !type.equals("rope")) {
      throw common.unsupported("attn_type", type);
    }
    boolean keyBias = bias && type.equals("rope");
    return new Qkv(!args.bool("qkv_fused", true), bias, keyBias, bias);
  }

  private Head head(Layer layer) {
    String pretrained = config.pretrainedCfg().string("global_pool", "avg");
    String own = args.string("global_pool", pretrained);
    String pooling = config.globalPool().orElse(own);
    GlobalPool patches =
        switch (pooling) {
          case "avg" -> GlobalPool.AVERAGE;
          case "avgmax" -> GlobalPool.MEAN_OF_BOTH;
          case "max" -> GlobalPool.MAX;
          default -> null;
        };
    Pooling kind =
        switch (pooling) {
          case "token" -> Pooling.CLASS_TOKEN;
          case "avg", "avgmax", "max" -> Pooling.PATCHES;
          case "map" -> Pooling.ATTENTION;
          default -> throw common.unsupported("global_pool", pooling);
        };
    if (kind == Pooling.CLASS_TOKEN && !args.bool("class_token", true)) {
      throw common.unsupported("global_pool", pooling);
    }
    boolean poolNorm = args.bool("use_fc_norm", pooling.equals("avg"));
    int heads = args.integer("attn_pool_num_heads", layer.heads());
    double ratio = args.at("mlp_ratio").number("mlp_ratio", 4);
    double poolRatio = args.at("attn_pool_mlp_ratio").number("attn_pool_mlp_ratio", ratio);
    return new Head(
        kind,
        patches,
        heads,
        (int) (layer.dim() * poolRatio),
        args.bool("use_post_transformer_norm", !poolNorm),
        poolNorm,
        args.classes());
  }
}
