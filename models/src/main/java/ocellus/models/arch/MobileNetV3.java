package ocellus.models.arch;

import static java.util.Map.entry;
import static ocellus.models.arch.BlockRow.bottleneck;
import static ocellus.models.arch.BlockRow.convolution;
import static ocellus.models.arch.BlockRow.separable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Packer;
import ocellus.engine.layers.Affine;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Conv2d.Spec;
import ocellus.engine.layers.Linear;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.models.arch.BlockStack.Style;

/**
 * MobileNetV3, Howard et al. 2019, "Searching for MobileNetV3", as timm builds it.
 *
 * <p>A stem, a stack of inverted residuals, and the "efficient last stage" of figure 5: the map is
 * pooled before its channels are expanded for the classifier. Images may have any size.
 *
 * <p>Immutable, thread-safe.
 */
public final class MobileNetV3 implements ConvolutionalNetwork {
  /** Table 1, MobileNetV3-Large, in the stages by which checkpoints count. */
  private static final List<List<BlockRow>> LARGE =
      List.of(
          List.of(separable(3, 1, 16).relu()),
          List.of(bottleneck(1, 3, 2, 4, 24).relu(), bottleneck(1, 3, 1, 3, 24).relu()),
          List.of(bottleneck(3, 5, 2, 3, 40).squeezed().relu()),
          List.of(
              bottleneck(1, 3, 2, 6, 80),
              bottleneck(1, 3, 1, 2.5, 80),
              bottleneck(2, 3, 1, 2.3, 80)),
          List.of(bottleneck(2, 3, 1, 6, 112).squeezed()),
          List.of(bottleneck(3, 5, 2, 6, 160).squeezed()),
          List.of(convolution(1, 1, 1, 960)));

  /** Table 2, MobileNetV3-Small. */
  private static final List<List<BlockRow>> SMALL =
      List.of(
          List.of(separable(3, 2, 16).squeezed().relu()),
          List.of(bottleneck(1, 3, 2, 4.5, 24).relu(), bottleneck(1, 3, 1, 3.67, 24).relu()),
          List.of(bottleneck(1, 5, 2, 4, 40).squeezed(), bottleneck(2, 5, 1, 6, 40).squeezed()),
          List.of(bottleneck(2, 5, 1, 3, 48).squeezed()),
          List.of(bottleneck(3, 5, 2, 6, 96).squeezed()),
          List.of(convolution(1, 1, 1, 576)));

  private static final int STEM = 16;

  /** Narrower networks than this keep all channels of the stem. */
  private static final double NARROW = 0.75;

  /** timm's entry points. */
  private static final Map<String, MobileNetV3Preset> PRESETS =
      Map.ofEntries(
          entry("mobilenetv3_large_075", large(LARGE, 0.75, ConvNorm.PYTORCH)),
          entry("mobilenetv3_large_100", large(LARGE, 1, ConvNorm.PYTORCH)),
          entry("mobilenetv3_large_150d", large(deepened(1.2), 1.5, ConvNorm.PYTORCH)),
          entry("mobilenetv3_small_050", small(0.5, ConvNorm.PYTORCH)),
          entry("mobilenetv3_small_075", small(0.75, ConvNorm.PYTORCH)),
          entry("mobilenetv3_small_100", small(1, ConvNorm.PYTORCH)),
          entry("mobilenetv3_rw", early()),
          entry("tf_mobilenetv3_large_075", large(LARGE, 0.75, ConvNorm.TENSORFLOW)),
          entry("tf_mobilenetv3_large_100", large(LARGE, 1, ConvNorm.TENSORFLOW)),
          entry("tf_mobilenetv3_large_minimal_100", minimal(LARGE, 1280)),
          entry("tf_mobilenetv3_small_075", small(0.75, ConvNorm.TENSORFLOW)),
          entry("tf_mobilenetv3_small_100", small(1, ConvNorm.TENSORFLOW)),
          entry("tf_mobilenetv3_small_minimal_100", minimal(SMALL, 1024)));

  private static List<List<BlockRow>> deepened(double multiplier) {
    return BlockRow.deepened(LARGE, multiplier);
  }

  private static MobileNetV3Preset large(
      List<List<BlockRow>> stages, double width, ConvNorm convNorm) {
    return published(stages, width, 1280, convNorm, Activation.HARD_SWISH);
  }

  private static MobileNetV3Preset small(double width, ConvNorm convNorm) {
    return published(SMALL, width, 1024, convNorm, Activation.HARD_SWISH);
  }

  /** The authors' "minimalistic" form, without what is slow on some hardware. */
  private static MobileNetV3Preset minimal(List<List<BlockRow>> stages, int features) {
    return published(BlockRow.minimal(stages), 1, features, ConvNorm.TENSORFLOW, Activation.RELU);
  }

  private static MobileNetV3Preset published(
      List<List<BlockRow>> stages,
      double multiplier,
      int features,
      ConvNorm convNorm,
      Activation activation) {
    var width = ChannelWidth.of(multiplier);
    return new MobileNetV3Preset(
        stages,
        multiplier < NARROW ? STEM : width.scaled(STEM),
        features,
        HeadLayer.BIASED,
        width,
        convNorm,
        activation,
        Squeeze.OfHidden.PUBLISHED);
  }

  /** Large as it was understood before the authors published their code. */
  private static MobileNetV3Preset early() {
    List<List<BlockRow>> stages = new ArrayList<>(LARGE);
    stages.set(0, List.of(separable(3, 1, 16).relu().withoutSkip()));
    return new MobileNetV3Preset(
        List.copyOf(stages),
        STEM,
        1280,
        HeadLayer.PLAIN,
        ChannelWidth.of(1),
        ConvNorm.TENSORFLOW.padded(ConvNorm.Strided.SYMMETRIC),
        Activation.HARD_SWISH,
        Squeeze.OfHidden.UNROUNDED);
  }

  /**
   * The layers and their sizes.
   *
   * @param stages the rows of the table
   * @param stem channels of the stem
   * @param features channels of the head
   * @param head what the head is but for its activation
   * @param style of the blocks; its activation also serves stem and head
   * @param pool how the last map becomes the input of the head
   * @param classes 0 for no classifier
   */
  record Config(
      List<List<BlockRow>> stages,
      int stem,
      int features,
      HeadLayer head,
      Style style,
      GlobalPool pool,
      int classes,
      ImageShape input) {}

  /** What the head is but for its activation. */
  enum HeadLayer {
    BIASED,
    PLAIN,
    /** With a batch norm, as in {@link MobileNetV4}. */
    NORMALISED
  }

  private final ImageShape input;
  private final Conv2d stem;
  private final BlockStack blocks;
  private final GlobalPool pool;
  private final Linear head;
  private final Linear classifier; // null for none

  MobileNetV3(Config config, WeightScope w) {
    Activation activation = config.style.activation();
    Spec stemSpec = Spec.of(config.input.channels(), config.stem, 3).stride(2);
    int features = config.features;
    this.input = config.input;
    this.stem = config.style.convNorm().layer(stemSpec, w, "conv_stem", "bn1", activation);
    this.blocks = new BlockStack(config.stages, config.stem, config.style, w);
    this.pool = config.pool;
    int pooled = pool.features(blocks.outChannels());
    this.head = new Linear(w.in("conv_head"), pooled, features, headAffine(config, w), activation);
    this.classifier =
        config.classes == 0 ? null : new Linear(w.in("classifier"), features, config.classes);
  }

  private static Affine headAffine(Config config, WeightScope w) {
    return switch (config.head) {
      case BIASED -> Affine.bias(w.in("conv_head"), config.features);
      case PLAIN -> Affine.none();
      case NORMALISED -> config.style.convNorm().affine(w.in("norm_head"), config.features);
    };
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
  public static MobileNetV3 timm(TimmConfig config, WeightSource weights, Packer packer) {
    return load(timmConfig(config), weights, packer);
  }

  /**
   * The network with all weights of a checkpoint, but for {@link ConvNorm#COUNTERS}.
   *
   * @throws ocellus.engine.OcellusException if they do not belong to it
   */
  static MobileNetV3 load(Config config, WeightSource weights, Packer packer) {
    WeightScope w = WeightScope.of(weights, packer);
    w.ignore(ConvNorm.COUNTERS);
    var model = new MobileNetV3(config, w);
    w.verifyAllRead();
    return model;
  }

  static Config timmConfig(TimmConfig config) {
    return TimmArguments.preset(PRESETS, config).withDepthAndHead(config);
  }

  @Override
  public ImageShape input() {
    return input;
  }

  @Override
  public Linear classifier() {
    return classifier;
  }

  @Override
  public int featureCount() {
    return head.outFeatures();
  }

  @Override
  public Tensor features(Tensor image, Workspace ws) {
    Tensor y = ws.tensor(featureCount());
    Mark mark = ws.mark();
    Tensor x = stem.forward(image, ws); // [H/2, W/2, stem]
    ws.stage("stem", x);
    x = blocks.forward(x, ws); // [H/32, W/32, C]
    Tensor pooled = ws.tensor(pool.features(x.channels()));
    pool.forward(x, pooled, ws); // [C]
    ws.stage("pool", pooled);
    head.forward(pooled, y, ws); // [features], y = act(W pooled + b)
    ws.release(mark);
    return y;
  }
}
