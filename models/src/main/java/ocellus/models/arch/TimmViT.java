package ocellus.models.arch;

import java.util.Comparator;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import ocellus.engine.EditDistance;
import ocellus.engine.WeightScope;
import ocellus.engine.kernels.Activation;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.PositionEmbedding.Filter;
import ocellus.models.arch.VisionTransformer.Config;
import ocellus.models.arch.VisionTransformer.FinalNorm;
import ocellus.models.arch.VisionTransformer.Head;
import ocellus.models.arch.VisionTransformer.Input;
import ocellus.models.arch.VisionTransformer.Layer;
import ocellus.models.arch.VisionTransformer.Positions;
import ocellus.models.arch.VisionTransformer.Tokens;

/** Vision transformers as the arguments of timm's {@code VisionTransformer} describe them. */
final class TimmViT {
  private static final Presets PRESETS = new Presets("vit");

  /** Arguments that select other mathematics unless they are null, false or the empty string. */
  private static final Set<String> FOREIGN =
      Set.of(
          "attn_layer",
          "block_fn",
          "distilled",
          "dynamic_img_pad",
          "embed_layer",
          "embed_norm_layer",
          "mlp_layer",
          "norm_layer",
          "qk_norm",
          "scale_attn_norm",
          "scale_mlp_norm",
          "use_naflex");

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
  private static final int NEAREST_SHOWN = 3;

  private final TimmConfig config;
  private final TimmArguments args;

  private TimmViT(TimmConfig config) {
    this.config = config;
    this.args = new TimmArguments(config, PRESETS.arguments(config.architecture()));
  }

  static Set<String> architectures() {
    return PRESETS.architectures();
  }

  static Config config(TimmConfig config) {
    return new TimmViT(config).read();
  }

  /** timm drops the attention pooling of a SigLIP checkpoint when it is asked for other pooling. */
  static void ignoreUnused(TimmConfig config, WeightScope w) {
    if (config.architecture().contains("siglip")) {
      w.ignore(name -> name.startsWith("attn_pool."));
    }
  }

  private Config read() {
    refuseForeign();
    FOR_TRAINING.forEach(args::ignore);
    Config read = new Config(input(), tokens(), layer(), args.integer("depth", 12), head());
    args.verifyAllHonoured();
    return read.checked(config.root().source());
  }

  private void refuseForeign() {
    for (String key : FOREIGN) {
      Object value = args.at(key).raw(key);
      boolean off = value == null || value.equals(false) || value.equals("");
      boolean layerNorm = key.equals("norm_layer") && Objects.equals(value, "layernorm");
      if (!off && !layerNorm) {
        throw unsupported(key, value);
      }
    }
  }

  /**
   * The positions are for {@code img_size}, in {@code model_args} or else the size that the
   * checkpoint is meant for. The images have that size too unless it may vary.
   */
  private Input input() {
    ImageShape meant = args.input();
    if (meant.channels() != 3) {
      throw unsupported("in_chans", meant.channels());
    }
    int[] patch = sides("patch_size", 16);
    if (patch[0] != patch[1]) {
      throw unsupported("patch_size", args.at("patch_size").raw("patch_size"));
    }
    int[] size = {meant.height(), meant.width()};
    args.ignore("img_size"); // the architecture's own is that of its published weights
    int[] trained = config.modelArgs().has("img_size") ? sides("img_size", 0) : size;
    int[] image = args.bool("dynamic_img_size", false) ? size : trained;
    return new Input(image[0], image[1], trained[0], trained[1], patch[0]);
  }

  private int[] sides(String key, int absent) {
    return Extents.oneOrList(args.at(key), key, absent, 2, Input.LONGEST_SIDE);
  }

  private Tokens tokens() {
    boolean classToken = args.bool("class_token", true);
    boolean preNorm = args.bool("pre_norm", false);
    return new Tokens(classToken, args.integer("reg_tokens", 0), positions(), filter(), preNorm);
  }

  private Positions positions() {
    boolean patchesOnly = args.bool("no_embed_class", false);
    String kind = args.string("pos_embed", "learn");
    return switch (kind) {
      case "", "none" -> Positions.NONE;
      case "learn" -> patchesOnly ? Positions.PATCHES : Positions.ALL;
      default -> throw unsupported("pos_embed", kind);
    };
  }

  /** FlexiViT was trained with position embeddings resampled this way. */
  private Filter filter() {
    return config.architecture().contains("flexi") ? Filter.BILINEAR : Filter.ANTIALIASED_BICUBIC;
  }

  private Layer layer() {
    int dim = args.integer("embed_dim", 768);
    double hidden = dim * args.at("mlp_ratio").number("mlp_ratio", 4);
    return new Layer(
        dim,
        args.integer("num_heads", 12),
        (int) hidden,
        args.bool("qkv_bias", true),
        args.bool("proj_bias", true),
        args.activation(Activation.GELU),
        epsilon(),
        args.at("init_values").number("init_values", 0) != 0);
  }

  /** The architectures with another epsilon than timm's layer norm say so as {@code norm_eps}. */
  private double epsilon() {
    JsonObject given = config.modelArgs();
    boolean own = given.keys().contains("norm_layer");
    if (given.has("norm_eps")) {
      throw unsupported("norm_eps", given.raw("norm_eps"));
    }
    double preset = args.positive("norm_eps", EPSILON, 1);
    return own ? EPSILON : preset;
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
    boolean token = pooling.equals("token") && args.bool("class_token", true);
    if (pool == null && !token) {
      throw unsupported("global_pool", pooling);
    }
    boolean afterPooling = args.bool("fc_norm", pool != null);
    FinalNorm norm = afterPooling ? FinalNorm.AFTER_POOLING : FinalNorm.BEFORE_POOLING;
    return new Head(
        pool,
        args.bool("pool_include_prefix", false),
        args.bool("final_norm", true) ? norm : FinalNorm.NONE,
        args.classes());
  }

  private CheckpointException unsupported(String key, Object value) {
    return new CheckpointException(
        "%s: architecture %s with %s = %s is not supported; the nearest that is: %s"
            .formatted(
                config.root().source(),
                config.architecture(),
                key,
                value instanceof String s ? '"' + s + '"' : value,
                nearestPlain()));
  }

  private String nearestPlain() {
    String name = config.architecture();
    return PRESETS.architectures().stream()
        .filter(TimmViT::isPlain)
        .sorted(
            Comparator.comparingInt((String c) -> EditDistance.between(name, c))
                .thenComparing(Comparator.naturalOrder()))
        .limit(NEAREST_SHOWN)
        .collect(Collectors.joining(", "));
  }

  /** Whether an architecture is made of nothing that this class refuses. */
  private static boolean isPlain(String architecture) {
    JsonObject preset = PRESETS.arguments(architecture);
    return FOREIGN.stream().noneMatch(preset::has)
        && !preset.string("global_pool", "token").equals("map");
  }
}
