package ocellus.loaders.checkpoint;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.image.Filter;
import ocellus.loaders.image.Preprocessing;
import ocellus.loaders.image.Preprocessing.CropMode;
import ocellus.loaders.image.RgbImage;
import ocellus.loaders.json.JsonObject;

/**
 * The preprocessing that timm derives from a {@code pretrained_cfg}: {@code resolve_data_config}
 * followed by {@code create_transform} for evaluation. The {@code test_} values are not used, as
 * timm does not unless told to. What is absent has timm's default.
 */
final class TimmPreprocessing {
  private static final String DEFAULT_INTERPOLATION = "bicubic";
  private static final double DEFAULT_CROP_PCT = 0.875;
  private static final String DEFAULT_CROP_MODE = "center";

  private TimmPreprocessing() {}

  /**
   * @throws CheckpointException if a value is none that timm knows, or the input is not RGB
   */
  static Preprocessing of(TimmConfig config) {
    JsonObject cfg = config.pretrainedCfg();
    int[] inputSize = config.inputSize();
    if (inputSize[0] != RgbImage.CHANNELS) {
      throw new CheckpointException(
          "%s has %d channels; images have %d"
              .formatted(cfg.where("input_size"), inputSize[0], RgbImage.CHANNELS));
    }
    try {
      return Preprocessing.timm(
          inputSize[1],
          inputSize[2],
          cropPct(cfg),
          cropMode(cfg),
          interpolation(cfg),
          channels(cfg, "mean", Preprocessing.IMAGENET_MEAN),
          channels(cfg, "std", Preprocessing.IMAGENET_STD));
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(
          cfg.source() + ": unusable preprocessing: " + e.getMessage(), e);
    }
  }

  // To timm, a value that is zero or empty is one that is not there.

  private static double cropPct(JsonObject cfg) {
    double cropPct = cfg.number("crop_pct", 0);
    return cropPct == 0 ? DEFAULT_CROP_PCT : cropPct;
  }

  private static String text(JsonObject cfg, String key, String absent) {
    String text = cfg.string(key, "");
    return text.isEmpty() ? absent : text;
  }

  private static CropMode cropMode(JsonObject cfg) {
    String name = text(cfg, "crop_mode", DEFAULT_CROP_MODE);
    for (CropMode mode : CropMode.values()) {
      if (mode.name().toLowerCase(Locale.ROOT).equals(name)) {
        return mode;
      }
    }
    throw new CheckpointException(
        "%s is \"%s\", expected center, squash or border".formatted(cfg.where("crop_mode"), name));
  }

  private static Filter interpolation(JsonObject cfg) {
    String name = text(cfg, "interpolation", DEFAULT_INTERPOLATION);
    return Filter.named(name)
        .orElseThrow(
            () ->
                new CheckpointException(
                    "%s is \"%s\", expected one of %s"
                        .formatted(
                            cfg.where("interpolation"), name, Arrays.toString(Filter.values()))));
  }

  private static List<Double> channels(JsonObject cfg, String key, List<Double> absent) {
    if (cfg.list(key, List.of()).isEmpty()) {
      return absent;
    }
    return Arrays.stream(cfg.numbers(key)).boxed().toList();
  }
}
