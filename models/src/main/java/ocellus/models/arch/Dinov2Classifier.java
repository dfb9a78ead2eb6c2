package ocellus.models.arch;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.models.ImageModel;
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
 * DINOv2 with a linear classifier, Oquab et al. 2023, "DINOv2: Learning Robust Visual Features
 * without Supervision", as its authors' {@code dinov2/hub/classifiers.py} builds it for torch.hub:
 * the classifier sees the class tokens of the last four blocks, or of the last one, and the mean of
 * the last one's patches, all normalised.
 *
 * <p>torch.hub writes no configuration: that of these checkpoints is as timm's, with the name of
 * the authors' function as {@code architecture}, and arguments of this function and of their {@code
 * DinoVisionTransformer} as {@code model_args}. Images may have other sizes than the weights are
 * for; position embeddings are then resampled as the authors do, not as timm does.
 */
public final class Dinov2Classifier {
  /** Arguments that change nothing at inference, or say where to get weights from. */
  private static final Set<String> UNUSED = Set.of("drop_path_uniform", "pretrained", "weights");

  private static final String REGISTERS = "_reg";
  private static final String HEAD = "_lc";
  private static final String BACKBONE = "backbone.";

  /** The last blocks whose class tokens are heard, unless it is one. */
  private static final int ALL_HEARD = 4;

  private static final double MOST_RATIO = 1 << 10;

  private static final double EPSILON = 1e-6;

  /** The widths of a SwiGLU are rounded up to a multiple of it. */
  private static final int ROUNDED_TO = 8;

  /** What an architecture is unless arguments say otherwise. */
  private record Preset(int dim, int depth, int heads, String mlp) {}

  private static final Map<String, Preset> PRESETS =
      Map.of(
          "dinov2_vits14", new Preset(384, 12, 6, "mlp"),
          "dinov2_vitb14", new Preset(768, 12, 12, "mlp"),
          "dinov2_vitl14", new Preset(1024, 24, 16, "mlp"),
          "dinov2_vitg14", new Preset(1536, 40, 24, "swiglufused"));

  private final TimmConfig config;
  private final TimmArguments args;
  private final Preset preset;
  private final boolean registers;

  private Dinov2Classifier(TimmConfig config) {
    this.config = config;
    this.args = new TimmArguments(config);
    String name = config.architecture();
    this.registers = name.endsWith(REGISTERS + HEAD);
    String backbone = name.substring(0, name.length() - HEAD.length());
    this.preset = PRESETS.get(registers ? backbone.replace(REGISTERS, "") : backbone);
  }

  /** The architectures that {@link #timm} builds. */
  public static Set<String> timmArchitectures() {
    return PRESETS.keySet().stream()
        .flatMap(name -> Stream.of(name + HEAD, name + REGISTERS + HEAD))
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * A model with the tensors of its authors' code and a configuration as timm's.
   *
   * @param packer of the model that is being built
   * @throws CheckpointException if the configuration asks for what is not supported
   * @throws ocellus.engine.WeightException if the tensors are not those of the architecture
   */
  public static ImageModel timm(TimmConfig config, WeightSource weights, Packer packer) {
    Config structure = config(config);
    WeightScope w = WeightScope.of(renamed(weights, structure), packer);
    int cells = structure.input().trainedGrid().cells();
    w.tensor("pos_embed", 1, 1 + cells, structure.layer().dim()); // those of img_size, no others
    ImageModel model = VisionTransformer.build(structure, w);
    w.ignore("mask_token"::equals); // stands for patches in pre-training alone
    w.verifyAllRead();
    return model;
  }

  static Config config(TimmConfig config) {
    return new Dinov2Classifier(config).read();
  }

  private Config read() {
    args.verifyNoneIsNull();
    UNUSED.forEach(args::ignore);
    Config read =
        new Config(input(), tokens(), false, layer(), args.integer("depth", preset.depth), head());
    if (args.integer("block_chunks", 0) != 0) {
      throw args.invalid("block_chunks", args.integer("block_chunks", 0), "0: blocks in one list");
    }
    args.verifyAllHonoured();
    read.checked(config.root().source());
    int blocks = read.head().pooling() == Pooling.CLASS_TOKEN_AND_MEAN ? 1 : ALL_HEARD;
    if (read.depth() < blocks) {
      throw args.invalid(
          "depth", read.depth(), "at least the " + blocks + " layers that are heard");
    }
    return read;
  }

  private Input input() {
    ImageShape image = args.input();
    int patch = args.integer("patch_size", 14);
    int trained = args.integer("img_size", 518);
    if (patch > 0 && (image.height() % patch != 0 || image.width() % patch != 0)) {
      throw new CheckpointException(
          "%s: images are of %d x %d, expected multiples of patch_size %d"
              .formatted(config.root().source(), image.height(), image.width(), patch));
    }
    return new Input(image.height(), image.width(), trained, trained, patch, image.channels());
  }

  private Tokens tokens() {
    int count = args.integer("num_register_tokens", registers ? 4 : 0);
    return new Tokens(true, false, count, Positions.ALL_BUT_REGISTERS, filter(), true);
  }

  /** How positions are resampled; the functions with registers have newer defaults. */
  private Filter filter() {
    boolean antialiased = args.bool("interpolate_antialias", registers);
    double offset = args.at("interpolate_offset").number("interpolate_offset", registers ? 0 : 0.1);
    if (offset == 0) {
      return antialiased ? Filter.ANTIALIASED_BICUBIC : Filter.BICUBIC;
    }
    if (offset == 0.1 && !antialiased) {
      return Filter.OFFSET_BICUBIC;
    }
    throw args.invalid(
        "interpolate_offset", offset, antialiased ? "0 with interpolate_antialias" : "0 or 0.1");
  }

  private Layer layer() {
    int dim = args.integer("embed_dim", preset.dim);
    int hidden = (int) (dim * args.positive("mlp_ratio", 4, MOST_RATIO));
    boolean gated = isGated();
    if (gated) {
      hidden = Math.ceilDiv((int) (hidden * 2.0 / 3), ROUNDED_TO) * ROUNDED_TO;
    }
    return new Layer(
        dim,
        args.integer("num_heads", preset.heads),
        hidden,
        BlockKind.PRE_NORM,
        true,
        true,
        gated ? MlpKind.GATED : MlpKind.PLAIN,
        gated ? Activation.SILU : Activation.GELU,
        Norms.plain(EPSILON),
        args.at("init_values").number("init_values", 1) != 0);
  }

  private boolean isGated() {
    String mlp = args.string("ffn_layer", preset.mlp);
    return switch (mlp) {
      case "mlp" -> false;
      case "swiglu", "swiglufused" -> true;
      default -> throw args.invalid("ffn_layer", mlp, "mlp, swiglu or swiglufused");
    };
  }

  private Head head() {
    int layers = args.integer("layers", ALL_HEARD);
    Pooling pooling =
        switch (layers) {
          case 1 -> Pooling.CLASS_TOKEN_AND_MEAN;
          case ALL_HEARD -> Pooling.FOUR_CLASS_TOKENS_AND_MEAN;
          default -> throw args.invalid("layers", layers, "1 or 4");
        };
    return new Head(pooling, null, false, FinalNorm.BEFORE_POOLING, args.classes());
  }

  /** The checkpoint in timm's names. */
  private static WeightSource renamed(WeightSource weights, Config config) {
    Map<String, String> names = new HashMap<>();
    names.put("head", "linear_head");
    names.put("reg_token", BACKBONE + "register_tokens");
    for (String same :
        List.of("cls_token", "pos_embed", "mask_token", "patch_embed.proj", "norm")) {
      names.put(same, BACKBONE + same);
    }
    boolean gated = config.layer().mlp() == MlpKind.GATED;
    for (int i = 0; i < config.depth(); i++) {
      String block = "blocks." + i + ".";
      names.put(block + "mlp.fc1", BACKBONE + block + (gated ? "mlp.w12" : "mlp.fc1"));
      names.put(block + "mlp.fc2", BACKBONE + block + (gated ? "mlp.w3" : "mlp.fc2"));
      for (String same : List.of("norm1", "attn.qkv", "attn.proj", "ls1", "norm2", "ls2")) {
        names.put(block + same, BACKBONE + block + same);
      }
    }
    return new RenamedWeights(weights, names);
  }
}
