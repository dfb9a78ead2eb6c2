package ocellus.models.arch;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ocellus.engine.WeightSource;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.models.arch.BlockStack.Style;
import ocellus.models.arch.ConvNorm.Strided;

/** {@link MobileNetV1} as transformers configures it and names its tensors. */
final class MobileNetV1Transformers {
  private static final String BACKBONE = "MobileNetV1Model";
  private static final String CLASSIFIER = "MobileNetV1ForImageClassification";

  private static final double MAX_RATIO = 100;

  /** Numbers of channels are scaled here. */
  private static final ChannelWidth AS_THEY_ARE = new ChannelWidth(1, 1, 1, false);

  private final TransformersSettings settings;
  private final double multiplier;
  private final int least;

  /**
   * @throws ocellus.loaders.CheckpointException if neither the backbone nor the classifier was
   *     saved
   */
  MobileNetV1Transformers(TransformersConfig config) {
    this.settings = TransformersSettings.of(config, BACKBONE, CLASSIFIER);
    this.multiplier = settings.positive("depth_multiplier", 1, MAX_RATIO);
    this.least = settings.extent("min_depth", 8);
  }

  /** Rounded down, other than in timm. */
  private int scaled(int channels) {
    return Math.max((int) (channels * multiplier), least);
  }

  private BlockRow scaled(BlockRow row) {
    return new BlockRow(row.repeats(), row.stride(), scaled(row.channels()), row.form());
  }

  MobileNet.Config config() {
    boolean same = settings.json().bool("tf_padding", true);
    double epsilon = settings.positive("layer_norm_eps", 1e-3, 1);
    List<List<BlockRow>> stages =
        MobileNetV1.TABLE.stream().map(rows -> rows.stream().map(this::scaled).toList()).toList();
    var style =
        new Style(
            AS_THEY_ARE,
            new ConvNorm(same ? Strided.SAME : Strided.SYMMETRIC, epsilon),
            settings.activation("relu6"),
            Squeeze.OfInput.QUARTER,
            BlockStack.ANY_OUTPUT_STRIDE);
    return new MobileNet.Config(
        stages,
        scaled(MobileNetV1.STEM),
        MobileNetV1.NO_HEAD,
        style,
        GlobalPool.AVERAGE,
        settings.classes(),
        settings.input(224));
  }

  /** The checkpoint under timm's names. */
  WeightSource renamed(WeightSource weights) {
    Map<String, String> names = new HashMap<>();
    String network = settings.classifies() ? "mobilenet_v1." : "";
    layer(names, "conv_stem", "bn1", network + "conv_stem");
    int n = 0;
    for (int i = 0; i < MobileNetV1.TABLE.size(); i++) {
      int j = 0;
      for (BlockRow row : MobileNetV1.TABLE.get(i)) {
        for (int k = 0; k < row.repeats(); k++) {
          String house = "blocks." + i + "." + j++ + ".";
          layer(names, house + "conv_dw", house + "bn1", network + "layer." + n++);
          layer(names, house + "conv_pw", house + "bn2", network + "layer." + n++);
        }
      }
    }
    names.put("classifier", "classifier");
    return new RenamedWeights(weights, names);
  }

  private static void layer(
      Map<String, String> names, String convolution, String norm, String inFile) {
    names.put(convolution, inFile + ".convolution");
    names.put(norm, inFile + ".normalization");
  }
}
