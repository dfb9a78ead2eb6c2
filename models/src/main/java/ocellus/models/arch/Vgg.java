package ocellus.models.arch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Packer;
import ocellus.engine.kernels.Window.Padding;
import ocellus.engine.layers.AdaptiveMean;
import ocellus.engine.layers.Affine;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Conv2d.Spec;
import ocellus.engine.layers.Linear;
import ocellus.engine.layers.Pool2d;
import ocellus.loaders.checkpoint.TimmConfig;

/**
 * VGG, Simonyan and Zisserman 2015, "Very Deep Convolutional Networks for Large-Scale Image
 * Recognition", with and without batch norm, after timm/models/vgg.py; torchvision's weights are
 * the same under other names.
 *
 * <p>Five stages of 3x3 convolutions, each followed by the maxima of 2x2 pixels, and three fully
 * connected layers, the first of which sees 7x7 pixels. Larger maps it is moved over, and what
 * comes out is pooled; smaller ones are stretched. Immutable, thread-safe.
 */
public final class Vgg implements ConvolutionalNetwork {
  /** Table 1 of the paper: how many convolutions each stage has. */
  private static final Map<String, List<Integer>> DEPTHS =
      Map.of(
          "vgg11", List.of(1, 1, 2, 2, 2),
          "vgg13", List.of(2, 2, 2, 2, 2),
          "vgg16", List.of(2, 2, 3, 3, 3),
          "vgg19", List.of(2, 2, 4, 4, 4));

  /** Channels of each stage. */
  private static final List<Integer> CHANNELS = List.of(64, 128, 256, 512, 512);

  private static final String WITH_NORM = "_bn";

  /** Pixels on a side of what the first fully connected layer sees. */
  private static final int HEAD_SIDE = 7;

  private static final int HIDDEN = 4096;

  /** Each stage halves the map. */
  private static final int POOL = 2;

  private static final double MAX_RATIO = 16;

  /**
   * What a VGG looks like.
   *
   * @param depths convolutions of each stage
   * @param normalised whether each convolution is followed by a batch norm
   * @param hidden features between the first two fully connected layers
   * @param classes 0 for no classifier
   */
  record Config(
      ImageShape input,
      List<Integer> depths,
      boolean normalised,
      int hidden,
      GlobalPool pool,
      int classes) {
    /** The smallest height and width of an image that leave something to pool. */
    int leastSide() {
      return 1 << depths.size();
    }
  }

  /** Convolutions, and the pooling behind them. */
  private static final class Stage {
    private final List<Conv2d> convs;
    private final Pool2d halve = new Pool2d(Pool2d.Kind.MAX, POOL, POOL, new Padding.Fixed(0));

    Stage(List<Conv2d> convs) {
      this.convs = convs;
    }

    /** {@code maxPool(relu(conv(.. x)))}; only the result stays in the workspace. */
    Tensor forward(Tensor x, Workspace ws) {
      Tensor y = ws.tensor(x.dim(0) / POOL, x.dim(1) / POOL, convs.getLast().outChannels());
      Mark mark = ws.mark();
      Tensor h = x;
      for (int i = 0; i < convs.size(); i++) {
        h = convs.get(i).forward(h, ws);
      }
      halve.forward(h, y, ws);
      ws.release(mark);
      return y;
    }
  }

  private final Config config;
  private final List<Stage> stages = new ArrayList<>();
  private final Conv2d first;
  private final Linear second;
  private final int featureCount;
  private final Linear classifier; // null for none

  /** Reads its weights, in timm's names, and verifies that there are no others. */
  Vgg(Config config, WeightScope w) {
    this.config = config;
    int channels = config.input.channels();
    int index = 0;
    for (int i = 0; i < config.depths.size(); i++) {
      int width = CHANNELS.get(i);
      List<Conv2d> convs = new ArrayList<>();
      for (int j = 0; j < config.depths.get(i); j++) {
        convs.add(convolution(Spec.of(channels, width, 3).padding(1), w, index));
        channels = width;
        index += config.normalised ? 3 : 2; // the convolution, its norm, the activation
      }
      stages.add(new Stage(convs));
      index++; // the pooling
    }
    WeightScope head = w.in("pre_logits");
    Spec seven = Spec.of(channels, config.hidden, HEAD_SIDE);
    Affine firstBias = Affine.bias(head.in("fc1"), config.hidden);
    this.first = new Conv2d(seven, head.in("fc1"), firstBias, Activation.RELU);
    Affine secondBias = Affine.bias(head.in("fc2"), HIDDEN);
    this.second = new Linear(head.in("fc2"), config.hidden, HIDDEN, secondBias, Activation.RELU);
    this.featureCount = config.pool.features(HIDDEN);
    this.classifier =
        config.classes == 0
            ? null
            : new Linear(w.in("head").in("fc"), featureCount, config.classes);
    w.ignore(ConvNorm.COUNTERS);
    w.verifyAllRead();
  }

  private Conv2d convolution(Spec spec, WeightScope w, int index) {
    WeightScope conv = w.in("features", index);
    Affine affine = Affine.bias(conv, spec.out());
    if (config.normalised) {
      WeightScope norm = w.in("features", index + 1);
      affine = affine.then(Affine.batchNorm(norm, spec.out(), ConvNorm.PYTORCH.epsilon()));
    }
    return new Conv2d(spec, conv, affine, Activation.RELU);
  }

  /** The architectures that {@link #timm} knows. */
  public static Set<String> timmArchitectures() {
    return DEPTHS.keySet().stream()
        .flatMap(name -> Stream.of(name, name + WITH_NORM))
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * A model that timm saved; also one with the weights named as torchvision does.
   *
   * @param packer of the model that is being built
   * @throws ocellus.engine.OcellusException if configuration and weights do not make a model
   */
  public static Vgg timm(TimmConfig timm, WeightSource weights, Packer packer) {
    Config config = timmConfig(timm);
    boolean isTorchvision = weights.names().contains("classifier.0.weight");
    WeightSource house = isTorchvision ? torchvision(config, weights) : weights;
    return new Vgg(config, WeightScope.of(house, packer));
  }

  static Config timmConfig(TimmConfig timm) {
    String name = timm.architecture();
    boolean normalised = name.endsWith(WITH_NORM);
    var args = new TimmArguments(timm);
    args.verifyNoneIsNull();
    int outputStride = args.integer("output_stride", 32);
    if (outputStride != 32) {
      throw args.invalid("output_stride", outputStride, "32");
    }
    int hidden = (int) (HIDDEN * args.positive("mlp_ratio", 1, MAX_RATIO));
    if (hidden == 0) {
      throw args.invalid("mlp_ratio", timm.modelArgs().raw("mlp_ratio"), "a larger number");
    }
    Config config =
        new Config(
            args.input(),
            DEPTHS.get(normalised ? name.substring(0, name.length() - WITH_NORM.length()) : name),
            normalised,
            hidden,
            args.globalPool(),
            args.classes());
    args.verifyAllHonoured();
    return config;
  }

  /** From the names of torchvision, whose fully connected layers are stored as such. */
  private static WeightSource torchvision(Config config, WeightSource file) {
    Map<String, String> names = new HashMap<>();
    for (String name : file.names()) {
      if (name.startsWith("features.")) {
        names.put(name, name);
      }
    }
    names.put("pre_logits.fc1", "classifier.0");
    names.put("pre_logits.fc2", "classifier.3");
    names.put("head.fc", "classifier.6");
    Shape first = Shape.of(config.hidden, CHANNELS.getLast(), HEAD_SIDE, HEAD_SIDE);
    return new ReshapedWeights(
        new RenamedWeights(file, names), Map.of("pre_logits.fc1.weight", first));
  }

  @Override
  public Tensor features(Tensor image, Workspace ws) {
    Tensor y = ws.tensor(featureCount);
    Mark mark = ws.mark();
    Tensor x = image;
    for (int i = 0; i < stages.size(); i++) {
      x = stages.get(i).forward(x, ws); // [H / 2^(i+1), W / 2^(i+1), Ci]
      ws.stage("stages", i, x);
    }
    int height = Math.max(HEAD_SIDE, x.dim(0));
    int width = Math.max(HEAD_SIDE, x.dim(1));
    x = first.forward(AdaptiveMean.forward(x, height, width, ws), ws); // [h, w, hidden]
    Tensor z = ws.tensor(x.dim(0), x.dim(1), HIDDEN);
    second.forward(x, z, ws); // [h, w, 4096]
    config.pool.forward(z, y, ws); // [4096]
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
