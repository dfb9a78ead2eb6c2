package ocellus.models.arch;

import java.util.List;
import java.util.Set;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Packer;
import ocellus.engine.kernels.Window.Padding;
import ocellus.engine.layers.Affine;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Conv2d.Spec;
import ocellus.engine.layers.Linear;
import ocellus.engine.layers.Pool2d;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.models.ImageModel;
import ocellus.models.arch.PlainNetwork.Head;

/**
 * Inception v3, Szegedy et al. 2016, "Rethinking the Inception Architecture for Computer Vision",
 * after timm/models/inception_v3.py; torchvision's names are the same.
 */
public final class InceptionV3 {
  /** Those of timm's entry points and the names that it has given up. */
  private static final Set<String> NAMES =
      Set.of("inception_v3", "tf_inception_v3", "adv_inception_v3", "gluon_inception_v3");

  private static final double EPSILON = 1e-3;
  private static final double MAX_EPSILON = 1;
  private static final int CHANNELS = 2048;

  /** The smallest side of an image that leaves a pixel. */
  private static final int LEAST_SIDE = 75;

  private final double epsilon;
  private final Activation activation;
  private final WeightScope w;

  private InceptionV3(double epsilon, Activation activation, WeightScope w) {
    this.epsilon = epsilon;
    this.activation = activation;
    this.w = w;
  }

  /** The architectures that {@link #timm} builds. */
  public static Set<String> timmArchitectures() {
    return NAMES;
  }

  /**
   * A model that timm saved, or torchvision with a configuration as timm's.
   *
   * @param packer of the model that is being built
   * @throws ocellus.engine.OcellusException if configuration and weights do not make a model
   */
  public static ImageModel timm(TimmConfig timm, WeightSource weights, Packer packer) {
    return build(timm, WeightScope.of(weights, packer));
  }

  static PlainNetwork build(TimmConfig timm, WeightScope w) {
    TimmArguments args = TorchvisionArguments.of(timm);
    ImageShape input = args.input();
    Layer transform = TorchvisionArguments.inputTransform(args, input);
    GlobalPool pool = args.globalPool();
    int classes = args.classes();
    String norm = args.string("norm_layer", "batchnorm2d");
    if (!norm.equals("batchnorm2d")) {
      throw args.invalid("norm_layer", norm, "batchnorm2d");
    }
    double epsilon = args.positive("norm_eps", EPSILON, MAX_EPSILON);
    Activation activation = args.activation(Activation.RELU);
    args.verifyAllHonoured();
    var network = new InceptionV3(epsilon, activation, w);
    List<Layer> layers =
        List.of(
            transform,
            network.stem(input.channels()),
            network.a("Mixed_5b", 192, 32),
            network.a("Mixed_5c", 256, 64),
            network.a("Mixed_5d", 288, 64),
            network.b("Mixed_6a", 288),
            network.c("Mixed_6b", 128),
            network.c("Mixed_6c", 160),
            network.c("Mixed_6d", 160),
            network.c("Mixed_6e", 192),
            network.d("Mixed_7a"),
            network.e("Mixed_7b", 1280),
            network.e("Mixed_7c", CHANNELS));
    int features = pool.features(CHANNELS);
    Linear classifier = classes == 0 ? null : new Linear(w.in("fc"), features, classes);
    w.ignore(ConvNorm.COUNTERS);
    w.ignore(InceptionV3::isAuxiliary);
    w.verifyAllRead();
    return new PlainNetwork(input, LEAST_SIDE, layers, Head.pooling(pool, features, classifier));
  }

  /** The classifier on the way, which matters in training. */
  private static boolean isAuxiliary(String name) {
    return name.startsWith("AuxLogits.");
  }

  /** Table 1 of the paper, its first rows: to a map of an eighth of the image. */
  private Layer stem(int in) {
    return Layer.sequence(
        conv("Conv2d_1a_3x3", Spec.of(in, 32, 3).stride(2)),
        conv("Conv2d_2a_3x3", Spec.of(32, 32, 3)),
        conv("Conv2d_2b_3x3", Spec.of(32, 64, 3).padding(1)),
        halving()::forward,
        conv("Conv2d_3b_1x1", Spec.of(64, 80, 1)),
        conv("Conv2d_4a_3x3", Spec.of(80, 192, 3)),
        halving()::forward);
  }

  /** Figure 5, two 3x3 convolutions for one of 5x5. */
  private Layer a(String name, int in, int pooled) {
    String in1 = name + ".branch5x5_";
    String dbl = name + ".branch3x3dbl_";
    return Branches.of(
        224 + pooled,
        conv(name + ".branch1x1", Spec.of(in, 64, 1)),
        Layer.sequence(
            conv(in1 + 1, Spec.of(in, 48, 1)), conv(in1 + 2, Spec.of(48, 64, 5).padding(2))),
        Layer.sequence(
            conv(dbl + 1, Spec.of(in, 64, 1)),
            conv(dbl + 2, Spec.of(64, 96, 3).padding(1)),
            conv(dbl + 3, Spec.of(96, 96, 3).padding(1))),
        pooled(name, in, pooled));
  }

  /** Figure 10: the map is halved by convolutions and a pooling side by side. */
  private Layer b(String name, int in) {
    String dbl = name + ".branch3x3dbl_";
    Pool2d pool = halving();
    return Branches.sized(
        480 + in,
        pool,
        conv(name + ".branch3x3", Spec.of(in, 384, 3).stride(2)),
        Layer.sequence(
            conv(dbl + 1, Spec.of(in, 64, 1)),
            conv(dbl + 2, Spec.of(64, 96, 3).padding(1)),
            conv(dbl + 3, Spec.of(96, 96, 3).stride(2))),
        pool::forward);
  }

  /** Figure 6, 7x7 convolutions as a 1x7 and a 7x1 one. */
  private Layer c(String name, int width) {
    String one = name + ".branch7x7_";
    String dbl = name + ".branch7x7dbl_";
    return Branches.of(
        768,
        conv(name + ".branch1x1", Spec.of(768, 192, 1)),
        Layer.sequence(
            conv(one + 1, Spec.of(768, width, 1)),
            conv(one + 2, Spec.oblong(width, width, 1, 7)),
            conv(one + 3, Spec.oblong(width, 192, 7, 1))),
        Layer.sequence(
            conv(dbl + 1, Spec.of(768, width, 1)),
            conv(dbl + 2, Spec.oblong(width, width, 7, 1)),
            conv(dbl + 3, Spec.oblong(width, width, 1, 7)),
            conv(dbl + 4, Spec.oblong(width, width, 7, 1)),
            conv(dbl + 5, Spec.oblong(width, 192, 1, 7))),
        pooled(name, 768, 192));
  }

  /** As {@link #b}, with a 7x7 convolution in two. */
  private Layer d(String name) {
    String three = name + ".branch3x3_";
    String seven = name + ".branch7x7x3_";
    Pool2d pool = halving();
    return Branches.sized(
        1280,
        pool,
        Layer.sequence(
            conv(three + 1, Spec.of(768, 192, 1)), conv(three + 2, Spec.of(192, 320, 3).stride(2))),
        Layer.sequence(
            conv(seven + 1, Spec.of(768, 192, 1)),
            conv(seven + 2, Spec.oblong(192, 192, 1, 7)),
            conv(seven + 3, Spec.oblong(192, 192, 7, 1)),
            conv(seven + 4, Spec.of(192, 192, 3).stride(2))),
        pool::forward);
  }

  /** Figure 7, 3x3 convolutions as a 1x3 and a 3x1 one side by side. */
  private Layer e(String name, int in) {
    String three = name + ".branch3x3_";
    String dbl = name + ".branch3x3dbl_";
    return Branches.of(
        CHANNELS,
        conv(name + ".branch1x1", Spec.of(in, 320, 1)),
        Layer.sequence(
            conv(three + 1, Spec.of(in, 384, 1)),
            Branches.of(
                768,
                conv(three + "2a", Spec.oblong(384, 384, 1, 3)),
                conv(three + "2b", Spec.oblong(384, 384, 3, 1)))),
        Layer.sequence(
            conv(dbl + 1, Spec.of(in, 448, 1)),
            conv(dbl + 2, Spec.of(448, 384, 3).padding(1)),
            Branches.of(
                768,
                conv(dbl + "3a", Spec.oblong(384, 384, 1, 3)),
                conv(dbl + "3b", Spec.oblong(384, 384, 3, 1)))),
        pooled(name, in, 192));
  }

  /** Means with zeros around the map, and a projection. */
  private Layer pooled(String name, int in, int out) {
    return Layer.sequence(
        new Pool2d(Pool2d.Kind.MEAN_WITH_PADDING, 3, 1, new Padding.Fixed(1))::forward,
        conv(name + ".branch_pool", Spec.of(in, out, 1)));
  }

  private static Pool2d halving() {
    return new Pool2d(Pool2d.Kind.MAX, 3, 2, new Padding.Fixed(0));
  }

  /** {@code conv} and {@code bn} of the module {@code name}, and the activation. */
  private Layer conv(String name, Spec spec) {
    WeightScope scope = w.in(name);
    Affine norm = Affine.batchNorm(scope.in("bn"), spec.out(), epsilon);
    return new Conv2d(spec, scope.in("conv"), norm, activation)::forward;
  }
}
