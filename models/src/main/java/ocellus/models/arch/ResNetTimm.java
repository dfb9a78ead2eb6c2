package ocellus.models.arch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import ocellus.engine.kernels.Activation;
import ocellus.engine.layers.Conv2d.Spec;
import ocellus.engine.layers.EfficientChannelAttention;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.ResNet.Attention;
import ocellus.models.arch.ResNet.Block;
import ocellus.models.arch.ResNet.Config;
import ocellus.models.arch.ResNet.StemPool;

/** ResNet as the arguments of timm's {@code ResNet} describe it. */
final class ResNetTimm {
  private static final Presets PRESETS = new Presets("resnet");

  /** Arguments of entry points that this family is not built with. */
  private static final Set<String> FOREIGN = Set.of("aa_layer", "norm_layer", "pruned");

  private static final int STAGES = 4;

  /** What the stem and its pooling divide the image's height and width by. */
  private static final int STEM_STRIDE = 4;

  /** Channels that the base width is counted for. */
  private static final int BASE = 64;

  private static final int MAX_GROUPS = 1 << 12;

  /** What squeeze-and-excitation narrows to is a multiple of this. */
  private static final int SQUEEZE_DIVISOR = 8;

  private final TimmArguments args;
  private final boolean[] bottleneck;
  private final int groups;
  private final int baseWidth;
  private final int reduceFirst;
  private final int downKernel;
  private final boolean averagesDown;
  private final JsonObject blockArgs;

  private ResNetTimm(TimmArguments args) {
    this.args = args;
    this.bottleneck = bottlenecks(args.at("block"));
    this.groups = Extents.one(args.at("cardinality"), "cardinality", 1, MAX_GROUPS);
    this.baseWidth = Extents.one(args.at("base_width"), "base_width", BASE, Config.MAX_CHANNELS);
    this.reduceFirst =
        Extents.one(args.at("block_reduce_first"), "block_reduce_first", 1, Config.MAX_CHANNELS);
    this.downKernel = args.integer("down_kernel_size", 1);
    this.averagesDown = args.bool("avg_down", false);
    this.blockArgs = args.at("block_args").objectOrEmpty("block_args");
    if (downKernel != 1 && downKernel != 3) {
      throw args.invalid("down_kernel_size", downKernel, "1 or 3");
    }
  }

  static Set<String> architectures() {
    return PRESETS.architectures();
  }

  static Config config(TimmConfig timm) {
    JsonObject preset = PRESETS.arguments(timm.architecture());
    PRESETS.refuseForeign(timm, FOREIGN);
    if (timm.modelArgs().has("block")) {
      throw Extents.invalid(timm.modelArgs(), "block", "none: the architecture has its own");
    }
    var args = new TimmArguments(timm, preset);
    args.verifyNoneIsNull();
    args.ignore("zero_init_last");
    Config config = new ResNetTimm(args).config();
    args.verifyAllHonoured();
    return config;
  }

  /** Of each stage, whether its blocks are bottlenecks. */
  private static boolean[] bottlenecks(JsonObject args) {
    boolean[] result = new boolean[STAGES];
    if (args.raw("block") instanceof List<?>) {
      List<String> blocks = args.strings("block");
      for (int i = 0; i < STAGES; i++) {
        result[i] = blocks.get(i).equals("bottleneck");
      }
    } else {
      Arrays.fill(result, args.string("block").equals("bottleneck"));
    }
    return result;
  }

  private Config config() {
    ImageShape input = args.input();
    List<Spec> stem = stem(input.channels());
    boolean convolves = args.bool("replace_stem_pool", false);
    Activation activation = args.activation(Activation.RELU);
    return new Config(
        input,
        stem,
        convolves ? StemPool.CONVOLUTION : StemPool.MAX,
        stages(stem.getLast().out()),
        activation,
        activation,
        args.globalPool(),
        args.classes());
  }

  private List<Spec> stem(int in) {
    int width = Extents.one(args.at("stem_width"), "stem_width", 64, Config.MAX_CHANNELS);
    String type = args.string("stem_type", "");
    return switch (type) {
      case "" -> List.of(Spec.of(in, 64, 7).stride(2));
      case "deep" -> deep(in, width, width);
      case "deep_tiered" -> {
        if (width < 4) {
          throw args.invalid("stem_width", width, "4 or more for a deep_tiered stem");
        }
        yield deep(in, 3 * (width / 4), width);
      }
      default -> throw args.invalid("stem_type", '"' + type + '"', "\"\", deep or deep_tiered");
    };
  }

  /** ResNet-C: three convolutions for one, He et al. 2019, figure 2b. */
  static List<Spec> deep(int in, int first, int second) {
    return List.of(
        Spec.of(in, first, 3).stride(2), Spec.of(first, second, 3), Spec.of(second, 2 * second, 3));
  }

  /** {@code make_blocks} of timm. */
  private List<List<Block>> stages(int stemChannels) {
    int[] depths = Extents.list(args.at("layers"), "layers", STAGES, Config.MAX_DEPTH);
    int[] channels = channels();
    int outputStride = args.integer("output_stride", 32);
    if (outputStride != 8 && outputStride != 16 && outputStride != 32) {
      throw args.invalid("output_stride", outputStride, "8, 16 or 32");
    }
    List<List<Block>> stages = new ArrayList<>();
    int in = stemChannels;
    int divided = STEM_STRIDE;
    int dilation = 1;
    int previousDilation = 1;
    for (int i = 0; i < STAGES; i++) {
      int stride = i == 0 ? 1 : 2;
      if (divided >= outputStride) {
        dilation *= stride;
        stride = 1;
      } else {
        divided *= stride;
      }
      List<Block> blocks = new ArrayList<>();
      for (int j = 0; j < depths[i]; j++) {
        Step step = new Step(in, channels[i], j == 0 ? stride : 1, dilation, previousDilation);
        Block block = block(step, bottleneck[i], j == 0);
        blocks.add(block);
        in = block.convs().getLast().out();
        previousDilation = dilation;
      }
      stages.add(blocks);
    }
    return stages;
  }

  private int[] channels() {
    JsonObject from = args.at("channels");
    return from.has("channels")
        ? Extents.list(from, "channels", STAGES, Config.MAX_CHANNELS)
        : new int[] {64, 128, 256, 512};
  }

  /**
   * What a block does to the shape of a map.
   *
   * @param planes the channels of its stage, of which a bottleneck puts out four times as many
   * @param firstDilation of its first 3x3 convolution
   */
  private record Step(int in, int planes, int stride, int dilation, int firstDilation) {}

  private Block block(Step step, boolean isBottleneck, boolean isFirst) {
    List<Spec> convs = isBottleneck ? bottleneck(step) : basic(step);
    int out = convs.getLast().out();
    boolean projects = isFirst && (step.stride != 1 || step.in != out);
    Shortcut shortcut = projects ? shortcut(step, out) : new Shortcut.Identity();
    return new Block(convs, Activation.IDENTITY, attention(out), shortcut);
  }

  private List<Spec> basic(Step step) {
    if (groups != 1 || baseWidth != BASE) {
      String key = groups != 1 ? "cardinality" : "base_width";
      throw args.invalid(key, groups != 1 ? groups : baseWidth, "the default: a basic block");
    }
    int first = narrowed(step.planes);
    return List.of(
        Spec.of(step.in, first, 3).stride(step.stride).dilation(step.firstDilation),
        Spec.of(first, step.planes, 3).dilation(step.dilation));
  }

  private List<Spec> bottleneck(Step step) {
    long wide = (long) step.planes * baseWidth / BASE * groups;
    if (wide < groups || wide > Config.MAX_CHANNELS) {
      throw args.invalid("base_width", baseWidth, "a width of at most " + Config.MAX_CHANNELS);
    }
    int width = (int) wide;
    int first = narrowed(width);
    if (first % groups != 0) {
      throw args.invalid("cardinality", groups, "a divisor of " + first + " channels");
    }
    return List.of(
        Spec.of(step.in, first, 1),
        Spec.of(first, width, 3).stride(step.stride).dilation(step.firstDilation).groups(groups),
        Spec.of(width, 4 * step.planes, 1));
  }

  private int narrowed(int width) {
    if (width < reduceFirst) {
      throw args.invalid("block_reduce_first", reduceFirst, "at most " + width);
    }
    return width / reduceFirst;
  }

  private Shortcut shortcut(Step step, int out) {
    boolean dilated = step.dilation > 1;
    if (averagesDown) {
      return new Shortcut.Averaging(step.stride, dilated, Spec.of(step.in, out, 1));
    }
    if (downKernel == 1 || (step.stride == 1 && !dilated)) {
      return new Shortcut.Strided(Spec.of(step.in, out, 1).stride(step.stride));
    }
    return new Shortcut.Strided(
        Spec.of(step.in, out, downKernel).stride(step.stride).dilation(step.firstDilation));
  }

  private Attention attention(int channels) {
    blockArgs.keys().stream()
        .filter(key -> !key.equals("attn_layer") && !key.equals("rd_ratio"))
        .findFirst()
        .ifPresent(
            key -> {
              throw Extents.invalid(blockArgs, key, "none: attn_layer is what is supported");
            });
    String name = blockArgs.string("attn_layer", "");
    return switch (name) {
      case "" -> new Attention.None();
      case "se" -> {
        double ratio = blockArgs.number("rd_ratio", 1 / 16.0);
        int units = (int) (channels * ratio / SQUEEZE_DIVISOR + 0.5);
        yield new Attention.Squeeze(Math.max(1, units) * SQUEEZE_DIVISOR);
      }
      case "eca" -> new Attention.Local(EfficientChannelAttention.kernelFor(channels));
      default -> throw Extents.invalid(blockArgs, "attn_layer", "se or eca");
    };
  }
}
