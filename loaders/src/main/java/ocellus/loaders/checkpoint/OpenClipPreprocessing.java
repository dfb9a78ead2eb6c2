package ocellus.loaders.checkpoint;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.image.Crop;
import ocellus.loaders.image.Crop.Rounding;
import ocellus.loaders.image.Filter;
import ocellus.loaders.image.Preprocessing;
import ocellus.loaders.image.Resize;
import ocellus.loaders.image.RgbImage;
import ocellus.loaders.json.JsonObject;

/**
 * The preprocessing of open_clip's {@code image_transform_v2} for inference. The size is that of
 * the image tower; what {@code preprocess_cfg} leaves out has open_clip's default.
 */
final class OpenClipPreprocessing {
  private static final List<Double> MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
  private static final List<Double> STD = List.of(0.26862954, 0.26130258, 0.27577711);
  private static final int DEFAULT_SIZE = 224;

  private final JsonObject config;
  private final int height;
  private final int width;

  private OpenClipPreprocessing(OpenClipConfig config) {
    this.config = config.preprocessing();
    int[] size = size(config.vision());
    this.height = size[0];
    this.width = size[1];
  }

  /**
   * @throws CheckpointException if a value is none that open_clip knows
   */
  static Preprocessing of(OpenClipConfig config) {
    try {
      return new OpenClipPreprocessing(config).preprocessing();
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(
          config.root().source() + ": unusable preprocessing: " + e.getMessage(), e);
    }
  }

  private static int[] size(JsonObject vision) {
    if (!(vision.raw("image_size") instanceof List<?>)) {
      int edge = vision.integer("image_size", DEFAULT_SIZE);
      return new int[] {edge, edge};
    }
    int[] size = vision.integers("image_size");
    if (size.length != 2) {
      throw new CheckpointException(
          "%s is %s, expected height and width"
              .formatted(vision.where("image_size"), Arrays.toString(size)));
    }
    return size;
  }

  private Preprocessing preprocessing() {
    String mode = config.string("mode", "RGB");
    if (!mode.equals("RGB")) {
      throw invalid("mode", mode, "RGB");
    }
    String resizing = config.string("resize_mode", "shortest");
    return switch (resizing) {
      case "shortest" -> {
        boolean square = height == width;
        Resize resize =
            square ? new Resize.ShortestEdge(height) : new Resize.KeepRatio(height, width, false);
        // Where the input is not square, open_clip ignores the interpolation.
        Filter filter = square ? filter() : Filter.BICUBIC;
        yield with(resize, filter, new Crop.Center(height, width, Rounding.TORCHVISION, 0));
      }
      case "longest" -> {
        int fill = config.integer("fill_color", 0) * 0x010101;
        yield with(
            new Resize.KeepRatio(height, width, true),
            filter(),
            new Crop.Center(height, width, Rounding.TORCHVISION, fill));
      }
      case "squash" -> with(new Resize.Exact(height, width), filter(), new Crop.None());
      default -> throw invalid("resize_mode", resizing, "shortest, longest or squash");
    };
  }

  private Preprocessing with(Resize resize, Filter filter, Crop crop) {
    return new Preprocessing(
        resize,
        filter,
        crop,
        Preprocessing.UNIT_RANGE,
        0,
        channels("mean", MEAN),
        channels("std", STD));
  }

  private Filter filter() {
    String name = config.string("interpolation", "bicubic");
    return switch (name) {
      case "bicubic", "random" -> Filter.BICUBIC;
      case "bilinear" -> Filter.BILINEAR;
      default -> throw invalid("interpolation", name, "bicubic, bilinear or random");
    };
  }

  /** One number for each channel, or one for all. */
  private List<Double> channels(String key, List<Double> absent) {
    if (!config.has(key)) {
      return absent;
    }
    return config.raw(key) instanceof Number
        ? Collections.nCopies(RgbImage.CHANNELS, config.number(key))
        : Arrays.stream(config.numbers(key)).boxed().toList();
  }

  private CheckpointException invalid(String key, String value, String expected) {
    return new CheckpointException(
        "%s is \"%s\", expected %s".formatted(config.where(key), value, expected));
  }
}
