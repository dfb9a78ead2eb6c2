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
 * GoogLeNet, Szegedy et al. 2015, "Going Deeper with Convolutions", with batch norm, after
 * torchvision/models/googlenet.py, whose names it has, and whose third branches have 3x3
 * convolutions where the paper has 5x5.
 */
public final class GoogLeNet {
  private static final String NAME = "googlenet";
  private static final double EPSILON = 1e-3;
  private static final int FEATURES = 1024;

  /** The smallest side of an image that leaves a pixel. */
  private static final int LEAST_SIDE = 15;

  private GoogLeNet() {}

  /** The architectures that {@link #timm} builds. */
  public static Set<String> timmArchitectures() {
    return Set.of(NAME);
  }

  /**
   * A model that torchvision saved, with a configuration as timm's.
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
    int classes = args.classes();
    args.verifyAllHonoured();
    Spec stem = Spec.of(input.channels(), 64, 7).stride(2).padding(3);
    List<Layer> layers =
        List.of(
            transform,
            conv(stem, w.in("conv1")),
            pool(3),
            conv(Spec.of(64, 64, 1), w.in("conv2")),
            conv(Spec.of(64, 192, 3).padding(1), w.in("conv3")),
            pool(3),
            inception(w.in("inception3a"), 192, 64, 96, 128, 16, 32, 32),
            inception(w.in("inception3b"), 256, 128, 128, 192, 32, 96, 64),
            pool(3),
            inception(w.in("inception4a"), 480, 192, 96, 208, 16, 48, 64),
            inception(w.in("inception4b"), 512, 160, 112, 224, 24, 64, 64),
            inception(w.in("inception4c"), 512, 128, 128, 256, 24, 64, 64),
            inception(w.in("inception4d"), 512, 112, 144, 288, 32, 64, 64),
            inception(w.in("inception4e"), 528, 256, 160, 320, 32, 128, 128),
            pool(2),
            inception(w.in("inception5a"), 832, 256, 160, 320, 32, 128, 128),
            inception(w.in("inception5b"), 832, 384, 192, 384, 48, 128, 128));
    Linear classifier = classes == 0 ? null : new Linear(w.in("fc"), FEATURES, classes);
    w.ignore(ConvNorm.COUNTERS);
    w.ignore(GoogLeNet::isAuxiliary);
    w.verifyAllRead();
    Head head = Head.pooling(GlobalPool.AVERAGE, FEATURES, classifier);
    return new PlainNetwork(input, LEAST_SIDE, layers, head);
  }

  private static Layer pool(int kernel) {
    return new Pool2d(Pool2d.Kind.MAX, kernel, 2, new Padding.Ceiling(0))::forward;
  }

  /** The classifiers on the way, which matter in training. */
  private static boolean isAuxiliary(String name) {
    return name.startsWith("aux1.") || name.startsWith("aux2.");
  }

  /**
   * An Inception module, table 1 of the paper.
   *
   * @param one channels of the 1x1 convolution
   * @param threeReduced channels before the 3x3 convolution
   * @param three channels of it
   * @param fiveReduced channels before what is a 5x5 convolution in the paper
   * @param five channels of it
   * @param pooled channels of the projection after the pooling
   */
  private static Layer inception(
      WeightScope w,
      int in,
      int one,
      int threeReduced,
      int three,
      int fiveReduced,
      int five,
      int pooled) {
    return Branches.of(
        one + three + five + pooled,
        conv(Spec.of(in, one, 1), w.in("branch1")),
        Layer.sequence(
            conv(Spec.of(in, threeReduced, 1), w.in("branch2", 0)),
            conv(Spec.of(threeReduced, three, 3).padding(1), w.in("branch2", 1))),
        Layer.sequence(
            conv(Spec.of(in, fiveReduced, 1), w.in("branch3", 0)),
            conv(Spec.of(fiveReduced, five, 3).padding(1), w.in("branch3", 1))),
        Layer.sequence(
            new Pool2d(Pool2d.Kind.MAX, 3, 1, new Padding.Ceiling(1))::forward,
            conv(Spec.of(in, pooled, 1), w.in("branch4", 1))));
  }

  /** {@code conv} and {@code bn} of the scope, and ReLU. */
  private static Layer conv(Spec spec, WeightScope w) {
    Affine norm = Affine.batchNorm(w.in("bn"), spec.out(), EPSILON);
    return new Conv2d(spec, w.in("conv"), norm, Activation.RELU)::forward;
  }
}
