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
import ocellus.engine.kernels.Packer;
import ocellus.engine.kernels.Window.Padding;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Conv2d.Spec;
import ocellus.engine.layers.Linear;
import ocellus.engine.layers.MeanQueryPool;
import ocellus.engine.layers.Pool2d;
import ocellus.loaders.checkpoint.TimmConfig;

/**
 * The ResNets of CLIP, Radford et al. 2021, 2.4: RN50, RN101 and RN50x4 to RN50x64, after
 * open_clip's {@code ModifiedResNet} and timm's {@code resnet50_clip} and its relatives.
 *
 * <p>A stem of three convolutions, four stages of bottlenecks that halve the map by means of 2x2
 * pixels and not by strides, and attention pooling, or a mean, over what is left. Where a side is
 * odd, its last row is left out. Immutable, thread-safe.
 */
public final class ClipResNet implements ConvolutionalNetwork {
  private static final int STAGES = 4;

  /** What image and first map differ by in height and width. */
  private static final int STEM_STRIDE = 4;

  /** What image and last map differ by in height and width. */
  static final int STRIDE = 32;

  /** What a bottleneck puts out, relative to its inner channels. */
  private static final int EXPANSION = 4;

  /**
   * What one looks like.
   *
   * @param width channels of the stem and within the first bottlenecks
   * @param depths the bottlenecks of each of the four stages
   * @param classes outputs of the map behind the pooling; 0 for none
   */
  record Config(ImageShape input, int width, List<Integer> depths, Head head, int classes) {
    static final int MAX_WIDTH = 1 << 11;
    static final int MAX_DEPTH = 1 << 10;

    Config {
      depths = List.copyOf(depths);
    }
  }

  /** Channels of the last map of a network of this width. */
  static int channels(int width) {
    return (width * EXPANSION) << (STAGES - 1);
  }

  /** What makes a vector of the last map. */
  sealed interface Head {
    /** Attention to a map of one size; see {@link MeanQueryPool}. */
    record Attention(int heads) implements Head {}

    /** A map of any size. */
    record Pooled(GlobalPool pool) implements Head {}
  }

  /** The pooling of the last map. */
  @FunctionalInterface
  private interface MapPool {
    /**
     * @param x {@code [height, width, channels]}
     * @param y {@code [featureCount]}
     */
    void forward(Tensor x, Tensor y, Workspace ws);
  }

  /** A bottleneck, whose second convolution is followed by a mean where the map is halved. */
  private static final class Block {
    private final Conv2d conv1;
    private final Conv2d conv2;
    private final Conv2d conv3;
    private final Pool2d halve; // null to keep the size
    private final Pool2d halveShortcut;
    private final Conv2d shortcut; // null for the identity

    /**
     * @param pixels of the map that it is meant for
     */
    Block(int in, int planes, boolean halves, int pixels, WeightScope w) {
      int out = EXPANSION * planes;
      this.conv1 = layer(Spec.of(in, planes, 1), w.in("conv1_1x1"), Activation.RELU);
      this.conv2 =
          layer(Spec.of(planes, planes, 3).pixels(pixels), w.in("conv2_kxk"), Activation.RELU);
      this.conv3 = layer(Spec.of(planes, out, 1), w.in("conv3_1x1"), Activation.RELU);
      this.halve = halves ? means() : null;
      this.halveShortcut = halves ? means() : null;
      this.shortcut =
          halves || in != out
              ? layer(Spec.of(in, out, 1), w.in("shortcut").in("conv"), Activation.IDENTITY)
              : null;
    }

    /**
     * @param x {@code [height, width, in]}, overwritten
     * @return {@code [height or height / 2, width or width / 2, out]}: x, or from the workspace
     */
    Tensor forward(Tensor x, Workspace ws) {
      int by = halve == null ? 1 : 2;
      Tensor y =
          shortcut == null ? x : ws.tensor(x.dim(0) / by, x.dim(1) / by, shortcut.outChannels());
      Mark mark = ws.mark();
      Tensor h = conv2.forward(conv1.forward(x, ws), ws);
      h = halve == null ? h : halve.forward(h, ws);
      if (shortcut != null) {
        Tensor s = halveShortcut == null ? x : halveShortcut.forward(x, ws);
        shortcut.forward(s, null, y, ws); // y = S(x)
      }
      conv3.forward(h, y, y, ws); // y = relu(conv(h) + y)
      ws.release(mark);
      return y;
    }
  }

  private final Config config;
  private final List<Conv2d> stem = new ArrayList<>();
  private final Pool2d halve = means();
  private final List<List<Block>> stages = new ArrayList<>();
  private final MapPool pool;
  private final int featureCount;
  private final Linear classifier; // null for none

  /** Reads its weights, in timm's names, and verifies that there are no others. */
  ClipResNet(Config config, WeightScope w) {
    this.config = config;
    int width = config.width;
    stem.add(stemLayer(1, Spec.of(config.input.channels(), width / 2, 3).stride(2), w));
    stem.add(stemLayer(2, Spec.of(width / 2, width / 2, 3), w));
    stem.add(stemLayer(3, Spec.of(width / 2, width, 3), w));
    int in = width;
    for (int i = 0; i < STAGES; i++) {
      int planes = width << i;
      List<Block> blocks = new ArrayList<>();
      for (int j = 0; j < config.depths.get(i); j++) {
        WeightScope block = w.in("stages", i).in(Integer.toString(j));
        boolean halves = i > 0 && j == 0;
        int stride = STEM_STRIDE << (halves ? i - 1 : i);
        int pixels = (config.input.height() / stride) * (config.input.width() / stride);
        blocks.add(new Block(in, planes, halves, pixels, block));
        in = EXPANSION * planes;
      }
      stages.add(blocks);
    }
    WeightScope head = w.in("head");
    switch (config.head) {
      case Head.Attention(int heads) -> {
        int pixels = (config.input.height() / STRIDE) * (config.input.width() / STRIDE);
        this.pool = new MeanQueryPool(head, pixels, in, heads)::forward;
        this.featureCount = in;
        this.classifier = classifier(head.in("proj"));
      }
      case Head.Pooled(GlobalPool means) -> {
        this.pool = means::forward;
        this.featureCount = means.features(in);
        this.classifier = classifier(head.in("fc"));
      }
    }
    w.ignore(ConvNorm.COUNTERS);
    w.verifyAllRead();
  }

  private Linear classifier(WeightScope w) {
    return config.classes == 0 ? null : new Linear(w, featureCount, config.classes);
  }

  private static Conv2d stemLayer(int n, Spec spec, WeightScope w) {
    return layer(spec, w.in("stem").in("conv" + n), Activation.RELU);
  }

  private static Conv2d layer(Spec spec, WeightScope w, Activation activation) {
    return ConvNorm.PYTORCH.layer(spec, w, "conv", "bn", activation);
  }

  /** Means of 2x2 pixels. */
  private static Pool2d means() {
    return new Pool2d(Pool2d.Kind.MEAN, 2, 2, new Padding.Fixed(0));
  }

  /** The architectures that {@link #timm} knows. */
  public static Set<String> timmArchitectures() {
    return ClipResNetTimm.architectures();
  }

  /**
   * A model that timm saved.
   *
   * @param packer of the model that is being built
   * @throws ocellus.engine.OcellusException if configuration and weights do not make a model
   */
  public static ClipResNet timm(TimmConfig timm, WeightSource weights, Packer packer) {
    return new ClipResNet(ClipResNetTimm.config(timm), WeightScope.of(weights, packer));
  }

  @Override
  public Tensor features(Tensor image, Workspace ws) {
    Tensor y = ws.tensor(featureCount);
    Mark mark = ws.mark();
    Tensor x = image;
    for (int i = 0; i < stem.size(); i++) {
      x = stem.get(i).forward(x, ws); // [H / 2, W / 2, C0]
    }
    x = halve.forward(x, ws); // [H / 4, W / 4, C0]
    ws.stage("stem", x);
    for (int i = 0; i < stages.size(); i++) {
      List<Block> blocks = stages.get(i);
      for (int j = 0; j < blocks.size(); j++) {
        x = blocks.get(j).forward(x, ws); // [H / 2^(i+2), W / 2^(i+2), Ci]
      }
      ws.stage("stages", i, x);
    }
    pool.forward(x, y, ws); // [featureCount]
    ws.release(mark);
    return y;
  }

  @Override
  public ImageShape input() {
    return config.input;
  }

  /**
   * The size of the positions, where there are such; else what can be halved without a rest: with
   * one, timm's shortcuts are larger than what they are added to.
   */
  @Override
  public boolean accepts(int height, int width) {
    return config.head instanceof Head.Attention
        ? height == inputHeight() && width == inputWidth()
        : isHalvedWithoutRest(height) && isHalvedWithoutRest(width);
  }

  /** The first convolution rounds up. */
  private static boolean isHalvedWithoutRest(int side) {
    int ofStem = (side + 1) / 4;
    return ofStem > 0 && ofStem % (STRIDE / 4) == 0;
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
