package ocellus.models.arch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import ocellus.engine.kernels.Activation;
import ocellus.engine.layers.Conv2d.Spec;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.RegNet.Block;
import ocellus.models.arch.RegNet.Config;

/** RegNet as the fields of timm's {@code RegNetCfg} describe it. */
final class RegNetTimm {
  private static final Presets PRESETS = new Presets("regnet");

  /** Fields of entry points that this family is not built with. */
  private static final Set<String> FOREIGN = Set.of("preact", "norm_layer");

  private static final int STAGES = 4;

  /** What widths are multiples of before they are fitted to the groups. */
  private static final int QUANTUM = 8;

  private static final double MAX_RATIO = 100;

  private final TimmArguments args;
  private final double bottleRatio;
  private final double squeezeRatio;
  private final String downsample; // empty for none
  private final Activation activation;

  private RegNetTimm(TimmArguments args) {
    this.args = args;
    this.bottleRatio = args.positive("bottle_ratio", 1, MAX_RATIO);
    this.squeezeRatio = args.at("se_ratio").number("se_ratio", 0);
    this.downsample = args.string("downsample", noDownsample() ? "" : "conv1x1");
    this.activation = args.activation(Activation.RELU);
    if (!(squeezeRatio >= 0 && squeezeRatio <= MAX_RATIO)) {
      throw args.invalid("se_ratio", squeezeRatio, "a number from 0 to " + MAX_RATIO);
    }
    if (!Set.of("", "conv1x1", "avg").contains(downsample)) {
      throw args.invalid("downsample", downsample, "conv1x1, avg or null");
    }
  }

  /** For timm, null is another value than the default. */
  private boolean noDownsample() {
    JsonObject all = args.at("downsample");
    return all.keys().contains("downsample") && !all.has("downsample");
  }

  static Set<String> architectures() {
    return PRESETS.architectures();
  }

  static Config config(TimmConfig timm) {
    JsonObject preset = PRESETS.arguments(timm.architecture());
    PRESETS.refuseForeign(timm, FOREIGN);
    var args = new TimmArguments(timm, preset);
    args.verifyNoneIsNull();
    args.ignore("zero_init_last");
    Config config = new RegNetTimm(args).config();
    args.verifyAllHonoured();
    return config;
  }

  private Config config() {
    int stem = Extents.one(args.at("stem_width"), "stem_width", 32, Config.MAX_CHANNELS);
    int features = args.integer("num_features", 0);
    if (features < 0 || features > Config.MAX_CHANNELS) {
      throw args.invalid("num_features", features, "0 to " + Config.MAX_CHANNELS);
    }
    return new Config(
        args.input(),
        stem,
        stages(stem),
        activation,
        args.bool("linear_out", false),
        features,
        args.globalPool(),
        args.classes());
  }

  /** Of each width, how many blocks have it: equations 2 to 4 of the paper. */
  private Map<Integer, Integer> widths() {
    int depth = Extents.one(args.at("depth"), "depth", 21, Config.MAX_DEPTH);
    int initial = Extents.one(args.at("w0"), "w0", 80, Config.MAX_CHANNELS);
    double slope = args.at("wa").number("wa", 42.63);
    double multiplier = args.at("wm").number("wm", 2.66);
    if (initial % QUANTUM != 0) {
      throw args.invalid("w0", initial, "a multiple of " + QUANTUM);
    }
    if (!(slope >= 0 && slope <= Config.MAX_CHANNELS)) {
      throw args.invalid("wa", slope, "a number from 0 to " + Config.MAX_CHANNELS);
    }
    if (!(multiplier > 1 && multiplier <= MAX_RATIO)) {
      throw args.invalid("wm", multiplier, "a number above 1, at most " + MAX_RATIO);
    }
    Map<Integer, Integer> widths = new TreeMap<>();
    for (int j = 0; j < depth; j++) {
      double u = initial + slope * j;
      double s = Math.rint(Math.log(u / initial) / Math.log(multiplier));
      double width = Math.rint(initial * Math.pow(multiplier, s) / QUANTUM) * QUANTUM;
      widths.merge((int) width, 1, Integer::sum);
    }
    if (widths.size() != STAGES) {
      throw args.invalid(
          "wm", multiplier, "what gives %d stages, not %d".formatted(STAGES, widths.size()));
    }
    return widths;
  }

  private List<List<Block>> stages(int stem) {
    int outputStride = args.integer("output_stride", 32);
    if (outputStride != 8 && outputStride != 16 && outputStride != 32) {
      throw args.invalid("output_stride", outputStride, "8, 16 or 32");
    }
    List<List<Block>> stages = new ArrayList<>();
    int in = stem;
    int divided = 2;
    int dilation = 1;
    for (Map.Entry<Integer, Integer> stage : widths().entrySet()) {
      int stride = divided >= outputStride ? 1 : 2;
      divided *= stride;
      dilation *= 2 / stride;
      Groups groups = groups(stage.getKey());
      List<Block> blocks = new ArrayList<>();
      for (int j = 0; j < stage.getValue(); j++) {
        int own = j > 0 ? dilation : dilation > 2 ? 2 : 1;
        blocks.add(block(in, groups, j == 0 ? stride : 1, own, dilation));
        in = groups.out;
      }
      stages.add(blocks);
    }
    return stages;
  }

  /**
   * Channels that whole groups go into.
   *
   * @param out of the blocks
   * @param middle of their grouped convolutions
   * @param size channels of a group
   */
  private record Groups(int out, int middle, int size) {}

  /** timm's {@code adjust_widths_groups_comp}; torchvision's networks round in another way. */
  private Groups groups(int width) {
    int wanted = (int) (width * bottleRatio);
    int size = Extents.one(args.at("group_size"), "group_size", 24, Config.MAX_CHANNELS);
    size = Math.min(size, wanted);
    if (size == 0) {
      throw args.invalid("bottle_ratio", bottleRatio, "what leaves a channel of " + width);
    }
    boolean torchvision = args.at("group_min_ratio").number("group_min_ratio", 0) != 0;
    int fitted =
        torchvision
            ? new ChannelWidth(1, size, size, false).rounded(wanted)
            : (int) (Math.rint((double) wanted / size) * size);
    int out = (int) (fitted / bottleRatio);
    return new Groups(out, (int) Math.rint(out * bottleRatio), size);
  }

  /**
   * @param own dilation of this block
   * @param dilation of the stage
   */
  private Block block(int in, Groups groups, int stride, int own, int dilation) {
    int count = groups.middle / groups.size;
    if (count == 0 || groups.middle % count != 0) {
      throw args.invalid("bottle_ratio", bottleRatio, "what goes into groups of " + groups.size);
    }
    int out = groups.out;
    return new Block(
        Block.convs(in, groups.middle, out, stride, own, count),
        squeezed(in),
        activation,
        in == out && stride == 1 && own == dilation
            ? new Shortcut.Identity()
            : shortcut(Spec.of(in, out, 1), stride, own));
  }

  private int squeezed(int in) {
    int squeezed = (int) Math.rint(in * squeezeRatio);
    if (squeezeRatio > 0 && squeezed == 0) {
      throw args.invalid("se_ratio", squeezeRatio, "what leaves a channel of " + in);
    }
    return squeezed;
  }

  private Shortcut shortcut(Spec spec, int stride, int dilation) {
    return switch (downsample) {
      case "" -> new Shortcut.None();
      case "avg" -> new Shortcut.Averaging(stride, dilation > 1, spec);
      default -> new Shortcut.Strided(spec.stride(stride));
    };
  }
}
