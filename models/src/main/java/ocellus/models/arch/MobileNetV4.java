package ocellus.models.arch;

import static java.util.Map.entry;
import static ocellus.models.arch.BlockRow.convolution;
import static ocellus.models.arch.BlockRow.fused;
import static ocellus.models.arch.BlockRow.universal;

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
 * MobileNetV4, Qin et al. 2024, "MobileNetV4: Universal Models for the Mobile Ecosystem", as timm
 * builds it: the network of {@link MobileNetV3} with other blocks and a batch norm in its head.
 */
public final class MobileNetV4 {
  private static final int FEATURES = 1280;

  /** Of the last block, before the width multiplier. */
  private static final BlockRow LAST = convolution(1, 1, 1, 960);

  /** Appendix D of the paper, in the stages by which timm's checkpoints count. */
  private static final List<List<BlockRow>> CONV_SMALL =
      List.of(
          List.of(convolution(1, 3, 2, 32), convolution(1, 1, 1, 32)),
          List.of(convolution(1, 3, 2, 96), convolution(1, 1, 1, 64)),
          List.of(
              universal(1, 5, 5, 2, 3, 96),
              universal(4, 0, 3, 1, 2, 96),
              universal(1, 3, 0, 1, 4, 96)),
          List.of(
              universal(1, 3, 3, 2, 6, 128),
              universal(1, 5, 5, 1, 4, 128),
              universal(1, 0, 5, 1, 4, 128),
              universal(1, 0, 5, 1, 3, 128),
              universal(2, 0, 3, 1, 4, 128)),
          List.of(LAST));

  private static final List<List<BlockRow>> CONV_MEDIUM =
      List.of(
          List.of(fused(1, 3, 2, 4, 48)),
          List.of(universal(1, 3, 5, 2, 4, 80), universal(1, 3, 3, 1, 2, 80)),
          List.of(
              universal(1, 3, 5, 2, 6, 160),
              universal(2, 3, 3, 1, 4, 160),
              universal(1, 3, 5, 1, 4, 160),
              universal(1, 3, 3, 1, 4, 160),
              universal(1, 3, 0, 1, 4, 160),
              universal(1, 0, 0, 1, 2, 160),
              universal(1, 3, 0, 1, 4, 160)),
          List.of(
              universal(1, 5, 5, 2, 6, 256),
              universal(1, 5, 5, 1, 4, 256),
              universal(2, 3, 5, 1, 4, 256),
              universal(1, 0, 0, 1, 4, 256),
              universal(1, 3, 0, 1, 4, 256),
              universal(1, 3, 5, 1, 2, 256),
              universal(1, 5, 5, 1, 4, 256),
              universal(2, 0, 0, 1, 4, 256),
              universal(1, 5, 0, 1, 2, 256)),
          List.of(LAST));

  private static final List<List<BlockRow>> CONV_LARGE =
      List.of(
          List.of(fused(1, 3, 2, 4, 48)),
          List.of(universal(1, 3, 5, 2, 4, 96), universal(1, 3, 3, 1, 4, 96)),
          List.of(
              universal(1, 3, 5, 2, 4, 192),
              universal(3, 3, 3, 1, 4, 192),
              universal(1, 3, 5, 1, 4, 192),
              universal(5, 5, 3, 1, 4, 192),
              universal(1, 3, 0, 1, 4, 192)),
          List.of(
              universal(4, 5, 5, 2, 4, 512),
              universal(1, 5, 0, 1, 4, 512),
              universal(1, 5, 3, 1, 4, 512),
              universal(2, 5, 0, 1, 4, 512),
              universal(1, 5, 3, 1, 4, 512),
              universal(1, 5, 5, 1, 4, 512),
              universal(3, 5, 0, 1, 4, 512)),
          List.of(LAST));

  private static final List<List<BlockRow>> HYBRID_MEDIUM =
      List.of(
          List.of(fused(1, 3, 2, 4, 48)),
          List.of(scaled(1, 3, 5, 2, 4, 80), scaled(1, 3, 3, 1, 2, 80)),
          List.of(
              scaled(1, 3, 5, 2, 6, 160),
              scaled(1, 0, 0, 1, 2, 160),
              scaled(1, 3, 3, 1, 4, 160),
              scaled(1, 3, 5, 1, 4, 160),
              attention(4, 64, true, 160),
              scaled(1, 3, 3, 1, 4, 160),
              attention(4, 64, true, 160),
              scaled(1, 3, 0, 1, 4, 160),
              attention(4, 64, true, 160),
              scaled(1, 3, 3, 1, 4, 160),
              attention(4, 64, true, 160),
              scaled(1, 3, 0, 1, 4, 160)),
          List.of(
              scaled(1, 5, 5, 2, 6, 256),
              scaled(1, 5, 5, 1, 4, 256),
              scaled(2, 3, 5, 1, 4, 256),
              scaled(1, 0, 0, 1, 2, 256),
              scaled(1, 3, 5, 1, 2, 256),
              scaled(1, 0, 0, 1, 2, 256),
              scaled(1, 0, 0, 1, 4, 256),
              attention(4, 64, false, 256),
              scaled(1, 3, 0, 1, 4, 256),
              attention(4, 64, false, 256),
              scaled(1, 5, 5, 1, 4, 256),
              attention(4, 64, false, 256),
              scaled(1, 5, 0, 1, 4, 256),
              attention(4, 64, false, 256),
              scaled(1, 5, 0, 1, 4, 256)),
          List.of(LAST));

  private static final List<List<BlockRow>> HYBRID_LARGE =
      List.of(
          List.of(fused(1, 3, 2, 4, 48)),
          List.of(scaled(1, 3, 5, 2, 4, 96), scaled(1, 3, 3, 1, 4, 96)),
          List.of(
              scaled(1, 3, 5, 2, 4, 192),
              scaled(3, 3, 3, 1, 4, 192),
              scaled(1, 3, 5, 1, 4, 192),
              scaled(2, 5, 3, 1, 4, 192),
              attention(8, 48, true, 192),
              scaled(1, 5, 3, 1, 4, 192),
              attention(8, 48, true, 192),
              scaled(1, 5, 3, 1, 4, 192),
              attention(8, 48, true, 192),
              scaled(1, 5, 3, 1, 4, 192),
              attention(8, 48, true, 192),
              scaled(1, 3, 0, 1, 4, 192)),
          List.of(
              scaled(4, 5, 5, 2, 4, 512),
              scaled(1, 5, 0, 1, 4, 512),
              scaled(1, 5, 3, 1, 4, 512),
              scaled(2, 5, 0, 1, 4, 512),
              scaled(1, 5, 3, 1, 4, 512),
              scaled(1, 5, 5, 1, 4, 512),
              attention(8, 64, false, 512),
              scaled(1, 5, 0, 1, 4, 512),
              attention(8, 64, false, 512),
              scaled(1, 5, 0, 1, 4, 512),
              attention(8, 64, false, 512),
              scaled(1, 5, 0, 1, 4, 512),
              attention(8, 64, false, 512),
              scaled(1, 5, 0, 1, 4, 512)),
          List.of(LAST));

  /** timm's entry points, but for those with anti-aliasing. */
  private static final Map<String, MobileNetV3Preset> PRESETS =
      Map.ofEntries(
          entry("mobilenetv4_conv_small_035", preset(CONV_SMALL, 32, 0.35, Activation.RELU)),
          entry("mobilenetv4_conv_small_050", preset(CONV_SMALL, 32, 0.5, Activation.RELU)),
          entry("mobilenetv4_conv_small", preset(CONV_SMALL, 32, 1, Activation.RELU)),
          entry("mobilenetv4_conv_medium", preset(CONV_MEDIUM, 32, 1, Activation.RELU)),
          entry("mobilenetv4_conv_large", preset(CONV_LARGE, 24, 1, Activation.RELU)),
          entry("mobilenetv4_hybrid_medium", preset(HYBRID_MEDIUM, 32, 1, Activation.RELU)),
          entry("mobilenetv4_hybrid_medium_075", preset(HYBRID_MEDIUM, 32, 0.75, Activation.RELU)),
          entry("mobilenetv4_hybrid_large", preset(HYBRID_LARGE, 24, 1, Activation.GELU)),
          entry("mobilenetv4_hybrid_large_075", preset(HYBRID_LARGE, 24, 0.75, Activation.GELU)));

  private MobileNetV4() {}

  /** The stem and the head have the same channels whatever the width multiplier. */
  private static MobileNetV3Preset preset(
      List<List<BlockRow>> stages, int stem, double multiplier, Activation activation) {
    return new MobileNetV3Preset(
        stages,
        stem,
        FEATURES,
        HeadLayer.NORMALISED,
        ChannelWidth.of(multiplier),
        ConvNorm.PYTORCH,
        activation,
        Squeeze.OfHidden.PUBLISHED);
  }

  /** {@link BlockRow#universal} with layer scale. */
  private static BlockRow scaled(
      int repeats, int start, int middle, int stride, double expansion, int channels) {
    var form = new UniversalBottleneck.Form(start, middle, expansion, /* layerScale= */ true);
    return new BlockRow(repeats, stride, channels, form);
  }

  private static BlockRow attention(int heads, int width, boolean shrinks, int channels) {
    return new BlockRow(1, 1, channels, new MobileAttention.Form(heads, width, shrinks));
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
