package ocellus.models.arch;

import static ocellus.models.arch.BlockRow.bottleneck;
import static ocellus.models.arch.BlockRow.separable;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Activation;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.BlockStack.Squeeze;
import ocellus.models.arch.BlockStack.Style;

/** {@link MobileNetV2} as transformers configures it and names its tensors. */
final class MobileNetV2Transformers {
  private static final String BACKBONE = "MobileNetV2Model";
  private static final String CLASSIFIER = "MobileNetV2ForImageClassification";

  /** transformers' own default: what it does not write to a configuration without label names. */
  private static final int DEFAULT_CLASSES = 2;

  private static final double MAX_RATIO = 100;
  private static final int MAX_EXTENT = 1 << 15;

  private final JsonObject json;
  private final boolean classifies;
  private final List<List<BlockRow>> stages;

  /**
   * @throws CheckpointException if neither the backbone nor the classifier was saved
   */
  MobileNetV2Transformers(TransformersConfig config) {
    this.json = config.root();
    this.classifies = config.architectures().contains(CLASSIFIER);
    if (!classifies && !config.architectures().contains(BACKBONE)) {
      throw new CheckpointException(
          "%s is %s, expected %s or %s"
              .formatted(
                  json.where("architectures"), config.architectures(), CLASSIFIER, BACKBONE));
    }
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

  MobileNetV2.Config config() {
    double multiplier = ratio("depth_multiplier", 1);
    int divisor = extent("depth_divisible_by", 8);
    var width = new ChannelWidth(multiplier, divisor, extent("min_depth", 8), true);
    boolean keepsFeatures = multiplier < 1 && json.bool("finegrained_output", true);
    var convNorm = new ConvNorm(json.bool("tf_padding", true), positive("layer_norm_eps", 1e-3, 1));
    return new MobileNetV2.Config(
        stages,
        width.scaled(MobileNetV2.STEM),
        keepsFeatures ? MobileNetV2.FEATURES : width.scaled(MobileNetV2.FEATURES),
        new Style(width, convNorm, activation(), Squeeze.PUBLISHED, BlockStack.outputStride(json)),
        GlobalPool.AVERAGE,
        classes(),
        input());
  }

  private Activation activation() {
    String name = json.string("hidden_act", "relu6");
    return ActivationNames.transformers(name)
        .orElseThrow(
            () ->
                new CheckpointException(
                    "%s is \"%s\", expected an activation such as relu6, relu, hardswish or silu"
                        .formatted(json.where("hidden_act"), name)));
  }

  private int classes() {
    if (!classifies) {
      return 0;
    }
    return json.has("id2label")
        ? json.object("id2label").keys().size()
        : json.integer("num_labels", DEFAULT_CLASSES);
  }

  private ImageShape input() {
    int channels = extent("num_channels", 3);
    if (json.raw("image_size") instanceof List<?>) {
      int[] size = json.integers("image_size");
      if (size.length == 2 && size[0] > 0 && size[1] > 0) {
        return new ImageShape(size[0], size[1], channels);
      }
      throw new CheckpointException(
          "%s is %s, expected [height, width]"
              .formatted(json.where("image_size"), json.raw("image_size")));
    }
    int side = extent("image_size", 224);
    return new ImageShape(side, side, channels);
  }

  private double ratio(String key, double absent) {
    return positive(key, absent, MAX_RATIO);
  }

  private double positive(String key, double absent, double most) {
    double value = json.number(key, absent);
    if (!(value > 0 && value <= most)) {
      throw new CheckpointException(
          "%s is %s, expected a number above 0 and at most %s"
              .formatted(json.where(key), value, most));
    }
    return value;
  }

  private int extent(String key, int absent) {
    int value = json.integer(key, absent);
    if (value < 1 || value > MAX_EXTENT) {
      throw new CheckpointException(
          "%s is %d, expected an integer from 1 to %d"
              .formatted(json.where(key), value, MAX_EXTENT));
    }
    return value;
  }

  /** The checkpoint under timm's names. */
  WeightSource renamed(WeightSource weights) {
    Map<String, String> names = new HashMap<>();
    String network = classifies ? "mobilenet_v2." : "";
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
    if (row.kind() == BlockRow.Kind.SEPARABLE) {
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
