package ocellus.models.arch;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ocellus.engine.Shape;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.PositionEmbedding.Filter;
import ocellus.models.arch.SlicedWeights.Slice;
import ocellus.models.arch.TokenEmbedding.Positions;
import ocellus.models.arch.TokenEmbedding.Tokens;
import ocellus.models.arch.VisionTransformer.Config;
import ocellus.models.arch.VisionTransformer.FinalNorm;
import ocellus.models.arch.VisionTransformer.Head;
import ocellus.models.arch.VisionTransformer.Layer;
import ocellus.models.arch.VisionTransformer.MlpKind;
import ocellus.models.arch.VisionTransformer.Pooling;

/**
 * The image tower of transformers' {@code CLIPModel}, also on its own, with its projection or
 * without, or with a classifier that sees the mean of the patches: what their configuration means,
 * and their names of tensors.
 */
final class TransformersClip implements VisionTransformer.Foreign {
  /** What is behind the blocks. */
  private enum Variant {
    PROJECTED,
    POOLED,
    CLASSIFIED
  }

  private static final String BOTH_TOWERS = "CLIPModel";

  private static final Map<String, Variant> WITH_TEXT =
      Map.of(BOTH_TOWERS, Variant.PROJECTED, "CLIPForImageClassification", Variant.CLASSIFIED);
  private static final Map<String, Variant> ALONE =
      Map.of("CLIPVisionModelWithProjection", Variant.PROJECTED, "CLIPVisionModel", Variant.POOLED);

  private final TransformersConfig config;
  private final Variant variant;
  private final JsonObject tower;

  /**
   * @throws CheckpointException if another class was saved
   */
  TransformersClip(TransformersConfig config) {
    boolean alone = config.modelType().equals("clip_vision_model");
    this.config = config;
    this.variant = TransformersViT.only(config, alone ? ALONE : WITH_TEXT);
    this.tower = alone ? config.root() : tower(config, "vision_config");
  }

  /**
   * The configuration of a tower. Early versions wrote what was not a default a second time, and
   * where they did, that is what counts.
   */
  static JsonObject tower(TransformersConfig config, String key) {
    JsonObject root = config.root();
    String early = key + "_dict";
    return root.has(early) ? root.object(early) : root.objectOrEmpty(key);
  }

  @Override
  public Config config() {
    Tokens tokens = new Tokens(true, false, 0, Positions.ALL, Filter.BICUBIC, false);
    Layer layer =
        TransformersViT.layer(
            tower,
            tower.integer("intermediate_size", 3072),
            MlpKind.PLAIN,
            TransformersViT.activation(tower, "quick_gelu"),
            1e-5,
            false);
    Head head =
        switch (variant) {
          case PROJECTED, POOLED ->
              new Head(Pooling.CLASS_TOKEN, null, false, FinalNorm.AFTER_POOLING, 0);
          case CLASSIFIED -> {
            int classes = TransformersViT.classes(config.root());
            yield new Head(Pooling.PATCHES, GlobalPool.AVERAGE, false, FinalNorm.NONE, classes);
          }
        };
    int depth = tower.integer("num_hidden_layers", 12);
    return new Config(TransformersViT.fixedInput(tower, 32), tokens, true, layer, depth, head)
        .checked(tower.source());
  }

  @Override
  public int projection() {
    JsonObject holder = config.architectures().contains(BOTH_TOWERS) ? config.root() : tower;
    return variant == Variant.PROJECTED ? holder.integer("projection_dim", 512) : 0;
  }

  /** The checkpoint in timm's names, query, key and value joined. */
  @Override
  public WeightSource renamed(WeightSource weights, int depth) {
    String prefix = TransformersViT.anyStartsWith(weights, "vision_model.") ? "vision_model." : "";
    Map<String, String> names = new HashMap<>();
    names.put("cls_token", prefix + "embeddings.class_embedding");
    names.put("positions", prefix + "embeddings.position_embedding.weight");
    names.put("position_ids", prefix + "embeddings.position_ids");
    names.put("patch_embed.proj", prefix + "embeddings.patch_embedding");
    names.put("norm_pre", prefix + "pre_layrnorm"); // transformers' own spelling
    names.put("fc_norm", prefix + "post_layernorm");
    names.put("projection", "visual_projection");
    names.put("head", "classifier");
    Map<String, List<String>> joined = new HashMap<>();
    TransformersEncoder.name(prefix, depth, names, joined);
    weights.names().stream()
        .filter(TransformersEncoder::isOfTextOrBoth)
        .forEach(name -> names.put(name, name));
    Map<String, Slice> slices = Map.of("pos_embed", Slice.batch("positions"));
    WeightSource renamed = new SlicedWeights(new RenamedWeights(weights, names), slices);
    int dim = tower.integer("hidden_size", 768);
    Map<String, Shape> shapes = Map.of("cls_token", Shape.of(1, 1, dim));
    return new JoinedWeights(new ReshapedWeights(renamed, shapes), joined);
  }

  /** An image has no use for the tower of texts, nor a classifier for the last norm. */
  @Override
  public void ignoreUnused(WeightScope w) {
    boolean texts = config.architectures().contains(BOTH_TOWERS);
    w.ignore(
        name ->
            name.equals("position_ids")
                || (variant == Variant.CLASSIFIED && name.startsWith("fc_norm."))
                || (texts && TransformersEncoder.isOfTextOrBoth(name)));
  }
}
