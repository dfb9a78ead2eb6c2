package ocellus.models.arch;

import static ocellus.models.arch.BlockRow.bottleneck;
import static ocellus.models.arch.BlockRow.fused;
import static ocellus.models.arch.BlockRow.separable;

import java.util.HashMap;
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
 * EfficientNet, Tan and Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
 * Networks", with its Lite and EdgeTPU forms and TinyNet, as timm and transformers build them.
 *
 * <p>One table of blocks, of which wider and deeper networks are made by two multipliers.
 */
public final class EfficientNet {
  /** Channels of the stem and of the last convolution of B0. */
  static final int STEM = 32;

  static final int FEATURES = 1280;

  /** Table 1, in the stages by which timm's checkpoints count, without squeeze-and-excitation. */
  private static final List<List<BlockRow>> TABLE =
      List.of(
          List.of(separable(3, 1, 16)),
          List.of(bottleneck(2, 3, 2, 6, 24)),
          List.of(bottleneck(2, 5, 2, 6, 40)),
          List.of(bottleneck(3, 3, 2, 6, 80)),
          List.of(bottleneck(3, 5, 1, 6, 112)),
          List.of(bottleneck(4, 5, 2, 6, 192)),
          List.of(bottleneck(1, 3, 1, 6, 320)));

  /**
   * Google's EfficientNet-EdgeTPU. Its first block expands from 24 channels and adds no input, as
   * the published weights have it.
   */
  private static final List<List<BlockRow>> EDGE_TABLE =
      List.of(
          List.of(new BlockRow(1, 1, 24, new FusedResidual.Form(3, 4, 24, /* skips= */ false))),
          List.of(fused(2, 3, 2, 8, 32)),
          List.of(fused(4, 3, 2, 8, 48)),
          List.of(bottleneck(5, 5, 2, 8, 96)),
          List.of(bottleneck(4, 5, 1, 8, 144)),
          List.of(bottleneck(2, 5, 2, 8, 192)));

  private static final Map<String, MobileNetPreset> PRESETS = presets();

  private EfficientNet() {}

  /** timm's entry points, each with weights from PyTorch and from TensorFlow. */
  private static Map<String, MobileNetPreset> presets() {
    Map<String, MobileNetPreset> presets = new HashMap<>();
    presets.put("b0", scaled(1.0, 1.0));
    presets.put("b1", scaled(1.0, 1.1));
    presets.put("b2", scaled(1.1, 1.2));
    presets.put("b3", scaled(1.2, 1.4));
    presets.put("b4", scaled(1.4, 1.8));
    presets.put("b5", scaled(1.6, 2.2));
    presets.put("b6", scaled(1.8, 2.6));
    presets.put("b7", scaled(2.0, 3.1));
    presets.put("b8", scaled(2.2, 3.6));
    presets.put("l2", scaled(4.3, 5.3));
    presets.put("lite0", lite(1.0, 1.0));
    presets.put("lite1", lite(1.0, 1.1));
    presets.put("lite2", lite(1.1, 1.2));
    presets.put("lite3", lite(1.2, 1.4));
    presets.put("lite4", lite(1.4, 1.8));
    presets.put("es", edge(1.0, 1.0));
    presets.put("em", edge(1.0, 1.1));
    presets.put("el", edge(1.2, 1.4));
    Map<String, MobileNetPreset> named = new HashMap<>();
    presets.forEach((name, preset) -> named.put("efficientnet_" + name, preset));
    presets.forEach((name, preset) -> named.put("tf_efficientnet_" + name, preset.tensorflow()));
    // Pruned to zeros, of the same shapes.
    named.put("efficientnet_es_pruned", presets.get("es"));
    named.put("efficientnet_el_pruned", presets.get("el"));
    named.put("tinynet_a", tiny(1.0, 1.2));
    named.put("tinynet_b", tiny(0.75, 1.1));
    named.put("tinynet_c", tiny(0.54, 0.85));
    named.put("tinynet_d", tiny(0.54, 0.695));
    named.put("tinynet_e", tiny(0.51, 0.6));
    return Map.copyOf(named);
  }

  private static MobileNetPreset scaled(double width, double depth) {
    return all(BlockRow.deepened(squeezedTable(), depth), width, Activation.SILU);
  }

  private static List<List<BlockRow>> squeezedTable() {
    return TABLE.stream().map(stage -> stage.stream().map(BlockRow::squeezed).toList()).toList();
  }

  /** Without squeeze-and-excitation; stem, head and the depth of both end stages as in B0. */
  private static MobileNetPreset lite(double width, double depth) {
    return fixedEnds(BlockRow.deepenedInside(TABLE, depth), width, Activation.RELU6);
  }

  /** TinyNet, Han et al. 2020, "Model Rubik's Cube": B0 with less of everything. */
  private static MobileNetPreset tiny(double width, double depth) {
    List<List<BlockRow>> stages = BlockRow.deepenedToNearest(squeezedTable(), depth);
    return fixedEnds(stages, width, Activation.SILU);
  }

  /** With the stem and the head of B0. */
  private static MobileNetPreset fixedEnds(
      List<List<BlockRow>> stages, double width, Activation activation) {
    return new MobileNetPreset(
        stages,
        STEM,
        FEATURES,
        ChannelWidth.of(width),
        ConvNorm.PYTORCH,
        activation,
        Squeeze.OfInput.QUARTER);
  }

  private static MobileNetPreset edge(double width, double depth) {
    return all(BlockRow.deepened(EDGE_TABLE, depth), width, Activation.RELU);
  }

  /** With the stem and the head as wide as the rest. */
  private static MobileNetPreset all(
      List<List<BlockRow>> stages, double multiplier, Activation activation) {
    var width = ChannelWidth.of(multiplier);
    return new MobileNetPreset(
        stages,
        width.scaled(STEM),
        width.scaled(FEATURES),
        width,
        ConvNorm.PYTORCH,
        activation,
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

  /**
   * Builds a model from a checkpoint as transformers saves its {@code EfficientNetModel} and {@code
   * EfficientNetForImageClassification}.
   *
   * @param packer of the model that is being built
   * @throws ocellus.engine.OcellusException if the configuration asks for something that is not
   *     supported, or the weights do not belong to it
   */
  public static ImageModel transformers(
      TransformersConfig config, WeightSource weights, Packer packer) {
    var foreign = new EfficientNetTransformers(config);
    return MobileNet.load(foreign.config(), foreign.renamed(weights), packer);
  }

  static MobileNet.Config timmConfig(TimmConfig config) {
    return TimmArguments.preset(PRESETS, config).with(config);
  }
}
