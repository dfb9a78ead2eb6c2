package ocellus.models.arch;

import java.util.List;
import java.util.Map;
import java.util.Set;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.models.ImageModel;
import ocellus.models.arch.MobileNetV3.HeadLayer;

/**
 * PP-LCNet, Cui et al. 2021, "PP-LCNet: A Lightweight CPU Convolutional Neural Network", as timm
 * builds it: the blocks of {@link MobileNetV1} in the network of {@link MobileNetV3}.
 */
public final class LcNet {
  /** Table 1, in the stages by which timm's checkpoints count. */
  private static final List<List<BlockRow>> TABLE =
      List.of(
          List.of(row(1, 3, 1, 32)),
          List.of(row(2, 3, 2, 64)),
          List.of(row(2, 3, 2, 128)),
          List.of(row(1, 3, 2, 256), row(1, 5, 1, 256)),
          List.of(row(4, 5, 1, 256)),
          List.of(new BlockRow(2, 2, 512, new SeparableConvolution.Form(5, /* squeezes= */ true))));

  /** timm's entry points. */
  private static final Map<String, MobileNetV3Preset> PRESETS =
      Map.of(
          "lcnet_035", preset(0.35),
          "lcnet_050", preset(0.5),
          "lcnet_075", preset(0.75),
          "lcnet_100", preset(1),
          "lcnet_150", preset(1.5));

  private LcNet() {}

  private static BlockRow row(int repeats, int kernel, int stride, int channels) {
    return new BlockRow(
        repeats, stride, channels, new SeparableConvolution.Form(kernel, /* squeezes= */ false));
  }

  private static MobileNetV3Preset preset(double multiplier) {
    var width = ChannelWidth.of(multiplier);
    return new MobileNetV3Preset(
        TABLE,
        width.scaled(16),
        1280,
        HeadLayer.BIASED,
        width,
        ConvNorm.PYTORCH,
        Activation.HARD_SWISH,
        Squeeze.OfHidden.NEAREST);
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
    return MobileNetV3.load(timmConfig(config), weights, packer);
  }

  static MobileNetV3.Config timmConfig(TimmConfig config) {
    return TimmArguments.preset(PRESETS, config).with(config);
  }
}
