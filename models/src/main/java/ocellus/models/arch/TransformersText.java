package ocellus.models.arch;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.layers.SequenceAttention.Reach;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.TextTransformer.Config;
import ocellus.models.arch.TextTransformer.Projected;

/**
 * The text towers of transformers' {@code CLIPModel}, {@code SiglipModel} and {@code Siglip2Model},
 * also on their own: what their configuration means, and their names of tensors.
 */
final class TransformersText {
  /** Before it was corrected, configurations of CLIP had the end token of another model. */
  private static final int MISTAKEN_END = 2;

  private static final int CLIP_END = 49407;

  private final TransformersConfig config;
  private final boolean clip;
  private final boolean alone;
  private final boolean projected;
  private final JsonObject tower;

  /**
   * @throws ocellus.loaders.CheckpointException if another class was saved
   */
  TransformersText(TransformersConfig config) {
    this.config = config;
    this.clip = config.modelType().startsWith("clip");
    this.alone = config.modelType().endsWith("_text_model");
    Map<String, Boolean> classes =
        clip
            ? alone
                ? Map.of("CLIPTextModelWithProjection", true, "CLIPTextModel", false)
                : Map.of("CLIPModel", true)
            : Map.of(siglip(config.modelType()) + (alone ? "TextModel" : "Model"), true);
    this.projected = TransformersViT.only(config, classes);
    this.tower = alone ? config.root() : TransformersClip.tower(config, "text_config");
  }

  /** How names of classes begin. */
  private static String siglip(String modelType) {
    return modelType.startsWith("siglip2") ? "Siglip2" : "Siglip";
  }

  Config config() {
    int dim = tower.integer("hidden_size", clip ? 512 : 768);
    return new Config(
            tower.integer("vocab_size", clip ? 49408 : 32000),
            tower.integer("max_position_embeddings", clip ? 77 : 64),
            dim,
            tower.integer("num_attention_heads", clip ? 8 : 12),
            tower.integer("intermediate_size", clip ? 2048 : 3072),
            tower.integer("num_hidden_layers", 12),
            TransformersViT.activation(tower, clip ? "quick_gelu" : "gelu_pytorch_tanh"),
            tower.number("layer_norm_eps", clip ? 1e-5 : 1e-6),
            clip ? Reach.PAST : Reach.ALL,
            clip ? endToken() : new TextPool.Last(),
            projection(),
            features(dim))
        .checked(tower.source());
  }

  private TextPool endToken() {
    if (tower.raw("eos_token_id") instanceof List<?>) {
      throw Extents.invalid(tower, "eos_token_id", "one token");
    }
    int end = tower.integer("eos_token_id", CLIP_END);
    return end == MISTAKEN_END ? new TextPool.LargestId() : new TextPool.EndToken(end);
  }

  private Projected projection() {
    if (!projected) {
      return Projected.NONE;
    }
    return clip ? Projected.WITHOUT_BIAS : Projected.WITH_BIAS;
  }

  private int features(int dim) {
    if (!projected) {
      return dim;
    }
    if (!clip) {
      return tower.integer("projection_size", dim);
    }
    return (alone ? tower : config.root()).integer("projection_dim", 512);
  }

  /** The checkpoint in the names of {@link TextTransformer}; query, key and value joined. */
  WeightSource renamed(WeightSource weights, int depth) {
    String prefix = TransformersViT.anyStartsWith(weights, "text_model.") ? "text_model." : "";
    Map<String, String> names = new HashMap<>();
    names.put("token_embed", prefix + "embeddings.token_embedding");
    names.put("pos_embed", prefix + "embeddings.position_embedding.weight");
    names.put("position_ids", prefix + "embeddings.position_ids");
    names.put("norm", prefix + "final_layer_norm");
    names.put("proj", clip ? "text_projection" : prefix + "head");
    Map<String, List<String>> joined = new HashMap<>();
    TransformersEncoder.name(prefix, depth, names, joined);
    weights.names().stream()
        .filter(TransformersEncoder::isOfImagesOrBoth)
        .forEach(name -> names.put(name, name));
    return new JoinedWeights(new RenamedWeights(weights, names), joined);
  }

  /** Texts have no use for the tower of images, nor anything for the counted positions. */
  void ignoreUnused(WeightScope w) {
    w.ignore(
        name ->
            name.equals("position_ids") || (!alone && TransformersEncoder.isOfImagesOrBoth(name)));
  }
}
