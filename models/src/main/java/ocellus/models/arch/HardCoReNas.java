package ocellus.models.arch;

import static ocellus.models.arch.BlockRow.bottleneck;
import static ocellus.models.arch.BlockRow.convolution;
import static ocellus.models.arch.BlockRow.separable;

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
 * HardCoRe-NAS, Nayman et al. 2021, "HardCoRe-NAS: Hard Constrained diffeRentiable Neural
 * Architecture Search", as timm builds it, in the network of {@link MobileNetV3}.
 */
public final class HardCoReNas {
  private static final List<List<BlockRow>> A =
      List.of(
          List.of(separable(3, 1, 16).relu()),
          List.of(bottleneck(1, 5, 2, 3, 24).relu(), bottleneck(1, 5, 1, 3, 24).squeezed().relu()),
          List.of(bottleneck(1, 5, 2, 3, 40).relu(), bottleneck(1, 5, 1, 6, 40).squeezed().relu()),
          List.of(bottleneck(1, 5, 2, 6, 80).squeezed(), bottleneck(1, 5, 1, 6, 80).squeezed()),
          List.of(bottleneck(1, 5, 1, 6, 112).squeezed(), bottleneck(1, 5, 1, 6, 112).squeezed()),
          List.of(bottleneck(1, 5, 2, 6, 192).squeezed(), bottleneck(1, 5, 1, 6, 192).squeezed()),
          List.of(convolution(1, 1, 1, 960)));

  private static final List<List<BlockRow>> B =
      List.of(
          List.of(separable(3, 1, 16).relu()),
          List.of(
              bottleneck(1, 5, 2, 3, 24).relu(),
              bottleneck(1, 5, 1, 3, 24).squeezed().relu(),
              bottleneck(1, 3, 1, 3, 24).relu()),
          List.of(
              bottleneck(1, 5, 2, 3, 40).relu(),
              bottleneck(1, 5, 1, 3, 40).relu(),
              bottleneck(1, 5, 1, 3, 40).relu()),
          List.of(
              bottleneck(1, 5, 2, 3, 80),
              bottleneck(1, 5, 1, 3, 80),
              bottleneck(1, 3, 1, 3, 80),
              bottleneck(1, 3, 1, 3, 80)),
          List.of(
              bottleneck(1, 5, 1, 3, 112),
              bottleneck(1, 3, 1, 3, 112),
              bottleneck(1, 3, 1, 3, 112),
              bottleneck(1, 3, 1, 3, 112)),
          List.of(
              bottleneck(1, 5, 2, 6, 192).squeezed(),
              bottleneck(1, 5, 1, 6, 192).squeezed(),
              bottleneck(1, 3, 1, 3, 192).squeezed()),
          List.of(convolution(1, 1, 1, 960)));

  private static final List<List<BlockRow>> C =
      List.of(
          List.of(separable(3, 1, 16).relu()),
          List.of(bottleneck(1, 5, 2, 3, 24).relu(), bottleneck(1, 5, 1, 3, 24).squeezed().relu()),
          List.of(
              bottleneck(1, 5, 2, 3, 40).relu(),
              bottleneck(1, 5, 1, 3, 40).relu(),
              bottleneck(1, 5, 1, 3, 40).relu(),
              bottleneck(1, 5, 1, 3, 40).relu()),
          List.of(
              bottleneck(1, 5, 2, 4, 80),
              bottleneck(1, 5, 1, 6, 80).squeezed(),
              bottleneck(1, 3, 1, 3, 80),
              bottleneck(1, 3, 1, 3, 80)),
          List.of(
              bottleneck(1, 5, 1, 6, 112).squeezed(),
              bottleneck(1, 3, 1, 3, 112),
              bottleneck(1, 3, 1, 3, 112),
              bottleneck(1, 3, 1, 3, 112)),
          List.of(
              bottleneck(1, 5, 2, 6, 192).squeezed(),
              bottleneck(1, 5, 1, 6, 192).squeezed(),
              bottleneck(1, 3, 1, 3, 192).squeezed()),
          List.of(convolution(1, 1, 1, 960)));

  private static final List<List<BlockRow>> D =
      List.of(
          List.of(separable(3, 1, 16).relu()),
          List.of(
              bottleneck(1, 5, 2, 3, 24).squeezed().relu(),
              bottleneck(1, 5, 1, 3, 24).squeezed().relu()),
          List.of(
              bottleneck(1, 5, 2, 3, 40).squeezed().relu(),
              bottleneck(1, 5, 1, 4, 40).squeezed().relu(),
              bottleneck(1, 3, 1, 3, 40).squeezed().relu()),
          List.of(
              bottleneck(1, 5, 2, 4, 80).squeezed(),
              bottleneck(1, 3, 1, 3, 80).squeezed(),
              bottleneck(1, 3, 1, 3, 80).squeezed(),
              bottleneck(1, 3, 1, 3, 80).squeezed()),
          List.of(
              bottleneck(1, 3, 1, 4, 112).squeezed(),
              bottleneck(1, 5, 1, 4, 112).squeezed(),
              bottleneck(1, 3, 1, 3, 112).squeezed(),
              bottleneck(1, 5, 1, 3, 112).squeezed()),
          List.of(
              bottleneck(1, 5, 2, 6, 192).squeezed(),
              bottleneck(1, 5, 1, 6, 192).squeezed(),
              bottleneck(1, 5, 1, 6, 192).squeezed(),
              bottleneck(1, 3, 1, 6, 192).squeezed()),
          List.of(convolution(1, 1, 1, 960)));

  private static final List<List<BlockRow>> E =
      List.of(
          List.of(separable(3, 1, 16).relu()),
          List.of(
              bottleneck(1, 5, 2, 3, 24).squeezed().relu(),
              bottleneck(1, 5, 1, 3, 24).squeezed().relu()),
          List.of(
              bottleneck(1, 5, 2, 6, 40).squeezed().relu(),
              bottleneck(1, 5, 1, 4, 40).squeezed().relu(),
              bottleneck(1, 5, 1, 4, 40).squeezed().relu(),
              bottleneck(1, 3, 1, 3, 40).squeezed().relu()),
          List.of(bottleneck(1, 5, 2, 4, 80).squeezed(), bottleneck(1, 3, 1, 6, 80).squeezed()),
          List.of(
              bottleneck(1, 5, 1, 6, 112).squeezed(),
              bottleneck(1, 5, 1, 6, 112).squeezed(),
              bottleneck(1, 5, 1, 6, 112).squeezed(),
              bottleneck(1, 5, 1, 3, 112).squeezed()),
          List.of(
              bottleneck(1, 5, 2, 6, 192).squeezed(),
              bottleneck(1, 5, 1, 6, 192).squeezed(),
              bottleneck(1, 5, 1, 6, 192).squeezed(),
              bottleneck(1, 3, 1, 6, 192).squeezed()),
          List.of(convolution(1, 1, 1, 960)));

  private static final List<List<BlockRow>> F =
      List.of(
          List.of(separable(3, 1, 16).relu()),
          List.of(
              bottleneck(1, 5, 2, 3, 24).squeezed().relu(),
              bottleneck(1, 5, 1, 3, 24).squeezed().relu()),
          List.of(
              bottleneck(1, 5, 2, 6, 40).squeezed().relu(),
              bottleneck(1, 5, 1, 6, 40).squeezed().relu()),
          List.of(
              bottleneck(1, 5, 2, 6, 80).squeezed(),
              bottleneck(1, 5, 1, 6, 80).squeezed(),
              bottleneck(1, 3, 1, 3, 80).squeezed(),
              bottleneck(1, 3, 1, 3, 80).squeezed()),
          List.of(
              bottleneck(1, 3, 1, 6, 112).squeezed(),
              bottleneck(1, 5, 1, 6, 112).squeezed(),
              bottleneck(1, 5, 1, 6, 112).squeezed(),
              bottleneck(1, 3, 1, 3, 112).squeezed()),
          List.of(
              bottleneck(1, 5, 2, 6, 192).squeezed(),
              bottleneck(1, 5, 1, 6, 192).squeezed(),
              bottleneck(1, 3, 1, 6, 192).squeezed(),
              bottleneck(1, 3, 1, 6, 192).squeezed()),
          List.of(convolution(1, 1, 1, 960)));

  /** timm's entry points. */
  private static final Map<String, MobileNetV3Preset> PRESETS =
      Map.of(
          "hardcorenas_a", preset(A),
          "hardcorenas_b", preset(B),
          "hardcorenas_c", preset(C),
          "hardcorenas_d", preset(D),
          "hardcorenas_e", preset(E),
          "hardcorenas_f", preset(F));

  private HardCoReNas() {}

  private static MobileNetV3Preset preset(List<List<BlockRow>> stages) {
    return new MobileNetV3Preset(
        stages,
        32,
        1280,
        HeadLayer.BIASED,
        ChannelWidth.of(1),
        ConvNorm.PYTORCH,
        Activation.HARD_SWISH,
        Squeeze.OfHidden.PUBLISHED);
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
