package ocellus.models.arch;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.Packer;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Conv2d.Spec;
import ocellus.engine.layers.Linear;
import ocellus.engine.layers.SqueezeExcite;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;

/**
 * RegNet, Radosavovic et al. 2020, "Designing Network Design Spaces": RegNetX, RegNetY with
 * squeeze-and-excitation, and RegNetZ of Dollár et al. 2021, "Fast and Accurate Model Scaling".
 * After timm/models/regnet.py and transformers' modeling_regnet.py.
 *
 * <p>A strided convolution, stages of bottlenecks with grouped convolutions, the mean over the map
 * and a linear classifier. Images may have any size. Immutable, thread-safe.
 */
public final class RegNet implements ConvolutionalNetwork {
  /**
   * What a RegNet looks like.
   *
   * @param stem channels of the first convolution
   * @param linear whether no activation follows the sums, but one the last of them (RegNetZ)
   * @param features channels of a convolution after the last block; 0 for none
   * @param classes 0 for no classifier
   */
  record Config(
      ImageShape input,
      int stem,
      List<List<Block>> stages,
      Activation activation,
      boolean linear,
      int features,
      GlobalPool pool,
      int classes) {
    static final int MAX_CHANNELS = 1 << 16;
    static final int MAX_DEPTH = 1 << 10;

    Config {
      stages = stages.stream().map(List::copyOf).toList();
    }

    /** Channels of the last block. */
    int channels() {
      return stages.getLast().getLast().convs.getLast().out();
    }
  }

  /**
   * A bottleneck.
   *
   * @param convs the three convolutions, each with its batch norm
   * @param squeezed channels that squeeze-and-excitation reduces to, before the last convolution; 0
   *     for none
   * @param squeezeActivation of squeeze-and-excitation
   */
  record Block(List<Spec> convs, int squeezed, Activation squeezeActivation, Shortcut shortcut) {
    Block {
      convs = List.copyOf(convs);
    }

    /** Figure 4 of the paper: 1x1, grouped 3x3, 1x1. */
    static List<Spec> convs(int in, int middle, int out, int stride, int dilation, int groups) {
      return List.of(
          Spec.of(in, middle, 1),
          Spec.of(middle, middle, 3).stride(stride).dilation(dilation).groups(groups),
          Spec.of(middle, out, 1));
    }
  }

  private final Config config;
  private final Conv2d stem;
  private final ResidualStages stages;
  private final Conv2d last; // null for none
  private final int featureCount;
  private final Linear classifier; // null for none

  /** Reads its weights, in timm's names, and verifies that there are no others. */
  RegNet(Config config, WeightScope w) {
    this.config = config;
    Spec stemSpec = Spec.of(config.input.channels(), config.stem, 3).stride(2);
    this.stem = layer(stemSpec, w.in("stem"), config.activation);
    List<List<ResidualBlock>> built = new ArrayList<>();
    for (int i = 0; i < config.stages.size(); i++) {
      List<ResidualBlock> blocks = new ArrayList<>();
      for (Block block : config.stages.get(i)) {
        blocks.add(block(block, w.in("s" + (i + 1)).in("b" + (blocks.size() + 1))));
      }
      built.add(blocks);
    }
    this.stages = new ResidualStages("s", built);
    Spec lastSpec = Spec.of(config.channels(), config.features, 1);
    this.last =
        config.features == 0 ? null : layer(lastSpec, w.in("final_conv"), config.activation);
    int channels = last == null ? config.channels() : config.features;
    this.featureCount = config.pool.features(channels);
    this.classifier =
        config.classes == 0
            ? null
            : new Linear(w.in("head").in("fc"), featureCount, config.classes);
    w.ignore(ConvNorm.COUNTERS);
    w.verifyAllRead();
  }

  private static Conv2d layer(Spec spec, WeightScope w, Activation activation) {
    return ConvNorm.PYTORCH.layer(spec, w, "conv", "bn", activation);
  }

  private ResidualBlock block(Block block, WeightScope w) {
    List<Conv2d> convs = new ArrayList<>();
    for (Spec spec : block.convs) {
      boolean linear = config.linear && convs.size() == block.convs.size() - 1;
      Activation activation = linear ? Activation.IDENTITY : config.activation;
      convs.add(layer(spec, w.in("conv" + (convs.size() + 1)), activation));
    }
    Projection shortcut = shortcut(block.shortcut, w);
    if (block.squeezed == 0) {
      return ResidualBlock.plain(convs, shortcut);
    }
    WeightScope se = w.in("se");
    var squeeze =
        new SqueezeExcite(
            se.in("fc1"),
            se.in("fc2"),
            block.convs.getLast().in(),
            block.squeezed,
            block.squeezeActivation,
            Activation.SIGMOID);
    return ResidualBlock.gatedWithin(convs, squeeze, shortcut);
  }

  /** Null for the identity. */
  private static Projection shortcut(Shortcut shortcut, WeightScope w) {
    return switch (shortcut) {
      case Shortcut.Identity() -> null;
      case Shortcut.None() -> Projection.none();
      case Shortcut.Strided(Spec spec) ->
          Projection.strided(layer(spec, w.in("downsample"), Activation.IDENTITY));
      case Shortcut.Averaging(int stride, boolean dilated, Spec spec) ->
          Projection.averaging(
              stride, dilated, layer(spec, w.in("downsample", 1), Activation.IDENTITY));
    };
  }

  /** The architectures that {@link #timm} knows. */
  public static Set<String> timmArchitectures() {
    return RegNetTimm.architectures();
  }

  /**
   * A model that timm saved; also one with the weights named as torchvision does.
   *
   * @param packer of the model that is being built
   * @throws ocellus.engine.OcellusException if configuration and weights do not make a model
   */
  public static RegNet timm(TimmConfig timm, WeightSource weights, Packer packer) {
    Config config = RegNetTimm.config(timm);
    WeightSource house =
        RegNetNames.isTorchvision(weights) ? RegNetNames.torchvision(config, weights) : weights;
    return new RegNet(config, WeightScope.of(house, packer));
  }

  /**
   * A model that transformers saved, {@code RegNetForImageClassification} or {@code RegNetModel}.
   *
   * @param packer of the model that is being built
   * @throws ocellus.engine.OcellusException if configuration and weights do not make a model
   */
  public static RegNet transformers(
      TransformersConfig transformers, WeightSource weights, Packer packer) {
    Config config = RegNetTransformers.config(transformers);
    return new RegNet(config, WeightScope.of(RegNetNames.transformers(config, weights), packer));
  }

  @Override
  public Tensor features(Tensor image, Workspace ws) {
    Tensor y = ws.tensor(featureCount);
    Mark mark = ws.mark();
    Tensor x = stem.forward(image, ws); // [H / 2, W / 2, stem]
    ws.stage("stem", x);
    x = stages.forward(x, ws); // [H / 2^(S+1), W / 2^(S+1), C]
    if (last != null) {
      x = last.forward(x, ws); // [H / 32, W / 32, features]
    } else if (config.linear) {
      Kernels.activate(config.activation, x, ws);
    }
    config.pool.forward(x, y, ws); // [featureCount]
    ws.release(mark);
    return y;
  }

  @Override
  public ImageShape input() {
    return config.input;
  }

  @Override
  public Linear classifier() {
    return classifier;
  }

  @Override
  public int featureCount() {
    return featureCount;
  }
}
