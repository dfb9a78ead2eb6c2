package ocellus.models.arch;

import java.util.ArrayList;
import java.util.List;
import ocellus.engine.kernels.Activation;
import ocellus.engine.layers.ShiftedWindows;
import ocellus.engine.layers.ShiftedWindows.Axis;
import ocellus.engine.layers.ShiftedWindows.Order;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.Swin.Config;
import ocellus.models.arch.Swin.Stage;

/**
 * Swin Transformers as a {@code SwinConfig} or {@code Swinv2Config} of transformers describes them.
 * What differs from timm: windows are square, the map is padded before it is shifted, and the last
 * norm and those of the blocks have an epsilon of their own.
 */
final class SwinTransformers {
  /** Its version 2 adds the mask twice. */
  private static final float V2_MASK = 2 * ShiftedWindows.MASK;

  /** Of the norms of patches and of merging. */
  private static final double EPSILON = 1e-5;

  private static final int LONGEST_SIDE = 1 << 14;
  private static final int LARGEST_WINDOW = 1 << 8;

  private SwinTransformers() {}

  static Config config(TransformersConfig transformers) {
    JsonObject json = transformers.root();
    boolean isV2 = transformers.modelType().equals("swinv2");
    if (json.bool("use_absolute_embeddings", false)) {
      throw Extents.invalid(json, "use_absolute_embeddings", "false");
    }
    int[] size = Extents.oneOrList(json, "image_size", 224, 2, LONGEST_SIDE);
    int channels = Extents.one(json, "num_channels", 3, Config.WIDEST);
    int[] patch = Extents.oneOrList(json, "patch_size", 4, 2, Config.LARGEST_PATCH);
    if (patch[0] != patch[1] || size[0] % patch[0] != 0 || size[1] % patch[0] != 0) {
      throw Extents.invalid(json, "patch_size", "a square that divides the image");
    }
    double epsilon = json.number("layer_norm_eps", 1e-5);
    if (!(epsilon > 0)) {
      throw Extents.invalid(json, "layer_norm_eps", "a number above 0");
    }
    return new Config(
        isV2 ? new SwinV2() : new SwinV1(),
        new ImageShape(size[0], size[1], channels),
        patch[0],
        stages(json, isV2, size[0] / patch[0], size[1] / patch[0]),
        EPSILON,
        epsilon,
        activation(json),
        json.bool("qkv_bias", true),
        classes(transformers, isV2 ? "Swinv2" : "Swin"));
  }

  private static List<Stage> stages(JsonObject json, boolean isV2, int rows, int columns) {
    int count = json.has("depths") ? json.integers("depths").length : 4;
    if (count < 1 || count > Config.MOST_STAGES) {
      throw Extents.invalid(json, "depths", "a list of 1 to " + Config.MOST_STAGES);
    }
    int[] depths = Extents.list(json, "depths", count, Config.MOST_BLOCKS);
    int[] heads = Extents.list(json, "num_heads", count, Config.WIDEST);
    int window = Extents.one(json, "window_size", 7, LARGEST_WINDOW);
    double ratio = json.number("mlp_ratio", 4);
    if (!(ratio > 0 && ratio <= 64)) {
      throw Extents.invalid(json, "mlp_ratio", "a number above 0, at most 64");
    }
    int dim = Extents.one(json, "embed_dim", 96, Config.WIDEST >> count);
    List<Stage> stages = new ArrayList<>();
    int height = rows;
    int width = columns;
    for (int i = 0; i < count; i++) {
      if (dim % heads[i] != 0) {
        throw Extents.invalid(json, "num_heads", "divisors of the channels");
      }
      stages.add(
          new Stage(
              depths[i],
              dim,
              heads[i],
              (int) (ratio * dim),
              isV2
                  ? v2Windows(rows >> i, height, width, window, 0)
                  : windows(json, height, width, window, 0),
              isV2
                  ? v2Windows(rows >> i, height, width, window, window / 2)
                  : windows(json, height, width, window, window / 2),
              isV2 ? trainedWindow(json, i) : 0));
      height = Math.ceilDiv(height, 2);
      width = Math.ceilDiv(width, 2);
      dim *= 2;
    }
    return stages;
  }

  /** The first version has one table of biases for a window of one size. */
  private static ShiftedWindows windows(
      JsonObject json, int height, int width, int window, int shift) {
    int least = Math.min(height, width);
    if (least < window) {
      throw Extents.invalid(json, "window_size", "at most the least map's side, " + least);
    }
    return windows(height, width, window, least == window ? 0 : shift, ShiftedWindows.MASK);
  }

  /** The second version goes by the rows of the map alone, rounded down at each stage. */
  private static ShiftedWindows v2Windows(int rows, int height, int width, int window, int shift) {
    int side = Math.max(1, Math.min(rows, window));
    return windows(height, width, side, rows <= side ? 0 : shift, V2_MASK);
  }

  private static ShiftedWindows windows(int height, int width, int window, int shift, float mask) {
    return new ShiftedWindows(
        new Axis(height, window, shift, Order.PADDING_FIRST),
        new Axis(width, window, shift, Order.PADDING_FIRST),
        mask);
  }

  private static int trainedWindow(JsonObject json, int stage) {
    if (!json.has("pretrained_window_sizes")) {
      return 0;
    }
    int[] sizes = json.integers("pretrained_window_sizes");
    if (stage >= sizes.length || sizes[stage] < 0 || sizes[stage] == 1) {
      throw Extents.invalid(
          json, "pretrained_window_sizes", "0 or an integer from 2 for each stage");
    }
    return sizes[stage];
  }

  private static Activation activation(JsonObject json) {
    String name = json.string("hidden_act", "gelu");
    return ActivationNames.transformers(name)
        .orElseThrow(() -> Extents.invalid(json, "hidden_act", "a known activation"));
  }

  private static int classes(TransformersConfig config, String family) {
    JsonObject json = config.root();
    String classifier = family + "ForImageClassification";
    String bare = family + "Model";
    if (config.architectures().contains(classifier)) {
      return json.has("id2label") ? json.object("id2label").keys().size() : 2;
    }
    if (config.architectures().contains(bare)) {
      return 0;
    }
    throw Extents.invalid(json, "architectures", classifier + " or " + bare);
  }
}
