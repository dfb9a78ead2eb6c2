package ocellus.models.arch;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import ocellus.engine.WeightSource;
import ocellus.engine.layers.SequenceAttention.Reach;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.TextTransformer.Config;
import ocellus.models.arch.TextTransformer.Projected;

/** open_clip's {@code TextTransformer}: what {@code text_cfg} means, and its names of tensors. */
final class OpenClipText {
  private static final Set<String> SWITCHES =
      Set.of(
          "embed_cls",
          "hf_model_name",
          "ls_init_value",
          "qk_norm",
          "scaled_cosine_attn",
          "scale_heads",
          "scale_attn_inner",
          "scale_attn",
          "scale_fc");

  private static final Set<String> KNOWN =
      Set.of(
          "context_length",
          "vocab_size",
          "hf_tokenizer_name",
          "tokenizer_mode",
          "tokenizer_kwargs",
          "width",
          "heads",
          "layers",
          "mlp_ratio",
          "ls_init_value",
          "embed_cls",
          "pad_id",
          "eos_id",
          "no_causal_mask",
          "final_ln_after_pool",
          "pool_type",
          "proj_bias",
          "proj_type",
          "output_tokens",
          "act_kwargs",
          "norm_kwargs",
          "block_type",
          "qk_norm",
          "scaled_cosine_attn",
          "scale_heads",
          "scale_attn_inner",
          "scale_attn",
          "scale_fc",
          "hf_model_name",
          "hf_model_pretrained",
          "hf_proj_type",
          "hf_pooler_type");

  private final JsonObject json;
  private final boolean quickGelu;
  private final int features;

  /**
   * @param features of the model
   * @throws CheckpointException if the configuration asks for what is not supported
   */
  OpenClipText(JsonObject json, boolean quickGelu, int features) {
    OpenClip.requireKnown(json, KNOWN);
    OpenClip.requireOff(json, SWITCHES);
    OpenClip.requirePlainBlocks(json);
    this.json = json;
    this.quickGelu = quickGelu;
    this.features = features;
  }

  Config config() {
    int dim = json.integer("width", 512);
    Projected projection = projection();
    return new Config(
            json.integer("vocab_size", 49408),
            json.integer("context_length", 77),
            dim,
            json.integer("heads", 8),
            (int) (dim * json.number("mlp_ratio", 4)),
            json.integer("layers", 12),
            OpenClip.activation(json, quickGelu),
            OpenClip.epsilon(json),
            json.bool("no_causal_mask", false) ? Reach.ALL : Reach.PAST,
            pool(),
            projection,
            projection == Projected.NONE ? dim : features)
        .checked(json.source());
  }

  private TextPool pool() {
    String pool = json.string("pool_type", "argmax");
    return switch (pool) {
      case "argmax" -> new TextPool.LargestId();
      case "eos" -> new TextPool.EndToken(json.integer("eos_id", 2));
      case "last" -> new TextPool.Last();
      case "first" -> new TextPool.First();
      default -> throw Extents.invalid(json, "pool_type", "argmax, eos, last or first");
    };
  }

  private Projected projection() {
    String type = json.string("proj_type", "linear");
    return switch (type) {
      case "none" -> Projected.NONE;
      case "linear" -> json.bool("proj_bias", false) ? Projected.WITH_BIAS : Projected.TRANSPOSED;
      default -> throw Extents.invalid(json, "proj_type", "linear or none");
    };
  }

  /** The tower in the names of {@link TextTransformer}. */
  WeightSource renamed(WeightSource text) {
    Map<String, String> names = new HashMap<>();
    names.put("token_embed", "token_embedding");
    names.put("pos_embed", "positional_embedding");
    names.put("norm", "ln_final");
    names.put("proj", "text_projection"); // a tensor, or a module where there is a bias
    int depth = json.integer("layers", 12);
    for (int i = 0; i < depth; i++) {
      OpenClip.nameBlock(i, names);
    }
    return new RenamedWeights(text, names);
  }
}
