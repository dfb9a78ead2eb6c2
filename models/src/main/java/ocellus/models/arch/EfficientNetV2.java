package ocellus.models.arch;

import static ocellus.models.arch.BlockRow.bottleneck;
import static ocellus.models.arch.BlockRow.fused;
import static ocellus.models.arch.BlockRow.residualConvolution;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.models.ImageModel;

/**
 * EfficientNetV2, Tan and Le 2021, "EfficientNetV2: Smaller Models and Faster Training", as timm
 * builds it: {@link EfficientNet} with dense convolutions in its first stages.
 */
public final class EfficientNetV2 {
  private static final int FEATURES = 1280;

  /** V2-B0, which timm's B1 to B3 are scaled from. */
  private static final List<List<BlockRow>> BASE =
      List.of(
          List.of(residualConvolution(1, 3, 16)),
          List.of(fused(2, 3, 2, 4, 32)),
          List.of(fused(2, 3, 2, 4, 48)),
          List.of(bottleneck(3, 3, 2, 4, 96).squeezed()),
          List.of(bottleneck(5, 3, 1, 6, 112).squeezed()),
          List.of(bottleneck(8, 3, 2, 6, 192).squeezed()));

  /** Table 4, EfficientNetV2-S. */
  private static final List<List<BlockRow>> SMALL =
      List.of(
          List.of(residualConvolution(2, 3, 24)),
          List.of(fused(4, 3, 2, 4, 48)),
          List.of(fused(4, 3, 2, 4, 64)),
          List.of(bottleneck(6, 3, 2, 4, 128).squeezed()),
          List.of(bottleneck(9, 3, 1, 6, 160).squeezed()),
          List.of(bottleneck(15, 3, 2, 6, 256).squeezed()));

  private static final List<List<BlockRow>> MEDIUM =
      List.of(
          List.of(residualConvolution(3, 3, 24)),
          List.of(fused(5, 3, 2, 4, 48)),
          List.of(fused(5, 3, 2, 4, 80)),
          List.of(bottleneck(7, 3, 2, 4, 160).squeezed()),
          List.of(bottleneck(14, 3, 1, 6, 176).squeezed()),
          List.of(bottleneck(18, 3, 2, 6, 304).squeezed()),
          List.of(bottleneck(5, 3, 1, 6, 512).squeezed()));

  private static final List<List<BlockRow>> LARGE =
      List.of(
          List.of(residualConvolution(4, 3, 32)),
          List.of(fused(7, 3, 2, 4, 64)),
          List.of(fused(7, 3, 2, 4, 96)),
          List.of(bottleneck(10, 3, 2, 4, 192).squeezed()),
          List.of(bottleneck(19, 3, 1, 6, 224).squeezed()),
          List.of(bottleneck(25, 3, 2, 6, 384).squeezed()),
          List.of(bottleneck(7, 3, 1, 6, 640).squeezed()));

  private static final List<List<BlockRow>> EXTRA_LARGE =
      List.of(
          List.of(residualConvolution(4, 3, 32)),
          List.of(fused(8, 3, 2, 4, 64)),
          List.of(fused(8, 3, 2, 4, 96)),
          List.of(bottleneck(16, 3, 2, 4, 192).squeezed()),
          List.of(bottleneck(24, 3, 1, 6, 256).squeezed()),
          List.of(bottleneck(32, 3, 2, 6, 512).squeezed()),
          List.of(bottleneck(8, 3, 1, 6, 640).squeezed()));

  private static final Map<String, MobileNetPreset> PRESETS = presets();

  private EfficientNetV2() {}

  /** timm's entry points. */
  private static Map<String, MobileNetPreset> presets() {
    Map<String, MobileNetPreset> published =
        Map.of(
            "efficientnetv2_s", preset(SMALL, 24, FEATURES, ChannelWidth.of(1)),
            "efficientnetv2_m", preset(MEDIUM, 24, FEATURES, ChannelWidth.of(1)),
            "efficientnetv2_l", preset(LARGE, 32, FEATURES, ChannelWidth.of(1)),
            "efficientnetv2_xl", preset(EXTRA_LARGE, 32, FEATURES, ChannelWidth.of(1)));
    Map<String, MobileNetPreset> presets = new HashMap<>(published);
    published.forEach((name, preset) -> presets.put("tf_" + name, preset.tensorflow()));
    presets.put("tf_efficientnetv2_b0", base(1.0, 1.0));
    presets.put("tf_efficientnetv2_b1", base(1.0, 1.1));
    presets.put("tf_efficientnetv2_b2", base(1.1, 1.2));
    presets.put("tf_efficientnetv2_b3", base(1.2, 1.4));
    presets.put(
        "efficientnetv2_rw_t",
        preset(BlockRow.deepened(SMALL, 0.9), 24, FEATURES, ChannelWidth.of(0.8)));
    presets.put("efficientnetv2_rw_s", early(1, 1, 1));
    presets.put("efficientnetv2_rw_m", early(1.2, 1.2, 1.6));
    return Map.copyOf(presets);
  }

  private static MobileNetPreset base(double width, double depth) {
    List<List<BlockRow>> stages = BlockRow.deepened(BASE, depth);
    return preset(stages, 32, FEATURES, ChannelWidth.nearest(width)).tensorflow();
  }

  /**
   * Small as timm understood it before the authors published their code.
   *
   * @param depth multiplier of the first four stages
   * @param lastDepth multiplier of the last two
   */
  private static MobileNetPreset early(double width, double depth, double lastDepth) {
    List<List<BlockRow>> stages = new ArrayList<>(SMALL);
    stages.set(0, List.of(fused(2, 3, 1, 1, 24)));
    stages.set(5, List.of(bottleneck(15, 3, 2, 6, 272).squeezed()));
    List<List<BlockRow>> deep = new ArrayList<>(BlockRow.deepened(stages.subList(0, 4), depth));
    deep.addAll(BlockRow.deepened(stages.subList(4, 6), lastDepth));
    return preset(List.copyOf(deep), 24, 1792, ChannelWidth.of(width));
  }

  /** Stem and features as the paper has them, before the width multiplier. */
  private static MobileNetPreset preset(
      List<List<BlockRow>> stages, int stem, int features, ChannelWidth width) {
    return new MobileNetPreset(
        stages,
        width.scaled(stem),
        width.scaled(features),
        width,
        ConvNorm.PYTORCH,
        Activation.SILU,
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

  static MobileNet.Config timmConfig(TimmConfig config) {
    return TimmArguments.preset(PRESETS, config).with(config);
  }
}
