package ocellus.models.arch;

import java.util.List;
import ocellus.engine.kernels.Activation;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.models.arch.BlockStack.Style;
import ocellus.models.arch.MobileNetV3.HeadLayer;

/**
 * What tells those entry points of timm apart that have the network of {@link MobileNetV3}; as
 * {@link MobileNetV3.Config}.
 *
 * @param stem channels of the stem, after the width multiplier
 */
record MobileNetV3Preset(
    List<List<BlockRow>> stages,
    int stem,
    int features,
    HeadLayer head,
    ChannelWidth width,
    ConvNorm convNorm,
    Activation activation,
    Squeeze squeeze) {
  private static final double MAX_DEPTH = 100;

  /** With what a checkpoint says beside the entry point's name. */
  MobileNetV3.Config with(TimmConfig config) {
    var args = new TimmArguments(config);
    args.verifyNoneIsNull();
    MobileNetV3.Config result = with(stages, head, args);
    args.verifyAllHonoured();
    return result;
  }

  /** As {@link #with(TimmConfig)}, {@code depth_multiplier} and {@code head_bias} among it. */
  MobileNetV3.Config withDepthAndHead(TimmConfig config) {
    var args = new TimmArguments(config);
    args.verifyNoneIsNull();
    double depth = args.positive("depth_multiplier", 1, MAX_DEPTH);
    boolean biased = args.bool("head_bias", head == HeadLayer.BIASED);
    MobileNetV3.Config result =
        with(BlockRow.deepened(stages, depth), biased ? HeadLayer.BIASED : HeadLayer.PLAIN, args);
    args.verifyAllHonoured();
    return result;
  }

  private MobileNetV3.Config with(
      List<List<BlockRow>> deepened, HeadLayer headLayer, TimmArguments args) {
    var style =
        new Style(
            width,
            convNorm.with(args),
            args.activation(activation),
            squeeze,
            BlockStack.USUAL_OUTPUT_STRIDE);
    return new MobileNetV3.Config(
        deepened,
        stem,
        features,
        headLayer,
        style,
        args.globalPool(),
        args.classes(),
        args.input());
  }
}
