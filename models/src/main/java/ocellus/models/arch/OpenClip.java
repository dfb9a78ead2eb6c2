package ocellus.models.arch;

import java.util.Map;
import java.util.Set;
import ocellus.engine.WeightException;
import ocellus.engine.WeightException.Defect;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Packer;
import ocellus.engine.layers.Linear;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.OpenClipConfig;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.ImageModel;
import ocellus.models.TextModel;

/**
 * The towers of open_clip's {@code CLIP} and {@code CustomTextCLIP}, and of OpenAI's weights, whose
 * names open_clip has kept.
 *
 * <p>What serves nothing but training has no effect; an argument that asks for what is not
 * supported, or that open_clip does not have, is refused by name.
 */
public final class OpenClip {
  /** Builds a tower of timm's. */
  @FunctionalInterface
  public interface Trunk {
    /**
     * @throws CheckpointException if the architecture is not supported
     */
    ImageModel build(TimmConfig config, WeightSource weights, Packer packer);
  }

  /** What OpenAI's files say in tensors: whoever has them was trained with QuickGELU. */
  private static final Set<String> OPENAI =
      Set.of("input_resolution", "context_length", "vocab_size");

  private static final Set<String> OF_BOTH = Set.of("logit_scale", "logit_bias");

  /** The masks are computed. */
  private static final Set<String> MASKS = Set.of("attn_mask", "text.attn_mask");

  private static final Set<String> MODEL_KEYS =
      Set.of(
          "embed_dim",
          "vision_cfg",
          "text_cfg",
          "quick_gelu",
          "custom_text",
          "init_logit_scale",
          "init_logit_bias",
          "nonscalar_logit_scale",
          "cast_dtype",
          "output_dict");

  private static final String IMAGES = "visual.";
  private static final int MOST_FEATURES = 1 << 16;

  private final WeightSource weights;
  private final boolean quickGelu;
  private final int features;

  private OpenClip(OpenClipConfig config, WeightSource weights) {
    this.weights = weights;
    JsonObject model = config.model();
    if (model.has("multimodal_cfg")) {
      throw new CheckpointException(
          "%s is there, but CoCa is not supported; use a CLIP or SigLIP model"
              .formatted(model.where("multimodal_cfg")));
    }
    requireKnown(model, MODEL_KEYS);
    this.quickGelu = model.bool("quick_gelu", false) || weights.names().containsAll(OPENAI);
    this.features = Extents.one(model, "embed_dim", 0, MOST_FEATURES);
    verifyAllBelong();
  }

  /**
   * The image tower with its projection.
   *
   * @param trunk builds those of timm
   * @param packer of the model that is being built
   * @throws CheckpointException if the configuration asks for what is not supported
   * @throws WeightException if the tensors are not those of the architecture
   */
  public static ImageModel images(
      OpenClipConfig config, WeightSource weights, Packer packer, Trunk trunk) {
    OpenClip clip = new OpenClip(config, weights);
    WeightSource visual = RenamedWeights.part(weights, IMAGES);
    if (config.vision().has("timm_model_name")) {
      return new OpenClipTrunk(config.vision(), clip.features).build(visual, packer, trunk);
    }
    if (OpenClipResNet.isDescribedBy(config.vision())) {
      ClipResNet.Config structure = OpenClipResNet.config(config.vision(), clip.features);
      WeightSource house = OpenClipResNet.renamed(structure, visual);
      return ProjectedModel.ofHead(new ClipResNet(structure, WeightScope.of(house, packer)));
    }
    OpenClipVision vision = new OpenClipVision(config.vision(), clip.quickGelu);
    VisionTransformer.Config structure = vision.config();
    WeightScope w = WeightScope.of(vision.renamed(visual), packer);
    ImageModel tower = VisionTransformer.build(structure, w);
    Linear projection = Linear.transposed(w, "proj", tower.featureCount(), clip.features);
    w.verifyAllRead();
    return ProjectedModel.linear(tower, projection);
  }

  /**
   * The text tower with its projection.
   *
   * @param weights read as long as the tower is used
   * @param packer of the model that is being built
   * @throws CheckpointException if the configuration asks for what is not supported
   * @throws WeightException if the tensors are not those of the architecture
   */
  public static TextModel texts(OpenClipConfig config, WeightSource weights, Packer packer) {
    OpenClip clip = new OpenClip(config, weights);
    OpenClipText text = new OpenClipText(config.text(), clip.quickGelu, clip.features);
    String prefix = clip.textPrefix();
    WeightSource own = RenamedWeights.part(weights, prefix, OpenClip::isOfText);
    WeightScope w = WeightScope.of(text.renamed(own), packer);
    TextModel model = new TextTransformer(text.config(), w);
    w.verifyAllRead();
    return model;
  }

  /** Before the names of the text tower, which open_clip has on their own or in a module. */
  private String textPrefix() {
    return TransformersViT.anyStartsWith(weights, "text.") ? "text." : "";
  }

  /** Either tower is loaded without the other: what is of neither would not be missed. */
  private void verifyAllBelong() {
    String prefix = textPrefix();
    for (String name : weights.names()) {
      boolean ofText = isOfText(name) && name.startsWith(prefix);
      boolean known = OPENAI.contains(name) || OF_BOTH.contains(name) || MASKS.contains(name);
      if (!name.startsWith(IMAGES) && !ofText && !known) {
        throw new WeightException(
            Defect.UNEXPECTED,
            name,
            "%s: tensor %s %s is part of neither tower"
                .formatted(weights.description(), weights.nameInFile(name), weights.shape(name)));
      }
    }
  }

  private static boolean isOfText(String name) {
    String own = name.startsWith("text.") ? name.substring("text.".length()) : name;
    return !MASKS.contains(name)
        && (name.startsWith("text.")
            || own.startsWith("transformer.")
            || own.startsWith("token_embedding.")
            || own.startsWith("ln_final.")
            || own.startsWith("text_projection")
            || own.equals("positional_embedding"));
  }

  /**
   * @throws CheckpointException if there is a key that open_clip does not have
   */
  static void requireKnown(JsonObject json, Set<String> known) {
    for (String key : json.keys()) {
      if (!known.contains(key)) {
        throw new CheckpointException(
            "%s is not an argument of open_clip's that is supported; remove it if it has no effect"
                .formatted(json.where(key)));
      }
    }
  }

  /**
   * @throws CheckpointException if one of these switches is on
   */
  static void requireOff(JsonObject json, Set<String> switches) {
    for (String key : switches) {
      Object value = json.raw(key);
      if (value != null && !value.equals(false)) {
        throw new CheckpointException(
            "%s is %s, which is not supported".formatted(json.where(key), value));
      }
    }
  }

  /** {@code block_type}, which names the blocks that {@link #requireOff} has refused already. */
  static void requirePlainBlocks(JsonObject json) {
    String type = json.string("block_type", "default");
    if (!type.equals("default")) {
      throw Extents.invalid(json, "block_type", "default");
    }
  }

  /** QuickGELU or GELU, exact or as {@code act_kwargs} has it. */
  static Activation activation(JsonObject json, boolean quickGelu) {
    JsonObject args = json.objectOrEmpty("act_kwargs");
    requireKnown(args, Set.of("approximate"));
    String approximate = args.string("approximate", "none");
    return switch (approximate) {
      case "none" -> quickGelu ? Activation.QUICK_GELU : Activation.GELU;
      case "tanh" -> {
        if (quickGelu) {
          throw Extents.invalid(args, "approximate", "none, quick_gelu being true");
        }
        yield Activation.GELU_TANH;
      }
      default -> throw Extents.invalid(args, "approximate", "none or tanh");
    };
  }

  /** Of layer norms: {@code norm_kwargs}. */
  static double epsilon(JsonObject json) {
    JsonObject args = json.objectOrEmpty("norm_kwargs");
    requireKnown(args, Set.of("eps"));
    return args.number("eps", 1e-5);
  }

  /** Adds the names of a block that both towers have. */
  static void nameBlock(int index, Map<String, String> names) {
    String house = "blocks." + index + ".";
    String file = "transformer.resblocks." + index + ".";
    names.put(house + "norm1", file + "ln_1");
    names.put(house + "attn.qkv.weight", file + "attn.in_proj_weight");
    names.put(house + "attn.qkv.bias", file + "attn.in_proj_bias");
    names.put(house + "attn.proj", file + "attn.out_proj");
    names.put(house + "norm2", file + "ln_2");
    names.put(house + "mlp.fc1", file + "mlp.c_fc");
    names.put(house + "mlp.fc2", file + "mlp.c_proj");
    names.put(house + "ls1", file + "ls_1");
    names.put(house + "ls2", file + "ls_2");
  }
}
