package ocellus.models.arch;

import java.util.Set;
import ocellus.engine.kernels.Activation;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.models.arch.Beit.Bias;
import ocellus.models.arch.Beit.Config;
import ocellus.models.arch.Beit.Layer;
import ocellus.models.arch.PositionEmbedding.Filter;
import ocellus.models.arch.TokenEmbedding.Input;
import ocellus.models.arch.TokenEmbedding.Positions;
import ocellus.models.arch.TokenEmbedding.Tokens;

/** {@link Beit} as the arguments of timm's {@code Beit} describe it. */
final class TimmBeit {
  private static final Presets PRESETS = new Presets("beit");

  /** Arguments that select other mathematics unless they are null or false. */
  private static final Set<String> FOREIGN =
      Set.of("dynamic_img_size", "norm_layer", "scale_mlp", "swiglu_mlp");

  /** Arguments that change nothing at inference. */
  private static final Set<String> FOR_TRAINING =
      Set.of("attn_drop_rate", "head_init_scale", "pos_drop_rate", "proj_drop_rate");

  private static final double EPSILON = 1e-6;

  private TimmBeit() {}

  static Set<String> architectures() {
    return PRESETS.architectures();
  }

  static Config config(TimmConfig config) {
    var args = new TimmArguments(config, PRESETS.arguments(config.architecture()));
    var common = new TimmTransformer(config, args, PRESETS, preset -> true);
    for (String key : FOREIGN) {
      Object value = args.at(key).raw(key);
      if (value != null && !value.equals(false)) {
        throw common.unsupported(key, value);
      }
    }
    FOR_TRAINING.forEach(args::ignore);
    Input input = common.input();
    String pooling =
        config
            .globalPool()
            .orElse(
                args.string("global_pool", config.pretrainedCfg().string("global_pool", "avg")));
    GlobalPool patchPool =
        switch (pooling) {
          case "avg" -> GlobalPool.AVERAGE;
          case "avgmax" -> GlobalPool.MEAN_OF_BOTH;
          case "max" -> GlobalPool.MAX;
          case "token" -> null;
          default -> throw common.unsupported("global_pool", pooling);
        };
    Config read =
        new Config(
            input,
            tokens(args.bool("use_abs_pos_emb", true)),
            layer(args, common),
            args.integer("depth", 12),
            patchPool,
            pooling.equals("avg"),
            args.classes());
    args.verifyAllHonoured();
    return read.checked(config.root().source());
  }

  /** A class token and the patches. */
  static Tokens tokens(boolean positions) {
    Positions embedded = positions ? Positions.ALL : Positions.NONE;
    return new Tokens(true, false, 0, embedded, Filter.ANTIALIASED_BICUBIC, true);
  }

  private static Layer layer(TimmArguments args, TimmTransformer common) {
    int dim = args.integer("embed_dim", 768);
    boolean shared = args.bool("use_shared_rel_pos_bias", false);
    boolean own = args.bool("use_rel_pos_bias", false);
    if (shared && own) {
      throw common.unsupported("use_shared_rel_pos_bias", true);
    }
    return new Layer(
        dim,
        args.integer("num_heads", 12),
        (int) (dim * args.at("mlp_ratio").number("mlp_ratio", 4)),
        args.bool("qkv_bias", true),
        shared ? Bias.SHARED : own ? Bias.OF_EACH_BLOCK : Bias.NONE,
        Activation.GELU,
        EPSILON,
        args.at("init_values").number("init_values", 0) != 0);
  }
}
