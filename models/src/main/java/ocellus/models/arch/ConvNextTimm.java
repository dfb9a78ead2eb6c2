package ocellus.models.arch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Window.Padding;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Norm;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.ConvNext.Config;
import ocellus.models.arch.ConvNext.Head;
import ocellus.models.arch.ConvNext.Hidden;
import ocellus.models.arch.ConvNext.NormStyle;
import ocellus.models.arch.ConvNext.Stage;
import ocellus.models.arch.ConvNext.Stem;

/** ConvNeXt as the arguments of timm's {@code ConvNeXt} describe it. */
final class ConvNextTimm {
  private static final Presets PRESETS = new Presets("convnext");
  private static final int STAGES = 4;
  private static final int MAX_KERNEL = 63;
  private static final double EPSILON = 1e-6;

  private ConvNextTimm() {}

  static Set<String> architectures() {
    return PRESETS.architectures();
  }

  static Config config(TimmConfig timm) {
    TimmArguments args = new TimmArguments(timm, PRESETS.arguments(timm.architecture()));
    args.ignore("head_init_scale");
    args.ignore("conv_mlp"); // only how the weights of the MLPs are stored, and both are read
    Hidden hidden = args.bool("use_grn", false) ? Hidden.RESPONSE_NORM : Hidden.PLAIN;
    boolean layerScale = layerScale(args.at("ls_init_value"));
    if (layerScale && hidden == Hidden.RESPONSE_NORM) {
      throw args.invalid("ls_init_value", "a number", "null where use_grn is true");
    }
    int[] dims = Extents.list(args.at("dims"), "dims", STAGES, Config.MAX_CHANNELS);
    Activation activation = args.activation(Activation.GELU);
    Stem stem = stem(args, dims[0], activation);
    NormStyle norm = norm(args, dims);
    Config config =
        new Config(
            args.input(),
            stem,
            stages(args, dims, stem.stride()),
            norm,
            activation,
            args.bool("conv_bias", true),
            layerScale,
            hidden,
            head(args, norm));
    args.verifyAllHonoured();
    ImageShape input = config.input();
    if (Math.min(input.height(), input.width()) < config.leastSide()) {
      throw Extents.invalid(
          timm.pretrainedCfg(), "input_size", "a height and width from " + config.leastSide());
    }
    return config;
  }

  /** There is none if its initial value is null. */
  private static boolean layerScale(JsonObject args) {
    double initial = args.number("ls_init_value", Double.NaN);
    return !Double.isNaN(initial) || !args.keys().contains("ls_init_value");
  }

  private static Stem stem(TimmArguments args, int channels, Activation activation) {
    int patch = Extents.one(args.at("patch_size"), "patch_size", 4, Config.MAX_PATCH);
    String type = args.string("stem_type", "patch");
    return switch (type) {
      case "patch" -> new Stem.Patches(patch);
      case "overlap" -> new Stem.Overlapping(channels, Optional.empty());
      case "overlap_tiered" -> {
        int half = channels / 2;
        yield new Stem.Overlapping(ChannelWidth.of(1).rounded(half), Optional.empty());
      }
      case "overlap_act" -> new Stem.Overlapping(channels, Optional.of(activation));
      default ->
          throw args.invalid("stem_type", type, "patch, overlap, overlap_tiered or overlap_act");
    };
  }

  /**
   * Each stage after the first halves the map, as long as it is not yet {@code output_stride} times
   * smaller than the image; the stages that would exceed that are dilated instead.
   */
  private static List<Stage> stages(TimmArguments args, int[] dims, int stemStride) {
    int[] depths = Extents.list(args.at("depths"), "depths", STAGES, Config.MAX_DEPTH);
    int[] kernels = kernels(args.at("kernel_sizes"));
    int outputStride = args.integer("output_stride", 32);
    if (outputStride != 8 && outputStride != 16 && outputStride != 32) {
      throw args.invalid("output_stride", outputStride, "8, 16 or 32");
    }
    List<Stage> stages = new ArrayList<>();
    int stride = stemStride;
    int dilation = 1;
    for (int i = 0; i < STAGES; i++) {
      int in = dims[Math.max(0, i - 1)];
      Conv2d.Spec downsample = null;
      if (i > 0 || stride == 2) {
        downsample = Conv2d.Spec.of(in, dims[i], 2);
        if (stride < outputStride) {
          stride *= 2;
          downsample = downsample.stride(2);
        } else {
          dilation *= 2;
          downsample = downsample.dilation(dilation == 2 ? 1 : 2).padding(new Padding.Same());
        }
      }
      stages.add(
          new Stage(Optional.ofNullable(downsample), depths[i], dims[i], kernels[i], dilation));
    }
    return stages;
  }

  private static int[] kernels(JsonObject args) {
    int[] kernels = Extents.oneOrList(args, "kernel_sizes", 7, STAGES, MAX_KERNEL);
    for (int kernel : kernels) {
      if (kernel % 2 == 0) {
        throw Extents.invalid(args, "kernel_sizes", "odd sizes, which keep that of the map");
      }
    }
    return kernels;
  }

  private static NormStyle norm(TimmArguments args, int[] dims) {
    String name = args.string("norm_layer", "layernorm");
    Norm.Kind kind =
        switch (name) {
          case "layernorm", "layernorm2d" -> Norm.Kind.LAYER;
          case "rmsnorm", "rmsnorm2d" -> Norm.Kind.RMS;
          case "simplenorm", "simplenorm2d" -> Norm.Kind.SIMPLE;
          default -> throw args.invalid("norm_layer", name, "layernorm, rmsnorm or simplenorm");
        };
    if (kind == Norm.Kind.SIMPLE && Arrays.stream(dims).anyMatch(dim -> dim < 2)) {
      throw args.invalid("dims", Arrays.toString(dims), "two channels or more for a simplenorm");
    }
    return new NormStyle(kind, args.positive("norm_eps", EPSILON, 1));
  }

  private static Head head(TimmArguments args, NormStyle norm) {
    boolean normFirst = args.bool("head_norm_first", false);
    int hidden = args.integer("head_hidden_size", 0);
    if (hidden < 0 || hidden > Config.MAX_CHANNELS || (normFirst && hidden > 0)) {
      throw args.invalid("head_hidden_size", hidden, "a size, and none with head_norm_first");
    }
    GlobalPool pool = args.globalPool();
    if (pool == GlobalPool.BOTH && !normFirst) {
      throw args.invalid("global_pool", "catavgmax", "avg, max or avgmax, which the norm can take");
    }
    return new Head(norm, normFirst, pool, hidden, args.classes());
  }
}
