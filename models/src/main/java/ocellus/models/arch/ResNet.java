package ocellus.models.arch;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Packer;
import ocellus.engine.kernels.Window.Padding;
import ocellus.engine.layers.ChannelGate;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Conv2d.Spec;
import ocellus.engine.layers.EfficientChannelAttention;
import ocellus.engine.layers.Linear;
import ocellus.engine.layers.Pool2d;
import ocellus.engine.layers.SqueezeExcite;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;

/**
 * ResNet, He et al. 2016, "Deep Residual Learning for Image Recognition", with its relatives: the
 * stems and shortcuts of "Bag of Tricks" (He et al. 2019), ResNeXt, Wide ResNet, SENet, ECA-Net and
 * ResNet-RS. After timm/models/resnet.py, timm/models/senet.py and transformers'
 * modeling_resnet.py.
 *
 * <p>A stem, four stages of residual blocks, each but the first on a map half as high and wide, the
 * mean over the map and a linear classifier. Images may have any size that leaves something to
 * pool. Immutable, thread-safe.
 */
public final class ResNet implements ConvolutionalNetwork {
  /**
   * What a ResNet looks like.
   *
   * @param stem the convolutions before the pooling, one or three
   * @param stages the blocks of each stage
   * @param activation of the stem and of the sums
   * @param innerActivation between the convolutions of a block
   * @param classes 0 for no classifier
   */
  record Config(
      ImageShape input,
      List<Spec> stem,
      StemPool stemPool,
      List<List<Block>> stages,
      Activation activation,
      Activation innerActivation,
      GlobalPool pool,
      int classes) {
    static final int MAX_CHANNELS = 1 << 16;
    static final int MAX_DEPTH = 1 << 10;

    Config {
      stem = List.copyOf(stem);
      stages = stages.stream().map(List::copyOf).toList();
    }

    /** Channels of the last map. */
    int channels() {
      return stages.getLast().getLast().convs.getLast().out();
    }

    /** The smallest height and width of an image that leave something to pool. */
    int leastSide() {
      return stemPool.leastSide();
    }
  }

  /** How the map of the stem is halved. */
  enum StemPool {
    /** Maxima of 3x3 pixels, also at the border. */
    MAX {
      @Override
      Layer of(int channels, Activation activation, WeightScope w) {
        return new Pool2d(Pool2d.Kind.MAX, 3, 2, new Padding.Fixed(1))::forward;
      }
    },
    /** Maxima of 3x3 pixels as in Caffe: windows begin within the map, and end beyond it. */
    MAX_CEILING {
      @Override
      Layer of(int channels, Activation activation, WeightScope w) {
        return new Pool2d(Pool2d.Kind.MAX, 3, 2, new Padding.Ceiling(0))::forward;
      }

      @Override
      int leastSide() {
        return 3;
      }
    },
    /** A 3x3 convolution, as in ResNet-RS. */
    CONVOLUTION {
      @Override
      Layer of(int channels, Activation activation, WeightScope w) {
        Spec spec = Spec.of(channels, channels, 3).stride(2);
        return ConvNorm.PYTORCH.layer(spec, w.in("maxpool"), "0", "1", activation)::forward;
      }
    };

    abstract Layer of(int channels, Activation activation, WeightScope w);

    int leastSide() {
      return 1;
    }
  }

  /**
   * A residual block.
   *
   * @param convs the convolutions, each with its batch norm
   * @param lastActivation what follows the last of them, before {@code attention} and the sum
   * @param attention weighs the channels of the last convolution
   */
  record Block(
      List<Spec> convs, Activation lastActivation, Attention attention, Shortcut shortcut) {
    Block {
      convs = List.copyOf(convs);
    }

    /** Without attention. */
    static Block plain(List<Spec> convs, Shortcut shortcut) {
      return new Block(convs, Activation.IDENTITY, new Attention.None(), shortcut);
    }
  }

  /** How channels are weighed. */
  sealed interface Attention {
    /** Not at all. */
    record None() implements Attention {}

    /** By squeeze-and-excitation to so many channels. */
    record Squeeze(int reduced) implements Attention {}

    /** By a convolution over so many channels. */
    record Local(int kernel) implements Attention {}
  }

  private final Config config;
  private final List<Conv2d> stem = new ArrayList<>();
  private final Layer stemPool;
  private final ResidualStages stages;
  private final int featureCount;
  private final Linear classifier; // null for none

  /** Reads its weights, in timm's names, and verifies that there are no others. */
  ResNet(Config config, WeightScope w) {
    this.config = config;
    int last = config.stem.size() - 1;
    for (int i = 0; i < last; i++) {
      stem.add(
          ConvNorm.PYTORCH.layer(
              config.stem.get(i),
              w.in("conv1"),
              index(3 * i),
              index(3 * i + 1),
              config.activation));
    }
    String lastConv = last == 0 ? "conv1" : "conv1." + 3 * last;
    stem.add(ConvNorm.PYTORCH.layer(config.stem.getLast(), w, lastConv, "bn1", config.activation));
    this.stemPool = config.stemPool.of(config.stem.getLast().out(), config.activation, w);
    int stride = 2 * strideOf(config.stem);
    List<List<ResidualBlock>> built = new ArrayList<>();
    for (int i = 0; i < config.stages.size(); i++) {
      List<ResidualBlock> blocks = new ArrayList<>();
      for (Block block : config.stages.get(i)) {
        stride *= strideOf(block.convs);
        blocks.add(block(block, pixels(stride), w.in("layer" + (i + 1)).in(index(blocks.size()))));
      }
      built.add(blocks);
    }
    this.stages = new ResidualStages("layer", built);
    this.featureCount = config.pool.features(config.channels());
    this.classifier =
        config.classes == 0 ? null : new Linear(w.in("fc"), featureCount, config.classes);
    w.ignore(ConvNorm.COUNTERS);
    w.verifyAllRead();
  }

  private static int strideOf(List<Spec> convs) {
    int stride = 1;
    for (Spec spec : convs) {
      stride *= spec.stride();
    }
    return stride;
  }

  /** Of a map of which one is so many pixels of the image high and wide. */
  private int pixels(int stride) {
    return Math.ceilDiv(config.input.height(), stride) * Math.ceilDiv(config.input.width(), stride);
  }

  private static String index(int i) {
    return Integer.toString(i);
  }

  /**
   * @param pixels of its output
   */
  private ResidualBlock block(Block block, int pixels, WeightScope w) {
    ChannelGate gate = gate(block, w);
    List<Conv2d> convs = new ArrayList<>();
    for (Spec spec : block.convs) {
      int n = convs.size() + 1;
      Activation last = gate == null ? config.activation : block.lastActivation;
      Activation activation = n == block.convs.size() ? last : config.innerActivation;
      convs.add(ConvNorm.PYTORCH.layer(spec.pixels(pixels), w, "conv" + n, "bn" + n, activation));
    }
    Projection shortcut = shortcut(block.shortcut, w.in("downsample"));
    return gate == null
        ? ResidualBlock.plain(convs, shortcut)
        : ResidualBlock.gatedAtEnd(convs, gate, shortcut, config.activation);
  }

  /** Null for none. */
  private static ChannelGate gate(Block block, WeightScope w) {
    WeightScope se = w.in("se");
    int channels = block.convs.getLast().out();
    return switch (block.attention) {
      case Attention.None() -> null;
      case Attention.Squeeze(int reduced) ->
          new SqueezeExcite(
              se.in("fc1"), se.in("fc2"), channels, reduced, Activation.RELU, Activation.SIGMOID);
      case Attention.Local(int kernel) -> new EfficientChannelAttention(se, kernel);
    };
  }

  /** Null for the identity. */
  private static Projection shortcut(Shortcut shortcut, WeightScope w) {
    return switch (shortcut) {
      case Shortcut.Identity() -> null;
      case Shortcut.None() -> Projection.none();
      case Shortcut.Strided(Spec spec) ->
          Projection.strided(ConvNorm.PYTORCH.layer(spec, w, "0", "1", Activation.IDENTITY));
      case Shortcut.Averaging(int stride, boolean dilated, Spec spec) ->
          Projection.averaging(
              stride, dilated, ConvNorm.PYTORCH.layer(spec, w, "1", "2", Activation.IDENTITY));
    };
  }

  /** The architectures that {@link #timm} knows. */
  public static Set<String> timmArchitectures() {
    return Stream.of(ResNetTimm.architectures(), LegacySENet.architectures())
        .flatMap(Set::stream)
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * A model that timm saved, or torchvision with a configuration as timm's.
   *
   * @param packer of the model that is being built
   * @throws ocellus.engine.OcellusException if configuration and weights do not make a model
   */
  public static ResNet timm(TimmConfig timm, WeightSource weights, Packer packer) {
    if (!LegacySENet.architectures().contains(timm.architecture())) {
      return new ResNet(ResNetTimm.config(timm), WeightScope.of(weights, packer));
    }
    Config config = LegacySENet.config(timm);
    return new ResNet(config, WeightScope.of(LegacySENet.renamed(config, weights), packer));
  }

  /**
   * A model that transformers saved, {@code ResNetForImageClassification} or {@code ResNetModel}.
   *
   * @param packer of the model that is being built
   * @throws ocellus.engine.OcellusException if configuration and weights do not make a model
   */
  public static ResNet transformers(
      TransformersConfig transformers, WeightSource weights, Packer packer) {
    Config config = ResNetTransformers.config(transformers);
    WeightSource house = ResNetTransformers.renamed(config, weights);
    return new ResNet(config, WeightScope.of(house, packer));
  }

  @Override
  public Tensor features(Tensor image, Workspace ws) {
    Tensor y = ws.tensor(featureCount);
    Mark mark = ws.mark();
    Tensor x = image;
    for (int i = 0; i < stem.size(); i++) {
      x = stem.get(i).forward(x, ws); // [H / 2, W / 2, C0]
    }
    ws.stage("stem", x);
    x = stemPool.forward(x, ws); // [H / 4, W / 4, C0]
    x = stages.forward(x, ws); // [H / 2^(S+1), W / 2^(S+1), C]
    config.pool.forward(x, y, ws); // [featureCount]
    ws.release(mark);
    return y;
  }

  @Override
  public ImageShape input() {
    return config.input;
  }

  @Override
  public int leastSide() {
    return config.leastSide();
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
