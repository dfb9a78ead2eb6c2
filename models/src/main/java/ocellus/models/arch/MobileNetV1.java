package ocellus.models.arch;

import java.util.List;
import java.util.Map;
import java.util.Set;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.models.ImageModel;

/**
 * MobileNet, Howard et al. 2017, "MobileNets: Efficient Convolutional Neural Networks for Mobile
 * Vision Applications", as timm and transformers build it.
 */
public final class MobileNetV1 {
  /** Channels of the stem in the paper. */
  static final int STEM = 32;

  /** As the channels of the last convolution: there is none. */
  static final int NO_HEAD = 0;

  /** Table 1, in the stages by which timm's checkpoints count. */
  static final List<List<BlockRow>> TABLE =
      List.of(
          List.of(row(1, 1, 64)),
          List.of(row(2, 2, 128)),
          List.of(row(2, 2, 256)),
          List.of(row(6, 2, 512)),
          List.of(row(2, 2, 1024)));

  /** timm's entry points. */
  private static final Map<String, MobileNetPreset> PRESETS =
      Map.of(
          "mobilenetv1_100", preset(1, NO_HEAD),
          "mobilenetv1_100h", preset(1, 1024),
          "mobilenetv1_125", preset(1.25, NO_HEAD));

  private MobileNetV1() {}

  private static BlockRow row(int repeats, int stride, int channels) {
    return new BlockRow(
        repeats, stride, channels, new SeparableConvolution.Form(3, /* squeezes= */ false));
  }

  private static MobileNetPreset preset(double multiplier, int features) {
    var width = ChannelWidth.of(multiplier);
    return new MobileNetPreset(
        TABLE,
        width.scaled(STEM),
        features,
        width,
        ConvNorm.PYTORCH,
        Activation.RELU6,
        Squeeze.OfInput.QUARTER);
  }

  /** The architectures that {@link #timm} builds. */
  public static Set<String> timmArchitectures() {
    return PRESETS.keySet();
  }

  /**
   * Builds a model from a checkpoint as timm saves it.
   *
   * @param config of one of {@link #timmArchitectures()}
   * @param packer of the model that is being built
   * @throws ocellus.engine.OcellusException if the configuration asks for something that is not
   *     supported, or the weights do not belong to it
   */
  public static ImageModel timm(TimmConfig config, WeightSource weights, Packer packer) {
    return MobileNet.load(timmConfig(config), weights, packer);
  }

  /**
   * Builds a model from a checkpoint as transformers saves its {@code MobileNetV1Model} and {@code
   * MobileNetV1ForImageClassification}.
   *
   * @param packer of the model that is being built
   * @throws ocellus.engine.OcellusException if the configuration asks for something that is not
   *     supported, or the weights do not belong to it
   */
  public static ImageModel transformers(
      TransformersConfig config, WeightSource weights, Packer packer) {
    var foreign = new MobileNetV1Transformers(config);
    return MobileNet.load(foreign.config(), foreign.renamed(weights), packer);
  }

  static MobileNet.Config timmConfig(TimmConfig config) {
    return TimmArguments.preset(PRESETS, config).withDepth(config);
  }
}
