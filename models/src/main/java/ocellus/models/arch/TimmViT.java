package ocellus.models.arch;

import java.util.Map;
import java.util.Set;
import ocellus.engine.WeightScope;
import ocellus.engine.kernels.Activation;
import ocellus.engine.layers.Norm;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.PositionEmbedding.Filter;
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

/** Vision transformers as the arguments of timm's {@code VisionTransformer} describe them. */
final class TimmViT {
  private static final Presets PRESETS = new Presets("vit");

  /** Arguments that select other mathematics unless they are null, false or the empty string. */
  private static final Set<String> FOREIGN =
      Set.of("attn_layer", "dynamic_img_pad", "embed_layer", "use_naflex");

  /** Entries of presets that stand for Python objects, which no configuration can name. */
  private static final Set<String> OF_PRESETS =
      Set.of("block_fn", "distilled", "embed_norm_layer", "mlp_layer", "norm_eps");

  /** What timm calls the blocks. */
  private static final Map<String, BlockKind> BLOCKS =
      Map.of(
          "",
          BlockKind.PRE_NORM,
          "respostblock",
          BlockKind.POST_NORM,
          "parallelscalingblock",
          BlockKind.PARALLEL,
          "parallelthingsblock",
          BlockKind.PAIRED);

  /** What timm calls the MLPs; of {@code swiglu_packed} the first half makes the gate. */
  private static final Map<String, MlpKind> MLPS =
      Map.of("", MlpKind.PLAIN, "swiglu_packed", MlpKind.GATED, "swiglu", MlpKind.GATED_SEPARATE);

  /** Arguments that change nothing at inference. */
  private static final Set<String> FOR_TRAINING =
      Set.of(
          "attn_drop_rate",
          "fix_init",
          "patch_drop_rate",
          "pos_drop_rate",
          "proj_drop_rate",
          "weight_init");

  private static final double EPSILON = 1e-6;

  private final TimmConfig config;
  private final TimmArguments args;
  private final TimmTransformer common;

  private TimmViT(TimmConfig config) {
    this.config = config;
    this.args = new TimmArguments(config, PRESETS.arguments(config.architecture()));
    this.common = new TimmTransformer(config, args, PRESETS, TimmViT::isSupported);
  }

  static Set<String> architectures() {
    return PRESETS.architectures();
  }

  static Config config(TimmConfig config) {
    return new TimmViT(config).read();
  }

  /**
   * timm drops the attention pooling of a SigLIP checkpoint when it is asked for other pooling. The
   * mask token stands for patches in pre-training alone.
   */
  static void ignoreUnused(TimmConfig config, Config structure, WeightScope w) {
    w.ignore("mask_token"::equals);
    boolean pools = structure.head().pooling() == Pooling.ATTENTION;
    if (config.architecture().contains("siglip") && !pools) {
      w.ignore(name -> name.startsWith("attn_pool."));
    }
  }

  private Config read() {
    refuseForeign();
    FOR_TRAINING.forEach(args::ignore);
    Config read =
        new Config(
            common.input(),
            tokens(),
            args.bool("pre_norm", false),
            layer(),
            args.integer("depth", 12),
            head());
    args.verifyAllHonoured();
    return read.checked(config.root().source());
  }

  private void refuseForeign() {
    for (String key : FOREIGN) {
      Object value = args.at(key).raw(key);
      if (value != null && !value.equals(false) && !value.equals("")) {
        throw common.unsupported(key, value);
      }
    }
    for (String key : OF_PRESETS) {
      Object value = config.modelArgs().raw(key);
      if (value != null && !value.equals(false)) {
        throw common.unsupported(key, value);
      }
    }
  }

  /** Whether there is a distillation token with a head of its own. */
  private boolean distilled() {
    return args.bool("distilled", false);
  }

  private Tokens tokens() {
    boolean classToken = args.bool("class_token", true);
    int registers = args.integer("reg_tokens", 0);
    Positions positions = positions();
    if (distilled()) {
      require(classToken, "class_token");
      require(registers == 0, "reg_tokens");
      require(positions == Positions.ALL, "no_embed_class", "pos_embed");
    }
    boolean patchBias = !args.bool("pre_norm", false);
    return new Tokens(classToken, distilled(), registers, positions, filter(), patchBias);
  }

  /** Refuses the first of these arguments that is given, if something does not hold. */
  private void require(boolean holds, String... keys) {
    for (String key : keys) {
      if (!holds && args.at(key).has(key)) {
        throw common.unsupported(key, args.at(key).raw(key));
      }
    }
  }

  private Positions positions() {
    boolean patchesOnly = args.bool("no_embed_class", false);
    String kind = args.string("pos_embed", "learn");
    return switch (kind) {
      case "", "none" -> Positions.NONE;
      case "learn" -> patchesOnly ? Positions.PATCHES : Positions.ALL;
      default -> throw common.unsupported("pos_embed", kind);
    };
  }

  /** FlexiViT was trained with position embeddings resampled this way. */
  private Filter filter() {
    return config.architecture().contains("flexi") ? Filter.BILINEAR : Filter.ANTIALIASED_BICUBIC;
  }

  private Layer layer() {
    int dim = args.integer("embed_dim", 768);
    double ratio = args.at("mlp_ratio").number("mlp_ratio", 4);
    MlpKind mlp = named(MLPS, "mlp_layer");
    BlockKind block = named(BLOCKS, "block_fn");
    int hidden = (int) (dim * ratio);
    if (mlp == MlpKind.GATED) {
      if (hidden % 2 != 0) {
        throw common.unsupported("mlp_ratio", ratio);
      }
      hidden /= 2;
    }
    JsonObject all = args.at("init_values");
    Layer layer =
        new Layer(
            dim,
            args.integer("num_heads", 12),
            hidden,
            block,
            args.bool("qkv_bias", true),
            args.bool("proj_bias", true),
            mlp,
            args.activation(Activation.GELU),
            norms(),
            block == BlockKind.PARALLEL
                ? all.has("init_values")
                : all.number("init_values", 0) != 0);
    if (!ViTBlocks.exists(layer)) {
      throw common.unsupported(layer.norms().heard() ? "scale_attn_norm" : "scale_mlp_norm", true);
    }
    return layer;
  }

  private <T> T named(Map<String, T> kinds, String key) {
    String name = args.string(key, "");
    if (!kinds.containsKey(name)) {
      throw common.unsupported(key, name);
    }
    return kinds.get(name);
  }

  /** The architectures with another epsilon than timm's norms say so as {@code norm_eps}. */
  private Norms norms() {
    String kind = args.string("norm_layer", "layernorm");
    boolean own = config.modelArgs().keys().contains("norm_layer");
    boolean patches = args.string("embed_norm_layer", null) != null;
    double preset = args.positive("norm_eps", EPSILON, 1);
    boolean known = kind.equals("layernorm") || kind.equals("rmsnorm");
    if (!known || (own && patches)) {
      throw common.unsupported("norm_layer", kind);
    }
    boolean heads = args.bool("qk_norm", false);
    return new Norms(
        kind.equals("rmsnorm") ? Norm.Kind.RMS : Norm.Kind.LAYER,
        own ? EPSILON : preset,
        heads ? QueryKeyNorm.OF_EACH_HEAD : QueryKeyNorm.NONE,
        patches,
        args.bool("scale_attn_norm", false),
        args.bool("scale_mlp_norm", false));
  }

  private Head head() {
    String pretrained = config.pretrainedCfg().string("global_pool", "token");
    String own = args.string("global_pool", pretrained);
    String pooling = config.globalPool().orElse(own);
    GlobalPool pool =
        switch (pooling) {
          case "avg" -> GlobalPool.AVERAGE;
          case "avgmax" -> GlobalPool.MEAN_OF_BOTH;
          case "max" -> GlobalPool.MAX;
          default -> null;
        };
    Pooling kind =
        switch (pooling) {
          case "avg", "avgmax", "max" -> Pooling.PATCHES;
          case "map" -> Pooling.ATTENTION;
          case "token" -> distilled() ? Pooling.CLASS_AND_DISTILLATION_TOKEN : Pooling.CLASS_TOKEN;
          default -> throw common.unsupported("global_pool", pooling);
        };
    boolean headless = pooling.equals("token") && !args.bool("class_token", true);
    boolean ofGated = kind == Pooling.ATTENTION && named(MLPS, "mlp_layer") != MlpKind.PLAIN;
    if (headless || ofGated || (distilled() && !pooling.equals("token"))) {
      throw common.unsupported("global_pool", pooling);
    }
    boolean afterPooling = args.bool("fc_norm", pool != null);
    FinalNorm norm = afterPooling ? FinalNorm.AFTER_POOLING : FinalNorm.BEFORE_POOLING;
    return new Head(
        kind,
        pool,
        args.bool("pool_include_prefix", false),
        args.bool("final_norm", true) ? norm : FinalNorm.NONE,
        args.classes());
  }

  /** Whether a preset has nothing that this class refuses. */
  private static boolean isSupported(JsonObject preset) {
    return FOREIGN.stream().noneMatch(preset::has)
        && BLOCKS.containsKey(preset.string("block_fn", ""))
        && MLPS.containsKey(preset.string("mlp_layer", ""));
  }
}
