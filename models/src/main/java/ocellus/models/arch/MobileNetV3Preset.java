package ocellus.models.arch;

import java.util.List;
import ocellus.engine.kernels.Activation;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.models.arch.BlockStack.Style;
import ocellus.models.arch.MobileNetV3.HeadLayer;

/**
 * What tells those entry points of timm apart that share the network of {@link MobileNetV3}; as
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
    Activation activation,
    Squeeze squeeze) {

  /** With what a checkpoint says beside the entry point's name. */
  MobileNetV3.Config with(TimmConfig config) {
    var args = new TimmArguments(config);
    args.verifyNoneIsNull();
    var style =
        new Style(
            width,
            ConvNorm.PYTORCH.with(args),
            args.activation(activation),
            squeeze,
            BlockStack.USUAL_OUTPUT_STRIDE);
    var result =
        new MobileNetV3.Config(
            stages, stem, features, head, style, args.globalPool(), args.classes(), args.input());
    args.verifyAllHonoured();
    return result;
  }
}
