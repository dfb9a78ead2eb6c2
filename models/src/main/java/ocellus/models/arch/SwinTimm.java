package ocellus.models.arch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import ocellus.engine.kernels.Activation;
import ocellus.engine.layers.ShiftedWindows;
import ocellus.engine.layers.ShiftedWindows.Axis;
import ocellus.engine.layers.ShiftedWindows.Order;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.Swin.Config;
import ocellus.models.arch.Swin.Stage;

/**
 * Swin Transformers as the arguments of timm's {@code SwinTransformer} and {@code
 * SwinTransformerV2} describe them.
 */
final class SwinTimm {
  private static final Presets PRESETS = new Presets("swin");

  /** Before the names of architectures that timm has from another implementation, and not here. */
  private static final String OTHER_CODE = "swinv2_cr_";

  /** Of PyTorch's layer norm. */
  private static final double EPSILON = 1e-5;

  private static final int LONGEST_SIDE = 1 << 14;
  private static final int LARGEST_WINDOW = 1 << 8;

  private final TimmArguments args;
  private final TimmConfig timm;
  private final boolean isV2; // which constructor of timm's the arguments are for

  private SwinTimm(TimmConfig timm) {
    this.timm = timm;
    this.isV2 = timm.architecture().startsWith("swinv2_");
    this.args = new TimmArguments(timm, PRESETS.arguments(timm.architecture()));
  }

  static Set<String> architectures() {
    return PRESETS.architectures().stream()
        .filter(name -> !name.startsWith(OTHER_CODE))
        .collect(Collectors.toUnmodifiableSet());
  }

  static Config config(TimmConfig timm) {
    return new SwinTimm(timm).read();
  }

  private Config read() {
    ignoreTraining();
    ImageShape input = input();
    int patch = Extents.one(args.at("patch_size"), "patch_size", 4, Config.LARGEST_PATCH);
    if (Math.min(input.height(), input.width()) < patch) {
      throw args.invalid("patch_size", patch, "at most the height and width of the image");
    }
    Config config =
        new Config(
            isV2 ? new SwinV2() : new SwinV1(),
            input,
            patch,
            stages(input.height() / patch, input.width() / patch),
            EPSILON,
            EPSILON,
            isV2 ? args.activation(Activation.GELU) : Activation.GELU,
            args.bool("qkv_bias", true),
            args.classes());
    if (args.globalPool() != GlobalPool.AVERAGE) {
      throw args.invalid("global_pool", timm.globalPool().orElse("another"), "avg");
    }
    args.verifyAllHonoured();
    return config;
  }

  private void ignoreTraining() {
    args.ignore("proj_drop_rate");
    args.ignore("attn_drop_rate");
    args.ignore("weight_init");
    args.ignore("strict_img_size"); // whether images may have another size than this one
  }

  /**
   * The size is {@code img_size} of {@code model_args}, or else what the weights are meant for, or
   * what the published ones are.
   */
  private ImageShape input() {
    ImageShape meant = args.input();
    boolean known = timm.pretrainedCfg().has("input_size") && !timm.modelArgs().has("img_size");
    if (known) {
      args.ignore("img_size");
      return meant;
    }
    int[] size = Extents.oneOrList(args.at("img_size"), "img_size", 224, 2, LONGEST_SIDE);
    return new ImageShape(size[0], size[1], meant.channels());
  }

  /**
   * The stages of a map of patches. Window and shift follow from half, a quarter... of its rows and
   * columns rounded down, while the maps themselves are rounded up.
   */
  private List<Stage> stages(int rows, int columns) {
    int count = args.at("depths").integers("depths").length;
    if (count < 1 || count > Config.MOST_STAGES) {
      throw Extents.invalid(args.at("depths"), "depths", "a list of 1 to " + Config.MOST_STAGES);
    }
    int[] depths = Extents.list(args.at("depths"), "depths", count, Config.MOST_BLOCKS);
    int[] heads = Extents.list(args.at("num_heads"), "num_heads", count, Config.WIDEST);
    double[] ratios = ratios(count);
    int[][] windows = windows(isV2 ? 1 : count);
    int[] trained = isV2 ? trainedWindows(count) : new int[count];
    int dim = Extents.one(args.at("embed_dim"), "embed_dim", 96, Config.WIDEST >> count);
    List<Stage> stages = new ArrayList<>();
    int mapRows = rows;
    int mapColumns = columns;
    for (int i = 0; i < count; i++) {
      if (dim % heads[i] != 0) {
        throw Extents.invalid(args.at("num_heads"), "num_heads", "divisors of the channels");
      }
      if (Math.min(rows >> i, columns >> i) == 0) {
        throw Extents.invalid(args.at("depths"), "depths", "fewer stages for images of this size");
      }
      int[] window = windows[isV2 ? 0 : i];
      Axis[] plain = axes(mapRows, mapColumns, rows >> i, columns >> i, window, false);
      Axis[] shifted = axes(mapRows, mapColumns, rows >> i, columns >> i, window, true);
      stages.add(
          new Stage(
              depths[i],
              dim,
              heads[i],
              (int) (dim * ratios[i]),
              new ShiftedWindows(plain[0], plain[1]),
              new ShiftedWindows(shifted[0], shifted[1]),
              trained[i]));
      mapRows = Math.ceilDiv(mapRows, 2);
      mapColumns = Math.ceilDiv(mapColumns, 2);
      dim *= 2;
    }
    return stages;
  }

  private Axis[] axes(
      int rows, int columns, int nominalRows, int nominalColumns, int[] window, boolean shifted) {
    return new Axis[] {
      axis(rows, nominalRows, window[0], shifted), axis(columns, nominalColumns, window[1], shifted)
    };
  }

  /** A map that is no larger than a window is a window, which does not shift. */
  private Axis axis(int extent, int nominal, int window, boolean shifted) {
    int shift = shifted ? window / 2 : 0;
    boolean fits = nominal <= window && !args.bool("always_partition", false);
    return fits
        ? new Axis(extent, nominal, 0, Order.SHIFT_FIRST)
        : new Axis(extent, window, shift, Order.SHIFT_FIRST);
  }

  /** {@code window_size}: a side, rows and columns, or of either one a stage; V2 has but one. */
  private int[][] windows(int count) {
    JsonObject json = args.at("window_size");
    List<?> sizes =
        switch (json.raw("window_size")) {
          case null -> List.of(7L, 7L);
          case List<?> list -> list;
          case Object side -> List.of(side, side);
        };
    int[][] windows = new int[count][];
    for (int i = 0; i < count; i++) {
      Object size = sizes.size() == 2 ? sizes : sizes.size() == count ? sizes.get(i) : null;
      List<?> pair =
          size instanceof List<?> list ? list : size == null ? List.of() : List.of(size, size);
      if (pair.size() != 2) {
        throw invalidWindow(json);
      }
      windows[i] = new int[] {side(json, pair.get(0)), side(json, pair.get(1))};
    }
    return windows;
  }

  private static int side(JsonObject json, Object side) {
    if (side instanceof Number n && n.doubleValue() == n.intValue()) {
      int value = n.intValue();
      if (value >= 1 && value <= LARGEST_WINDOW) {
        return value;
      }
    }
    throw invalidWindow(json);
  }

  private static CheckpointException invalidWindow(JsonObject json) {
    return Extents.invalid(
        json, "window_size", "integers from 1 to " + LARGEST_WINDOW + ": one, two or one a stage");
  }

  /** {@code pretrained_window_sizes}: a side for each stage, 0 for that of the stage. */
  private int[] trainedWindows(int count) {
    JsonObject json = args.at("pretrained_window_sizes");
    if (!json.has("pretrained_window_sizes")) {
      return new int[count];
    }
    int[] sizes = json.integers("pretrained_window_sizes");
    if (sizes.length < count
        || Arrays.stream(sizes).anyMatch(s -> s < 0 || s == 1 || s > LARGEST_WINDOW)) {
      throw Extents.invalid(
          json, "pretrained_window_sizes", "0 or an integer from 2 for each of " + count);
    }
    return sizes;
  }

  /** {@code mlp_ratio}: one, or one a stage. */
  private double[] ratios(int count) {
    JsonObject json = args.at("mlp_ratio");
    double[] ratios = new double[count];
    for (int i = 0; i < count; i++) {
      Object ratio =
          !isV2 && json.raw("mlp_ratio") instanceof List<?> list && list.size() == count
              ? list.get(i)
              : json.raw("mlp_ratio");
      ratios[i] = ratio == null ? 4 : ratio instanceof Number n ? n.doubleValue() : 0;
      if (!(ratios[i] > 0 && ratios[i] <= 64)) {
        throw Extents.invalid(
            json, "mlp_ratio", "numbers above 0, at most 64: one, or one a stage");
      }
    }
    return ratios;
  }
}
