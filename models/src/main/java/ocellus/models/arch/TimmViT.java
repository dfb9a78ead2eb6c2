package ocellus.models.arch;

import java.util.Comparator;
import java.util.List;
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

/**
 * timm's vision transformers: the arguments of its constructor, its architectures by name, and what
 * it makes of a saved configuration.
 *
 * <p>An argument comes from {@code model_args}, else from the architecture, else it has the
 * constructor's default. Number of classes, pooling and image size come from the configuration
 * where {@code model_args} does not give them, as in timm's {@code build_model_with_cfg}.
 */
final class TimmViT {
  private static final Presets PRESETS = new Presets("vit");

  private static final int DEFAULT_CLASSES = 1000;
  private static final int DEFAULT_SIZE = 224;
  private static final int DEFAULT_PATCH = 16;
  private static final double DEFAULT_EPSILON = 1e-6;

  /** Arguments that change nothing at inference. */
  private static final Set<String> FOR_TRAINING =
      Set.of(
          "attn_drop_rate",
          "drop_path_rate",
          "drop_rate",
          "fix_init",
          "patch_drop_rate",
          "pos_drop_rate",
          "proj_drop_rate",
          "weight_init");

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

  private static final Set<String> KNOWN =
      Set.of(
          "act_layer",
          "class_token",
          "depth",
          "dynamic_img_size",
          "embed_dim",
          "fc_norm",
          "final_norm",
          "global_pool",
          "img_size",
          "in_chans",
          "init_values",
          "mlp_ratio",
          "no_embed_class",
          "num_classes",
          "num_heads",
          "patch_size",
          "pool_include_prefix",
          "pos_embed",
          "pre_norm",
          "proj_bias",
          "qkv_bias",
          "reg_tokens");

  private static final int NEAREST_SHOWN = 3;

  private final String architecture;
  private final JsonObject given;
  private final JsonObject args; // a null among them means the constructor's default

  /**
   * @param given {@code model_args}
   */
  private TimmViT(String architecture, JsonObject given) {
    this.architecture = architecture;
    this.given = given;
    this.args = given.withDefaults(PRESETS.arguments(architecture));
    verifyArguments();
  }

  static Set<String> architectures() {
    return PRESETS.architectures();
  }

  static Config preset(String architecture) {
    var timm = new TimmViT(architecture, JsonObject.empty(architecture));
    int[] size = timm.sides("img_size", DEFAULT_SIZE);
    return timm.config(size, timm.pooling(), timm.args.integer("num_classes", DEFAULT_CLASSES));
  }

  static Config config(TimmConfig config) {
    var timm = new TimmViT(config.architecture(), config.modelArgs());
    int[] shape = config.inputSize();
    if (shape[0] != 3) {
      throw timm.unsupported("input_size", config.pretrainedCfg().raw("input_size"));
    }
    int[] size = {shape[1], shape[2]};
    String pooling = config.globalPool().orElseGet(timm::pooling);
    return timm.config(size, pooling, config.numClasses().orElse(DEFAULT_CLASSES));
  }

  /** timm drops the attention pooling of a SigLIP checkpoint when it is asked for other pooling. */
  static void ignoreUnused(String architecture, WeightScope w) {
    if (architecture.contains("siglip")) {
      w.ignore(name -> name.startsWith("attn_pool."));
    }
  }

  private void verifyArguments() {
    for (String key : given.keys()) {
      if (!KNOWN.contains(key) && !FOR_TRAINING.contains(key) && !FOREIGN.contains(key)) {
        throw new CheckpointException(
            "%s is not an argument of timm's vision transformers that Ocellus knows; nearest: %s"
                .formatted(given.where(key), nearest(key, KNOWN)));
      }
    }
    for (String key : FOREIGN) {
      Object value = args.raw(key);
      boolean off = value == null || value.equals(false) || value.equals("");
      boolean layerNorm = key.equals("norm_layer") && Objects.equals(value, "layernorm");
      if (!off && !layerNorm) {
        throw unsupported(key, value);
      }
    }
    if (args.integer("in_chans", 3) != 3) {
      throw unsupported("in_chans", args.raw("in_chans"));
    }
  }

  /**
   * @param size height and width of the images that the checkpoint's preprocessing makes
   */
  private Config config(int[] size, String pooling, int classes) {
    int dim = args.integer("embed_dim", 768);
    double hidden = dim * args.number("mlp_ratio", 4);
    var layer =
        new Layer(
            dim,
            args.integer("num_heads", 12),
            (int) hidden,
            args.bool("qkv_bias", true),
            args.bool("proj_bias", true),
            activation(),
            epsilon(),
            args.number("init_values", 0) != 0);
    return new Config(
            input(size), tokens(), layer, args.integer("depth", 12), head(pooling, classes))
        .checked(args.source());
  }

  /** {@code img_size}, for which the positions are, is also the image's unless that may vary. */
  private Input input(int[] size) {
    int[] patch = sides("patch_size", DEFAULT_PATCH);
    if (patch[0] != patch[1]) {
      throw unsupported("patch_size", args.raw("patch_size"));
    }
    int[] trained = given.has("img_size") ? sides("img_size", 0) : size;
    int[] image = args.bool("dynamic_img_size", false) ? size : trained;
    return new Input(image[0], image[1], trained[0], trained[1], patch[0]);
  }

  private Tokens tokens() {
    boolean classToken = args.bool("class_token", true);
    boolean preNorm = args.bool("pre_norm", false);
    return new Tokens(classToken, args.integer("reg_tokens", 0), positions(), filter(), preNorm);
  }

  private Positions positions() {
    String kind = args.string("pos_embed", "learn");
    return switch (kind) {
      case "", "none" -> Positions.NONE;
      case "learn" -> args.bool("no_embed_class", false) ? Positions.PATCHES : Positions.ALL;
      default -> throw unsupported("pos_embed", kind);
    };
  }

  /** FlexiViT was trained with position embeddings resampled this way. */
  private Filter filter() {
    return architecture.contains("flexi") ? Filter.BILINEAR : Filter.ANTIALIASED_BICUBIC;
  }

  private Activation activation() {
    String name = args.string("act_layer", "gelu");
    return ActivationNames.timm(name).orElseThrow(() -> unsupported("act_layer", name));
  }

  /** Architectures with another layer norm than timm's own say so as {@code norm_eps}. */
  private double epsilon() {
    boolean own = given.keys().contains("norm_layer");
    return own ? DEFAULT_EPSILON : args.number("norm_eps", DEFAULT_EPSILON);
  }

  private String pooling() {
    return args.string("global_pool", "token");
  }

  private Head head(String pooling, int classes) {
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
        classes);
  }

  /** A side of a square, or height and width. */
  private int[] sides(String key, int absent) {
    if (!(args.raw(key) instanceof List<?>)) {
      int side = args.integer(key, absent);
      return new int[] {side, side};
    }
    int[] sides = args.integers(key);
    if (sides.length != 2) {
      throw new CheckpointException(
          "%s is %s, expected a number or [height, width]"
              .formatted(args.where(key), args.raw(key)));
    }
    return sides;
  }

  private CheckpointException unsupported(String key, Object value) {
    Set<String> plain =
        PRESETS.architectures().stream().filter(TimmViT::isPlain).collect(Collectors.toSet());
    return new CheckpointException(
        "%s: architecture %s with %s = %s is not supported; the nearest that is: %s"
            .formatted(
                args.source(),
                architecture,
                key,
                value instanceof String s ? '"' + s + '"' : value,
                nearest(architecture, plain)));
  }

  /** Whether an architecture is made of nothing that this class refuses. */
  private static boolean isPlain(String architecture) {
    JsonObject preset = PRESETS.arguments(architecture);
    return FOREIGN.stream().noneMatch(preset::has)
        && !preset.string("global_pool", "token").equals("map");
  }

  private static String nearest(String name, Set<String> candidates) {
    return candidates.stream()
        .sorted(
            Comparator.comparingInt((String c) -> EditDistance.between(name, c))
                .thenComparing(Comparator.naturalOrder()))
        .limit(NEAREST_SHOWN)
        .collect(Collectors.joining(", "));
  }
}
