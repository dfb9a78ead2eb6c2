package ocellus.models.arch;

import java.util.Set;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.loaders.checkpoint.TimmConfig;

/**
 * What checkpoints of torchvision have in common. torchvision writes no configuration: that of its
 * checkpoints is as timm's, with the name of torchvision's builder as {@code architecture}, and
 * arguments of the builder as {@code model_args}.
 */
final class TorchvisionArguments {
  /** Of the builders, and of no importance once a network is trained. */
  private static final Set<String> TRAINING =
      Set.of("dropout", "dropout_aux", "init_weights", "aux_logits");

  // Of the images that these networks are given, and of those that they were trained on.
  private static final double[] MEAN = {0.485, 0.456, 0.406};
  private static final double[] DEVIATION = {0.229, 0.224, 0.225};
  private static final double TRAINED_MEAN = 0.5;
  private static final double TRAINED_DEVIATION = 0.5;

  private TorchvisionArguments() {}

  static TimmArguments of(TimmConfig config) {
    var args = new TimmArguments(config);
    args.verifyNoneIsNull();
    TRAINING.forEach(args::ignore);
    return args;
  }

  /**
   * {@code transform_input}: brings images that were normalised as is usual for ImageNet into the
   * range from -1 to 1. What Google's weights expect, and torchvision's builders do for their own.
   */
  static Layer inputTransform(TimmArguments args, ImageShape input) {
    if (!args.bool("transform_input", false)) {
      return (x, _) -> x;
    }
    if (input.channels() != MEAN.length) {
      throw args.invalid("transform_input", true, "false for images that are not RGB");
    }
    return TorchvisionArguments::transformed;
  }

  private static Tensor transformed(Tensor image, Workspace ws) {
    Tensor y = ws.like(image);
    int channels = image.channels();
    for (int c = 0; c < channels; c++) {
      float scale = (float) (DEVIATION[c] / TRAINED_DEVIATION);
      float shift = (float) ((MEAN[c] - TRAINED_MEAN) / TRAINED_DEVIATION);
      for (int i = c; i < image.size(); i += channels) {
        y.data()[y.offset() + i] = image.data()[image.offset() + i] * scale + shift;
      }
    }
    return y;
  }
}
