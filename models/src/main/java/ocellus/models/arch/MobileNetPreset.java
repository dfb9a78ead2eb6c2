package ocellus.models.arch;

import java.util.List;
import ocellus.engine.kernels.Activation;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.models.arch.BlockStack.Style;

/**
 * What tells timm's entry points of {@link MobileNet} apart; as {@link MobileNet.Config}.
 *
 * @param stem channels of the stem, after the width multiplier
 * @param features channels of the last convolution, after the width multiplier
 */
record MobileNetPreset(
    List<List<BlockRow>> stages,
    int stem,
    int features,
    ChannelWidth width,
    ConvNorm convNorm,
    Activation activation,
    Squeeze squeeze) {
  private static final double MAX_DEPTH = 100;

  /** The same with weights that were trained in TensorFlow. */
  MobileNetPreset tensorflow() {
    return new MobileNetPreset(
        stages, stem, features, width, ConvNorm.TENSORFLOW, activation, squeeze);
  }

  /** With what a checkpoint says beside the entry point's name. */
  MobileNet.Config with(TimmConfig config) {
    var args = new TimmArguments(config);
    args.verifyNoneIsNull();
    MobileNet.Config result = with(stages, args);
    args.verifyAllHonoured();
    return result;
  }

  /** As {@link #with(TimmConfig)}, and a {@code depth_multiplier} among the arguments. */
  MobileNet.Config withDepth(TimmConfig config) {
    var args = new TimmArguments(config);
    args.verifyNoneIsNull();
    double depth = args.positive("depth_multiplier", 1, MAX_DEPTH);
    MobileNet.Config result = with(BlockRow.deepened(stages, depth), args);
    args.verifyAllHonoured();
    return result;
  }

  private MobileNet.Config with(List<List<BlockRow>> deepened, TimmArguments args) {
    var style =
        new Style(
            width, convNorm.with(args), args.activation(activation), squeeze, args.outputStride());
    return new MobileNet.Config(
        deepened, stem, features, style, args.globalPool(), args.classes(), args.input());
  }
}
