package ocellus.models.arch;

import static java.util.Map.entry;
import static ocellus.models.arch.BlockRow.bottleneck;
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
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Conv2d.Spec;
import ocellus.engine.layers.Linear;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.models.ImageModel;
import ocellus.models.arch.BlockStack.Squeeze;
import ocellus.models.arch.BlockStack.Style;

/**
 * MobileNetV2, Sandler et al. 2018, "MobileNetV2: Inverted Residuals and Linear Bottlenecks", as
 * timm and transformers build it.
 *
 * <p>A stem, a stack of inverted residuals, a 1x1 convolution, the average over the image. Images
 * may have any size.
 *
 * <p>Immutable, thread-safe.
 */
public final class MobileNetV2 implements ImageModel {
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
  private static final Map<String, Preset> PRESETS =
      Map.ofEntries(
          entry("mobilenetv2_035", Preset.wide(0.35)),
          entry("mobilenetv2_050", Preset.wide(0.5)),
          entry("mobilenetv2_075", Preset.wide(0.75)),
          entry("mobilenetv2_100", Preset.wide(1)),
          entry("mobilenetv2_140", Preset.wide(1.4)),
          entry("mobilenetv2_110d", Preset.deep(1.1, 1.2)),
          entry("mobilenetv2_120d", Preset.deep(1.2, 1.4)));

  /** What tells timm's entry points apart; as {@link Config}. */
  private record Preset(List<List<BlockRow>> stages, int stem, int features, ChannelWidth width) {
    private static final double MAX_DEPTH = 100;

    /** The paper's, with a multiplier of the channels. */
    static Preset wide(double multiplier) {
      var width = ChannelWidth.of(multiplier);
      int features = Math.max(FEATURES, width.scaled(FEATURES));
      return new Preset(TABLE, width.scaled(STEM), features, width);
    }

    /** Wider and deeper, but for the depth of the first and last stage, the stem and the head. */
    static Preset deep(double multiplier, double depth) {
      List<List<BlockRow>> stages = new ArrayList<>(BlockRow.deepened(TABLE, depth));
      stages.set(0, TABLE.getFirst());
      stages.set(stages.size() - 1, TABLE.getLast());
      return new Preset(List.copyOf(stages), STEM, FEATURES, ChannelWidth.of(multiplier));
    }

    /** With what a checkpoint says beside the entry point's name. */
    Config with(TimmArguments args) {
      var style =
          new Style(
              width,
              ConvNorm.PYTORCH.with(args),
              args.activation(Activation.RELU6),
              Squeeze.PUBLISHED,
              args.outputStride());
      double depth = args.positive("depth_multiplier", 1, MAX_DEPTH);
      return new Config(
          BlockRow.deepened(stages, depth),
          stem,
          features,
          style,
          args.globalPool(),
          args.classes(),
          args.input());
    }
  }

  /**
   * The layers and their sizes.
   *
   * @param stages the rows of the table
   * @param stem channels of the stem
   * @param features channels of the last convolution
   * @param style of the blocks; its activation and batch norm also serve stem and head
   * @param pool how the last map becomes the features
   * @param classes 0 for no classifier
   */
  record Config(
      List<List<BlockRow>> stages,
      int stem,
      int features,
      Style style,
      GlobalPool pool,
      int classes,
      ImageShape input) {}

  private final ImageShape input;
  private final Conv2d stem;
  private final BlockStack blocks;
  private final Conv2d head;
  private final GlobalPool pool;
  private final int featureCount;
  private final Linear classifier; // null for none

  MobileNetV2(Config config, WeightScope w) {
    ConvNorm layers = config.style.convNorm();
    Activation activation = config.style.activation();
    Spec stemSpec = Spec.of(config.input.channels(), config.stem, 3).stride(2);
    this.input = config.input;
    this.stem = layers.layer(stemSpec, w, "conv_stem", "bn1", activation);
    this.blocks = new BlockStack(config.stages, config.stem, config.style, w);
    Spec headSpec = Spec.of(blocks.outChannels(), config.features, 1);
    this.head = layers.layer(headSpec, w, "conv_head", "bn2", activation);
    this.pool = config.pool;
    this.featureCount = pool.features(config.features);
    this.classifier =
        config.classes == 0 ? null : new Linear(w.in("classifier"), featureCount, config.classes);
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
  public static MobileNetV2 timm(TimmConfig config, WeightSource weights, Packer packer) {
    return load(timmConfig(config), weights, packer);
  }

  /**
   * Builds a model from a checkpoint as transformers saves its {@code MobileNetV2Model} and {@code
   * MobileNetV2ForImageClassification}.
   *
   * @param packer of the model that is being built
   * @throws ocellus.engine.OcellusException if the configuration asks for something that is not
   *     supported, or the weights do not belong to it
   */
  public static MobileNetV2 transformers(
      TransformersConfig config, WeightSource weights, Packer packer) {
    var foreign = new MobileNetV2Transformers(config);
    return load(foreign.config(), foreign.renamed(weights), packer);
  }

  private static MobileNetV2 load(Config config, WeightSource weights, Packer packer) {
    WeightScope w = WeightScope.of(weights, packer);
    w.ignore(ConvNorm.COUNTERS);
    var model = new MobileNetV2(config, w);
    w.verifyAllRead();
    return model;
  }

  static Config timmConfig(TimmConfig config) {
    Preset preset = PRESETS.get(config.architecture());
    if (preset == null) {
      throw new IllegalArgumentException("not a MobileNetV2: " + config.architecture());
    }
    var args = new TimmArguments(config);
    args.verifyNoneIsNull();
    Config result = preset.with(args);
    args.verifyAllHonoured();
    return result;
  }

  @Override
  public int inputHeight() {
    return input.height();
  }

  @Override
  public int inputWidth() {
    return input.width();
  }

  @Override
  public boolean accepts(int height, int width) {
    return height >= 1 && width >= 1;
  }

  @Override
  public int inputChannels() {
    return input.channels();
  }

  @Override
  public int featureCount() {
    return featureCount;
  }

  @Override
  public int classCount() {
    return classifier == null ? 0 : classifier.outFeatures();
  }

  @Override
  public Tensor features(Tensor image, Workspace ws) {
    Tensor y = ws.tensor(featureCount);
    Mark mark = ws.mark();
    Tensor x = stem.forward(image, ws); // [H/2, W/2, stem]
    ws.stage("stem", x);
    x = blocks.forward(x, ws); // [H/32, W/32, C]
    x = head.forward(x, ws); // [H/32, W/32, features]
    ws.stage("head", x);
    pool.forward(x, y, ws); // [features]
    ws.release(mark);
    return y;
  }

  @Override
  public Tensor logits(Tensor features, Workspace ws) {
    if (classifier == null) {
      throw new IllegalStateException("a model without a classification head");
    }
    return classifier.forward(features, ws); // y = W features + b
  }
}
