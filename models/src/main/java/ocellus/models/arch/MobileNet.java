package ocellus.models.arch;

import java.util.List;
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
import ocellus.models.arch.BlockStack.Style;

/**
 * The network that {@link MobileNetV1}, {@link MobileNetV2}, {@link EfficientNet} and {@link
 * EfficientNetV2} have in common: a stem, a stack of blocks, a 1x1 convolution (the first version
 * has none), the average over the image. Images may have any size.
 *
 * <p>Immutable, thread-safe.
 */
final class MobileNet implements ConvolutionalNetwork {
  /**
   * The layers and their sizes.
   *
   * @param stages the rows of the table
   * @param stem channels of the stem
   * @param features channels of the last convolution, 0 for none
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
  private final Conv2d head; // null for none
  private final GlobalPool pool;
  private final int featureCount;
  private final Linear classifier; // null for none

  MobileNet(Config config, WeightScope w) {
    ConvNorm layers = config.style.convNorm();
    Activation activation = config.style.activation();
    Spec stemSpec = Spec.of(config.input.channels(), config.stem, 3).stride(2);
    this.input = config.input;
    this.stem = layers.layer(stemSpec, w, "conv_stem", "bn1", activation);
    this.blocks = new BlockStack(config.stages, config.stem, config.style, w);
    Spec headSpec = Spec.of(blocks.outChannels(), config.features, 1);
    this.head =
        config.features == 0 ? null : layers.layer(headSpec, w, "conv_head", "bn2", activation);
    this.pool = config.pool;
    this.featureCount = pool.features(head == null ? blocks.outChannels() : head.outChannels());
    this.classifier =
        config.classes == 0 ? null : new Linear(w.in("classifier"), featureCount, config.classes);
  }

  /**
   * The network with all weights of a checkpoint, but for {@link ConvNorm#COUNTERS}.
   *
   * @throws ocellus.engine.OcellusException if they do not belong to it
   */
  static MobileNet load(Config config, WeightSource weights, Packer packer) {
    WeightScope w = WeightScope.of(weights, packer);
    w.ignore(ConvNorm.COUNTERS);
    var model = new MobileNet(config, w);
    w.verifyAllRead();
    return model;
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
    return featureCount;
  }

  @Override
  public Tensor features(Tensor image, Workspace ws) {
    Tensor y = ws.tensor(featureCount);
    Mark mark = ws.mark();
    Tensor x = stem.forward(image, ws); // [H/2, W/2, stem]
    ws.stage("stem", x);
    x = blocks.forward(x, ws); // [H/32, W/32, C]
    if (head != null) {
      x = head.forward(x, ws); // [H/32, W/32, features]
      ws.stage("head", x);
    }
    pool.forward(x, y, ws); // [features]
    ws.release(mark);
    return y;
  }
}
