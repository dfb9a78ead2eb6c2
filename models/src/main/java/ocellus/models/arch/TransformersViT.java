package ocellus.models.arch;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Activation;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.image.Size;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.PositionEmbedding.Filter;
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
 * The vision transformers of transformers that differ in their tokens and heads alone: what their
 * configuration means, and their names of tensors, those up to version 4 and those since.
 *
 * <p>The features are the class token after the last norm; with DeiT's two heads, which were
 * trained with a teacher, class and distillation token; of I-JEPA, which has no such tokens, the
 * mean of the patches. MAE's encoder sees all patches: it masks some in training alone.
 */
final class TransformersViT implements VisionTransformer.Foreign {
  /**
   * A class of transformers.
   *
   * @param model the base model, the prefix of its tensors where there is a head
   * @param head modules of the head, by timm's names; none for a base model
   */
  private record Variant(String model, Pooling pooling, Map<String, String> head) {
    static final Map<String, String> NO_HEAD = Map.of();
  }

  private static final Map<String, String> CLASSIFIER = Map.of("head", "classifier");
  private static final Map<String, String> TWO_CLASSIFIERS =
      Map.of("head", "cls_classifier", "head_dist", "distillation_classifier");

  /** By model type and class. */
  private static final Map<String, Map<String, Variant>> VARIANTS =
      Map.of(
          "vit",
          Map.of(
              "ViTForImageClassification",
              new Variant("vit", Pooling.CLASS_TOKEN, CLASSIFIER),
              "ViTModel",
              new Variant("vit", Pooling.CLASS_TOKEN, Variant.NO_HEAD)),
          "vit_mae",
          Map.of(
              "ViTMAEForPreTraining",
              new Variant("vit", Pooling.CLASS_TOKEN, Variant.NO_HEAD),
              "ViTMAEModel",
              new Variant("vit", Pooling.CLASS_TOKEN, Variant.NO_HEAD)),
          "ijepa",
          Map.of(
              "IJepaForImageClassification",
              new Variant("ijepa", Pooling.PATCHES, CLASSIFIER),
              "IJepaModel",
              new Variant("ijepa", Pooling.PATCHES, Variant.NO_HEAD)),
          "deit",
          Map.of(
              "DeiTForImageClassification",
              new Variant("deit", Pooling.CLASS_TOKEN, CLASSIFIER),
              "DeiTForImageClassificationWithTeacher",
              new Variant("deit", Pooling.CLASS_AND_DISTILLATION_TOKEN, TWO_CLASSIFIERS),
              "DeiTModel",
              new Variant("deit", Pooling.CLASS_TOKEN, Variant.NO_HEAD)));

  private final TransformersConfig config;
  private final JsonObject root;
  private final Variant variant;

  /**
   * @throws CheckpointException if another class was saved
   */
  TransformersViT(TransformersConfig config) {
    this.config = config;
    this.root = config.root();
    this.variant = only(config, VARIANTS.get(config.modelType()));
  }

  /**
   * What belongs to the class that was saved.
   *
   * @throws CheckpointException if it is none of these
   */
  static <T> T only(TransformersConfig config, Map<String, T> byClass) {
    for (String saved : config.architectures()) {
      if (byClass.containsKey(saved)) {
        return byClass.get(saved);
      }
    }
    String classes = byClass.keySet().stream().sorted().toList().toString();
    throw Extents.invalid(config.root(), "architectures", "one of " + classes);
  }

  @Override
  public Config config() {
    boolean classToken = variant.pooling != Pooling.PATCHES;
    Tokens tokens =
        new Tokens(
            classToken,
            config.modelType().equals("deit"),
            0,
            Positions.ALL,
            Filter.ANTIALIASED_BICUBIC,
            true);
    int classes = variant.head.isEmpty() ? 0 : classes(root);
    GlobalPool pool = classToken ? null : GlobalPool.AVERAGE;
    Head head = new Head(variant.pooling, pool, false, FinalNorm.BEFORE_POOLING, classes);
    int hidden = root.integer("intermediate_size", 3072);
    Layer layer = layer(root, hidden, MlpKind.PLAIN, activation(root, "gelu"), 1e-12, false);
    int depth = root.integer("num_hidden_layers", 12);
    return new Config(fixedInput(root, 16), tokens, false, layer, depth, head)
        .checked(root.source());
  }

  /** Images of the size that the position embeddings are for, 224 unless it is said. */
  static Input fixedInput(JsonObject root, int patch) {
    return fixedInput(root, patch, 224);
  }

  /**
   * Images of the size that the position embeddings are for.
   *
   * @param patch where the configuration has none
   * @param side of images where the configuration has none
   */
  static Input fixedInput(JsonObject root, int patch, int side) {
    int[] image = sides(root, "image_size", side);
    return input(root, patch, side, new Size(image[0], image[1]));
  }

  /**
   * Images of any size.
   *
   * @param patch where the configuration has none
   * @param side of the images that it was trained on where the configuration has none
   */
  static Input input(JsonObject root, int patch, int side, Size size) {
    int channels = Extents.one(root, "num_channels", 3, Input.MOST_CHANNELS);
    int[] patches = sides(root, "patch_size", patch);
    if (patches[0] != patches[1]) {
      throw Extents.invalid(root, "patch_size", "a square patch");
    }
    int[] trained = sides(root, "image_size", side);
    return new Input(size.height(), size.width(), trained[0], trained[1], patches[0], channels);
  }

  private static int[] sides(JsonObject root, String key, int absent) {
    return Extents.oneOrList(root, key, absent, 2, Input.LONGEST_SIDE);
  }

  /**
   * The block; width, heads and biases have one notation in all families.
   *
   * @param epsilon where the configuration has none
   */
  static Layer layer(
      JsonObject root,
      int hidden,
      MlpKind mlp,
      Activation activation,
      double epsilon,
      boolean layerScale) {
    int dim = root.integer("hidden_size", 768);
    int heads = root.integer("num_attention_heads", 12);
    if (root.has("head_dim") && (long) root.integer("head_dim") * heads != dim) {
      throw Extents.invalid(root, "head_dim", "hidden_size / num_attention_heads");
    }
    return new Layer(
        dim,
        heads,
        hidden,
        BlockKind.PRE_NORM,
        root.bool("qkv_bias", true),
        true,
        mlp,
        activation,
        Norms.plain(root.number("layer_norm_eps", epsilon)),
        layerScale);
  }

  /** {@code hidden_act}. */
  static Activation activation(JsonObject root, String absent) {
    return ActivationNames.transformers(root.string("hidden_act", absent))
        .orElseThrow(
            () ->
                Extents.invalid(
                    root,
                    "hidden_act",
                    "an activation that Ocellus has: gelu, gelu_new, gelu_pytorch_tanh,"
                        + " gelu_fast, quick_gelu, relu or silu"));
  }

  /** As transformers counts them: the entries of {@code id2label}, else {@code num_labels}. */
  static int classes(JsonObject root) {
    return root.has("id2label")
        ? root.object("id2label").keys().size()
        : root.integer("num_labels", 2);
  }

  /** The checkpoint in timm's names, query, key and value joined. */
  @Override
  public WeightSource renamed(WeightSource weights, int depth) {
    String model = variant.model + ".";
    String prefix = anyStartsWith(weights, model) ? model : "";
    boolean since5 = anyStartsWith(weights, prefix + "layers.");
    Map<String, String> names = new HashMap<>(variant.head);
    names.put("cls_token", prefix + "embeddings.cls_token");
    names.put("dist_token", prefix + "embeddings.distillation_token");
    names.put("pos_embed", prefix + "embeddings.position_embeddings");
    names.put("mask_token", prefix + "embeddings.mask_token");
    names.put("patch_embed.proj", prefix + "embeddings.patch_embeddings.projection");
    names.put("norm", prefix + "layernorm");
    names.put("pooler.dense", prefix + "pooler.dense");
    Map<String, List<String>> joined = new HashMap<>();
    for (int i = 0; i < depth; i++) {
      String house = "blocks." + i + ".";
      String file = prefix + (since5 ? "layers." : "encoder.layer.") + i + ".";
      nameAttention(house, file, since5, names, joined);
      names.put(house + "norm1", file + "layernorm_before");
      names.put(house + "norm2", file + "layernorm_after");
      names.put(house + "mlp.fc1", file + (since5 ? "mlp.fc1" : "intermediate.dense"));
      names.put(house + "mlp.fc2", file + (since5 ? "mlp.fc2" : "output.dense"));
    }
    nameDecoder(weights, names);
    return new JoinedWeights(new RenamedWeights(weights, names), joined);
  }

  /** The attention of a block, whose names families have in common. */
  static void nameAttention(
      String house,
      String file,
      boolean since5,
      Map<String, String> names,
      Map<String, List<String>> joined) {
    String qkv = since5 ? "attention.%s_proj" : "attention.attention.%s";
    names.put(house + "attn.q", file + qkv.formatted(since5 ? "q" : "query"));
    names.put(house + "attn.k", file + qkv.formatted(since5 ? "k" : "key"));
    names.put(house + "attn.v", file + qkv.formatted(since5 ? "v" : "value"));
    names.put(house + "attn.proj", file + "attention." + (since5 ? "o_proj" : "output.dense"));
    joined.put(house + "attn.qkv", List.of(house + "attn.q", house + "attn.k", house + "attn.v"));
  }

  /** MAE's decoder keeps its names. */
  private static void nameDecoder(WeightSource weights, Map<String, String> names) {
    weights.names().stream()
        .filter(TransformersViT::isOfDecoder)
        .forEach(name -> names.put(name, name));
  }

  static boolean anyStartsWith(WeightSource weights, String prefix) {
    return weights.names().stream().anyMatch(name -> name.startsWith(prefix));
  }

  /** The pooler is not the features; the mask token and MAE's decoder serve pre-training alone. */
  @Override
  public void ignoreUnused(WeightScope w) {
    boolean mae = config.modelType().equals("vit_mae");
    w.ignore(
        name ->
            name.startsWith("pooler.") || name.equals("mask_token") || (mae && isOfDecoder(name)));
  }

  private static boolean isOfDecoder(String name) {
    return name.startsWith("decoder.");
  }
}
