package ocellus.models.arch;

import static ocellus.models.arch.BlockRow.bottleneck;
import static ocellus.models.arch.BlockRow.separable;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ocellus.engine.WeightSource;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.BlockStack.Style;
import ocellus.models.arch.ConvNorm.Strided;

/** {@link MobileNetV2} as transformers configures it and names its tensors. */
final class MobileNetV2Transformers {
  private static final String BACKBONE = "MobileNetV2Model";
  private static final String CLASSIFIER = "MobileNetV2ForImageClassification";

  private static final double MAX_RATIO = 100;

  private final TransformersSettings settings;
  private final JsonObject json;
  private final List<List<BlockRow>> stages;

  /**
   * @throws CheckpointException if neither the backbone nor the classifier was saved
   */
  MobileNetV2Transformers(TransformersConfig config) {
    this.settings = TransformersSettings.of(config, BACKBONE, CLASSIFIER);
    this.json = settings.json();
    this.stages = stages();
  }

  /** The paper's table; the stem counts as the expansion of the first block, or does not. */
  private List<List<BlockRow>> stages() {
    double t = ratio("expand_ratio", 6);
    boolean stemExpands = json.bool("first_layer_is_expansion", true);
    return List.of(
        List.of((stemExpands ? separable(3, 1, 16) : bottleneck(1, 3, 1, 0, 16)).withoutSkip()),
        List.of(bottleneck(2, 3, 2, t, 24)),
        List.of(bottleneck(3, 3, 2, t, 32)),
        List.of(bottleneck(4, 3, 2, t, 64)),
        List.of(bottleneck(3, 3, 1, t, 96)),
        List.of(bottleneck(3, 3, 2, t, 160)),
        List.of(bottleneck(1, 3, 1, t, 320)));
  }

  MobileNet.Config config() {
    double multiplier = ratio("depth_multiplier", 1);
    int divisor = settings.extent("depth_divisible_by", 8);
    var width = new ChannelWidth(multiplier, divisor, settings.extent("min_depth", 8), true);
    boolean keepsFeatures = multiplier < 1 && json.bool("finegrained_output", true);
    Strided padding = json.bool("tf_padding", true) ? Strided.SAME : Strided.SYMMETRIC;
    var convNorm = new ConvNorm(padding, settings.positive("layer_norm_eps", 1e-3, 1));
    return new MobileNet.Config(
        stages,
        width.scaled(MobileNetV2.STEM),
        keepsFeatures ? MobileNetV2.FEATURES : width.scaled(MobileNetV2.FEATURES),
        new Style(
            width,
            convNorm,
            settings.activation("relu6"),
            Squeeze.OfHidden.PUBLISHED,
            BlockStack.outputStride(json)),
        GlobalPool.AVERAGE,
        settings.classes(),
        settings.input(224));
  }

  private double ratio(String key, double absent) {
    return settings.positive(key, absent, MAX_RATIO);
  }

  /** The checkpoint under timm's names. */
  WeightSource renamed(WeightSource weights) {
    Map<String, String> names = new HashMap<>();
    String network = settings.classifies() ? "mobilenet_v2." : "";
    layer(names, "", "conv_stem", "bn1", network + "conv_stem.first_conv");
    int n = 0;
    for (int i = 0; i < stages.size(); i++) {
      for (BlockRow row : stages.get(i)) {
        for (int j = 0; j < row.repeats(); j++) {
          String house = "blocks." + i + "." + j + ".";
          block(names, row, house, network + (i == 0 ? "conv_stem." : "layer." + n++ + "."));
        }
      }
    }
    layer(names, "", "conv_head", "bn2", network + "conv_1x1");
    names.put("classifier", "classifier");
    return new RenamedWeights(weights, names);
  }

  private static void block(Map<String, String> names, BlockRow row, String house, String inFile) {
    if (row.form() instanceof DepthwiseForm form && !form.expands()) {
      layer(names, house, "conv_dw", "bn1", inFile + "conv_3x3");
      layer(names, house, "conv_pw", "bn2", inFile + "reduce_1x1");
    } else {
      layer(names, house, "conv_pw", "bn1", inFile + "expand_1x1");
      layer(names, house, "conv_dw", "bn2", inFile + "conv_3x3");
      layer(names, house, "conv_pwl", "bn3", inFile + "reduce_1x1");
    }
  }

  private static void layer(
      Map<String, String> names, String house, String convolution, String norm, String inFile) {
    names.put(house + convolution, inFile + ".convolution");
    names.put(house + norm, inFile + ".normalization");
  }
}
