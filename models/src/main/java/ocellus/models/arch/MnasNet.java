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
import ocellus.models.ImageModel;

/**
 * MnasNet, Tan et al. 2019, "MnasNet: Platform-Aware Neural Architecture Search for Mobile", and
 * what others found among the same blocks: Single-Path NAS, Stamoulis et al. 2019, and FBNet-C, Wu
 * et al. 2019. As timm builds them.
 */
public final class MnasNet {
  private static final int STEM = 32;
  private static final int FEATURES = 1280;

  /** MnasNet-A1, figure 7, in the stages by which timm's checkpoints count. */
  private static final List<List<BlockRow>> A1 =
      List.of(
          List.of(separable(3, 1, 16).withoutSkip()),
          List.of(bottleneck(2, 3, 2, 6, 24)),
          List.of(bottleneck(3, 5, 2, 3, 40).squeezed()),
          List.of(bottleneck(4, 3, 2, 6, 80)),
          List.of(bottleneck(2, 3, 1, 6, 112).squeezed()),
          List.of(bottleneck(3, 5, 2, 6, 160).squeezed()),
          List.of(bottleneck(1, 3, 1, 6, 320)));

  /** MnasNet-B1, without squeeze-and-excitation. */
  private static final List<List<BlockRow>> B1 =
      List.of(
          List.of(separable(3, 1, 16).withoutSkip()),
          List.of(bottleneck(3, 3, 2, 3, 24)),
          List.of(bottleneck(3, 5, 2, 3, 40)),
          List.of(bottleneck(3, 5, 2, 6, 80)),
          List.of(bottleneck(2, 3, 1, 6, 96)),
          List.of(bottleneck(4, 5, 2, 6, 192)),
          List.of(bottleneck(1, 3, 1, 6, 320).withoutSkip()));

  private static final List<List<BlockRow>> SMALL =
      List.of(
          List.of(separable(3, 1, 8)),
          List.of(bottleneck(1, 3, 2, 3, 16)),
          List.of(bottleneck(2, 3, 2, 6, 16)),
          List.of(bottleneck(4, 5, 2, 6, 32).squeezed()),
          List.of(bottleneck(3, 3, 1, 6, 32).squeezed()),
          List.of(bottleneck(3, 5, 2, 6, 88).squeezed()),
          List.of(bottleneck(1, 3, 1, 6, 144)));

  private static final List<List<BlockRow>> SINGLE_PATH =
      List.of(
          List.of(separable(3, 1, 16).withoutSkip()),
          List.of(bottleneck(3, 3, 2, 3, 24)),
          List.of(bottleneck(1, 5, 2, 6, 40), bottleneck(3, 3, 1, 3, 40)),
          List.of(bottleneck(1, 5, 2, 6, 80), bottleneck(3, 3, 1, 3, 80)),
          List.of(bottleneck(1, 5, 1, 6, 96), bottleneck(3, 5, 1, 3, 96)),
          List.of(bottleneck(4, 5, 2, 6, 192)),
          List.of(bottleneck(1, 3, 1, 6, 320).withoutSkip()));

  private static final List<List<BlockRow>> FBNET_C =
      List.of(
          List.of(bottleneck(1, 3, 1, 1, 16)),
          List.of(bottleneck(1, 3, 2, 6, 24), bottleneck(2, 3, 1, 1, 24)),
          List.of(
              bottleneck(1, 5, 2, 6, 32),
              bottleneck(1, 5, 1, 3, 32),
              bottleneck(1, 5, 1, 6, 32),
              bottleneck(1, 3, 1, 6, 32)),
          List.of(
              bottleneck(1, 5, 2, 6, 64), bottleneck(1, 5, 1, 3, 64), bottleneck(2, 5, 1, 6, 64)),
          List.of(bottleneck(3, 5, 1, 6, 112), bottleneck(1, 5, 1, 3, 112)),
          List.of(bottleneck(4, 5, 2, 6, 184)),
          List.of(bottleneck(1, 3, 1, 6, 352)));

  /** timm's entry points. */
  private static final Map<String, MobileNetPreset> PRESETS =
      Map.ofEntries(
          entry("mnasnet_050", preset(B1, 0.5)),
          entry("mnasnet_075", preset(B1, 0.75)),
          entry("mnasnet_100", preset(B1, 1)),
          entry("mnasnet_140", preset(B1, 1.4)),
          entry("mnasnet_small", preset(SMALL, 8, FEATURES, 1, ConvNorm.PYTORCH)),
          entry("semnasnet_050", preset(A1, 0.5)),
          entry("semnasnet_075", preset(A1, 0.75)),
          entry("semnasnet_100", preset(A1, 1)),
          entry("semnasnet_140", preset(A1, 1.4)),
          entry("spnasnet_100", preset(SINGLE_PATH, 1)),
          // timm has this epsilon where it loads weights, and PyTorch's where it makes new ones.
          entry(
              "fbnetc_100",
              preset(
                  FBNET_C, 16, 1984, 1, ConvNorm.TENSORFLOW.padded(ConvNorm.Strided.SYMMETRIC))));

  private MnasNet() {}

  private static MobileNetPreset preset(List<List<BlockRow>> stages, double multiplier) {
    return preset(stages, STEM, FEATURES, multiplier, ConvNorm.PYTORCH);
  }

  /** Features are the same for all multipliers. */
  private static MobileNetPreset preset(
      List<List<BlockRow>> stages, int stem, int features, double multiplier, ConvNorm convNorm) {
    var width = ChannelWidth.of(multiplier);
    return new MobileNetPreset(
        stages,
        width.scaled(stem),
        features,
        width,
        convNorm,
        Activation.RELU,
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
