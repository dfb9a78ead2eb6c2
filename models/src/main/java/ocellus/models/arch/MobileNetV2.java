package ocellus.models.arch;

import static java.util.Map.entry;
import static ocellus.models.arch.BlockRow.bottleneck;
import static ocellus.models.arch.BlockRow.separable;

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
 * MobileNetV2, Sandler et al. 2018, "MobileNetV2: Inverted Residuals and Linear Bottlenecks", as
 * timm and transformers build it.
 */
public final class MobileNetV2 {
  /** Channels of the stem and of the last convolution in the paper. */
  static final int STEM = 32;

  static final int FEATURES = 1280;

  /** Table 2, in the stages by which timm's checkpoints count. */
  private static final List<List<BlockRow>> TABLE =
      List.of(
          List.of(separable(3, 1, 16)),
          List.of(bottleneck(2, 3, 2, 6, 24)),
          List.of(bottleneck(3, 3, 2, 6, 32)),
          List.of(bottleneck(4, 3, 2, 6, 64)),
          List.of(bottleneck(3, 3, 1, 6, 96)),
          List.of(bottleneck(3, 3, 2, 6, 160)),
          List.of(bottleneck(1, 3, 1, 6, 320)));

  /** timm's entry points. */
  private static final Map<String, MobileNetPreset> PRESETS =
      Map.ofEntries(
          entry("mobilenetv2_035", wide(0.35)),
          entry("mobilenetv2_050", wide(0.5)),
          entry("mobilenetv2_075", wide(0.75)),
          entry("mobilenetv2_100", wide(1)),
          entry("mobilenetv2_140", wide(1.4)),
          entry("mobilenetv2_110d", deep(1.1, 1.2)),
          entry("mobilenetv2_120d", deep(1.2, 1.4)));

  private MobileNetV2() {}

  /** The paper's, with a multiplier of the channels. */
  private static MobileNetPreset wide(double multiplier) {
    var width = ChannelWidth.of(multiplier);
    int features = Math.max(FEATURES, width.scaled(FEATURES));
    return preset(TABLE, width.scaled(STEM), features, width);
  }

  /** Wider and deeper, but for the depth of the first and last stage, the stem and the head. */
  private static MobileNetPreset deep(double multiplier, double depth) {
    List<List<BlockRow>> stages = BlockRow.deepenedInside(TABLE, depth);
    return preset(stages, STEM, FEATURES, ChannelWidth.of(multiplier));
  }

  private static MobileNetPreset preset(
      List<List<BlockRow>> stages, int stem, int features, ChannelWidth width) {
    return new MobileNetPreset(
        stages, stem, features, width, ConvNorm.PYTORCH, Activation.RELU6, Squeeze.OfInput.QUARTER);
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
   * Builds a model from a checkpoint as transformers saves its {@code MobileNetV2Model} and {@code
   * MobileNetV2ForImageClassification}.
   *
   * @param packer of the model that is being built
   * @throws ocellus.engine.OcellusException if the configuration asks for something that is not
   *     supported, or the weights do not belong to it
   */
  public static ImageModel transformers(
      TransformersConfig config, WeightSource weights, Packer packer) {
    var foreign = new MobileNetV2Transformers(config);
    return MobileNet.load(foreign.config(), foreign.renamed(weights), packer);
  }

  static MobileNet.Config timmConfig(TimmConfig config) {
    return TimmArguments.preset(PRESETS, config).withDepth(config);
  }
}
