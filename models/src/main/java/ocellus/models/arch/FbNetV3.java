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
 * FBNetV3, Dai et al. 2021, "FBNetV3: Joint Architecture-Recipe Search using Predictor
 * Pretraining", as timm builds it, in the network of {@link MobileNetV3}.
 */
public final class FbNetV3 {
  /** Channels are never rounded down by more than 5 %. */
  private static final ChannelWidth WIDTH = new ChannelWidth(1, 8, 8, false, 0.95);

  private static final List<List<BlockRow>> B =
      List.of(
          List.of(separable(3, 1, 16), separable(3, 1, 16)),
          List.of(bottleneck(1, 5, 2, 4, 24), bottleneck(3, 5, 1, 2, 24)),
          List.of(bottleneck(1, 5, 2, 5, 40).squeezed(), bottleneck(4, 5, 1, 3, 40).squeezed()),
          List.of(bottleneck(1, 5, 2, 5, 72), bottleneck(4, 3, 1, 3, 72)),
          List.of(bottleneck(1, 3, 1, 5, 120).squeezed(), bottleneck(5, 5, 1, 3, 120).squeezed()),
          List.of(
              bottleneck(1, 3, 2, 6, 184).squeezed(),
              bottleneck(5, 5, 1, 4, 184).squeezed(),
              bottleneck(1, 5, 1, 6, 224).squeezed()),
          List.of(convolution(1, 1, 1, 1344)));

  private static final List<List<BlockRow>> D =
      List.of(
          List.of(separable(3, 1, 16), separable(3, 1, 16)),
          List.of(bottleneck(1, 3, 2, 5, 24), bottleneck(5, 3, 1, 2, 24)),
          List.of(bottleneck(1, 5, 2, 4, 40).squeezed(), bottleneck(4, 3, 1, 3, 40).squeezed()),
          List.of(bottleneck(1, 3, 2, 5, 72), bottleneck(4, 3, 1, 3, 72)),
          List.of(bottleneck(1, 3, 1, 5, 128).squeezed(), bottleneck(6, 5, 1, 3, 128).squeezed()),
          List.of(
              bottleneck(1, 3, 2, 6, 208).squeezed(),
              bottleneck(5, 5, 1, 5, 208).squeezed(),
              bottleneck(1, 5, 1, 6, 240).squeezed()),
          List.of(convolution(1, 1, 1, 1440)));

  private static final List<List<BlockRow>> G =
      List.of(
          List.of(separable(3, 1, 24), separable(3, 1, 24), separable(3, 1, 24)),
          List.of(bottleneck(1, 5, 2, 4, 40), bottleneck(4, 5, 1, 2, 40)),
          List.of(bottleneck(1, 5, 2, 4, 56).squeezed(), bottleneck(4, 5, 1, 3, 56).squeezed()),
          List.of(bottleneck(1, 5, 2, 5, 104), bottleneck(4, 3, 1, 3, 104)),
          List.of(bottleneck(1, 3, 1, 5, 160).squeezed(), bottleneck(8, 5, 1, 3, 160).squeezed()),
          List.of(
              bottleneck(1, 3, 2, 6, 264).squeezed(),
              bottleneck(6, 5, 1, 5, 264).squeezed(),
              bottleneck(2, 5, 1, 6, 288).squeezed()),
          List.of(convolution(1, 1, 1, 1728)));

  /** timm's entry points. */
  private static final Map<String, MobileNetV3Preset> PRESETS =
      Map.of(
          "fbnetv3_b", preset(B, 16),
          "fbnetv3_d", preset(D, 24),
          "fbnetv3_g", preset(G, 32));

  private FbNetV3() {}

  private static MobileNetV3Preset preset(List<List<BlockRow>> stages, int stem) {
    return new MobileNetV3Preset(
        stages,
        stem,
        1984,
        HeadLayer.PLAIN,
        WIDTH,
        ConvNorm.PYTORCH,
        Activation.HARD_SWISH,
        new Squeeze.OfInputRounded(WIDTH));
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
