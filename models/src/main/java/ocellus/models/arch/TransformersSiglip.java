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
import ocellus.models.arch.TokenEmbedding.Input;
import ocellus.models.arch.TokenEmbedding.Positions;
import ocellus.models.arch.TokenEmbedding.Tokens;
import ocellus.models.arch.VisionTransformer.Config;
import ocellus.models.arch.VisionTransformer.FinalNorm;
import ocellus.models.arch.VisionTransformer.Head;
import ocellus.models.arch.VisionTransformer.Layer;
import ocellus.models.arch.VisionTransformer.MlpKind;
import ocellus.models.arch.VisionTransformer.Pooling;

/**
 * transformers' {@code SiglipVisionModel}, whose features are what attention pooling makes of the
 * patches, {@code SiglipModel}, of which it is one half, and {@code SiglipForImageClassification},
 * whose head sees the mean of the patches, and the same of SigLIP 2 NaFlex ({@code Siglip2Model}
 * and so on), whose images are of any size: what their configuration means, and their names of
 * tensors. SigLIP 2 of a fixed resolution is saved as SigLIP.
 */
final class TransformersSiglip implements VisionTransformer.Foreign {
  private static final int MOST_POSITIONS = 1 << 20;
  private static final String PATCHES = "patch_embed.proj";

  private final TransformersConfig config;
  private final boolean anySize;
  private final String bothTowers;
  private final boolean classifies;
  private final JsonObject tower;

  /**
   * @throws CheckpointException if another class was saved
   */
  TransformersSiglip(TransformersConfig config) {
    this.config = config;
    this.anySize = config.modelType().startsWith("siglip2");
    String kind = anySize ? "Siglip2" : "Siglip";
    this.bothTowers = kind + "Model";
    boolean alone = config.modelType().endsWith("_vision_model");
    this.classifies =
        TransformersViT.only(
            config,
            alone
                ? Map.of(kind + "VisionModel", false)
                : Map.of(kind + "ForImageClassification", true, bothTowers, false));
    this.tower = alone ? config.root() : config.root().object("vision_config");
    if (!classifies && !tower.bool("vision_use_head", true)) {
      throw Extents.invalid(tower, "vision_use_head", "true, for there to be features");
    }
  }

  @Override
  public Config config() {
    Filter filter = anySize ? Filter.ANTIALIASED_BILINEAR : Filter.ANTIALIASED_BICUBIC;
    Tokens tokens = new Tokens(false, false, 0, Positions.PATCHES, filter, true);
    Layer layer =
        TransformersViT.layer(
            tower,
            tower.integer("intermediate_size", 3072),
            MlpKind.PLAIN,
            TransformersViT.activation(tower, "gelu_pytorch_tanh"),
            1e-6,
            false);
    Head head =
        classifies
            ? new Head(
                Pooling.PATCHES,
                GlobalPool.AVERAGE,
                false,
                FinalNorm.BEFORE_POOLING,
                TransformersViT.classes(config.root()))
            : new Head(Pooling.ATTENTION, null, false, FinalNorm.BEFORE_POOLING, 0);
    int depth = tower.integer("num_hidden_layers", 12);
    Input input = anySize ? flexibleInput() : TransformersViT.fixedInput(tower, 16);
    return new Config(input, tokens, false, layer, depth, head).checked(tower.source());
  }

  /** The square images that the {@code num_patches} positions are for. */
  private Input flexibleInput() {
    int patch = Extents.one(tower, "patch_size", 16, Input.LONGEST_SIDE);
    int positions = Extents.one(tower, "num_patches", 256, MOST_POSITIONS);
    int channels = Extents.one(tower, "num_channels", 3, Input.MOST_CHANNELS);
    int side = (int) Math.sqrt(positions);
    if (side * side != positions) {
      throw Extents.invalid(tower, "num_patches", "the square of a number");
    }
    if ((long) side * patch > Input.LONGEST_SIDE) {
      throw Extents.invalid(tower, "patch_size", "at most " + Input.LONGEST_SIDE / side);
    }
    int edge = side * patch;
    return new Input(edge, edge, edge, edge, patch, channels);
  }

  @Override
  public boolean takesAnySize() {
    return anySize;
  }

  /** The checkpoint in timm's names; query, key and value joined, or parted where they are one. */
  @Override
  public WeightSource renamed(WeightSource weights, int depth) {
    String prefix = TransformersViT.anyStartsWith(weights, "vision_model.") ? "vision_model." : "";
    Map<String, String> names = new HashMap<>();
    names.put("positions", prefix + "embeddings.position_embedding.weight");
    names.put("position_ids", prefix + "embeddings.position_ids");
    names.put(PATCHES, prefix + "embeddings.patch_embedding");
    names.put("norm", prefix + "post_layernorm");
    names.put("attn_pool.latent", prefix + "head.probe");
    names.put("attn_pool.weight", prefix + "head.attention.in_proj_weight");
    names.put("attn_pool.bias", prefix + "head.attention.in_proj_bias");
    names.put("attn_pool.proj", prefix + "head.attention.out_proj");
    names.put("attn_pool.norm", prefix + "head.layernorm");
    names.put("attn_pool.mlp.fc1", prefix + "head.mlp.fc1");
    names.put("attn_pool.mlp.fc2", prefix + "head.mlp.fc2");
    names.put("head", "classifier");
    Map<String, List<String>> joined = new HashMap<>();
    TransformersEncoder.name(prefix, depth, names, joined);
    weights.names().stream()
        .filter(TransformersEncoder::isOfTextOrBoth)
        .forEach(name -> names.put(name, name));
    Map<String, Slice> slices = new HashMap<>();
    slices.put("pos_embed", Slice.batch("positions"));
    for (String leaf : List.of("weight", "bias")) {
      slices.put("attn_pool.q." + leaf, Slice.of("attn_pool." + leaf, 0, 1, 3));
      slices.put("attn_pool.kv." + leaf, Slice.of("attn_pool." + leaf, 1, 2, 3));
    }
    WeightSource renamed = new RenamedWeights(weights, names);
    WeightSource house = new JoinedWeights(new SlicedWeights(renamed, slices), joined);
    if (!anySize) {
      return house;
    }
    Input input = flexibleInput();
    String patches = PATCHES + ".weight";
    Shape stored = house.names().contains(patches) ? house.shape(patches) : null;
    int size = input.patch() * input.patch() * input.channels();
    if (stored != null && stored.rank() == 2 && stored.dim(1) != size) {
      throw Extents.invalid(
          tower,
          "patch_size",
          "that of patches of %d numbers, which %s has columns for"
              .formatted(stored.dim(1), house.nameInFile(patches)));
    }
    return new PatchWeights(house, patches, input.patch(), input.channels());
  }

  /**
   * A classifier has no use for the attention pooling, an image for the tower of texts, nor
   * anything for the counted positions.
   */
  @Override
  public void ignoreUnused(WeightScope w) {
    boolean texts = config.architectures().contains(bothTowers);
    w.ignore(
        name ->
            name.equals("position_ids")
                || (classifies && name.startsWith("attn_pool."))
                || (texts && TransformersEncoder.isOfTextOrBoth(name)));
  }
}
