package ocellus.models.arch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Packer;
import ocellus.engine.kernels.Window.Padding;
import ocellus.engine.layers.Affine;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Conv2d.Spec;
import ocellus.engine.layers.Pool2d;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.models.ImageModel;
import ocellus.models.arch.PlainNetwork.Head;

/**
 * SqueezeNet, Iandola et al. 2016, versions 1.0 and 1.1, after torchvision/models/squeezenet.py,
 * whose names it has.
 *
 * <p>A convolution, eight fire modules, and a classifier that is a convolution with ReLU before the
 * mean over the map: the features of a network with classes are its logits.
 */
public final class SqueezeNet {
  /**
   * What tells the versions apart.
   *
   * @param stem channels of the first convolution
   * @param kernel of the first convolution, which has stride 2
   * @param pooledBefore the fire modules that a pooling comes before, counted from 0
   * @param leastSide the smallest side of an image that leaves a pixel
   */
  private record Version(int stem, int kernel, Set<Integer> pooledBefore, int leastSide) {}

  private static final Map<String, Version> VERSIONS =
      Map.of(
          "squeezenet1_0", new Version(96, 7, Set.of(0, 3, 7), 21),
          "squeezenet1_1", new Version(64, 3, Set.of(0, 2, 4), 17));

  /**
   * Table 1 of the paper: channels that fire modules squeeze to. Each half puts out 4 times that.
   */
  private static final int[] SQUEEZED = {16, 16, 32, 32, 48, 48, 64, 64};

  private static final int EXPANSION = 4;

  private SqueezeNet() {}

  /** The architectures that {@link #timm} builds. */
  public static Set<String> timmArchitectures() {
    return VERSIONS.keySet();
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
    int classes = args.classes();
    args.verifyAllHonoured();
    Version version = VERSIONS.get(timm.architecture());
    Spec stem = Spec.of(input.channels(), version.stem, version.kernel).stride(2);
    List<Layer> layers = new ArrayList<>();
    layers.add(conv(stem, w.in("features", 0))::forward);
    int channels = version.stem;
    int index = 2; // after the convolution and its activation
    for (int i = 0; i < SQUEEZED.length; i++) {
      if (version.pooledBefore.contains(i)) {
        layers.add(new Pool2d(Pool2d.Kind.MAX, 3, 2, new Padding.Ceiling(0))::forward);
        index++;
      }
      layers.add(fire(w.in("features", index++), channels, SQUEEZED[i]));
      channels = 2 * EXPANSION * SQUEEZED[i];
    }
    Head head = head(w.in("classifier", 1), channels, classes);
    w.verifyAllRead();
    return new PlainNetwork(input, version.leastSide, layers, head);
  }

  /** Figure 1: squeezed by a 1x1 convolution, expanded by a 1x1 and a 3x3 one side by side. */
  private static Layer fire(WeightScope w, int in, int squeezed) {
    int half = EXPANSION * squeezed;
    return Layer.sequence(
        conv(Spec.of(in, squeezed, 1), w.in("squeeze"))::forward,
        Branches.of(
            2 * half,
            conv(Spec.of(squeezed, half, 1), w.in("expand1x1"))::forward,
            conv(Spec.of(squeezed, half, 3).padding(1), w.in("expand3x3"))::forward));
  }

  private static Conv2d conv(Spec spec, WeightScope w) {
    return new Conv2d(spec, w, Affine.bias(w, spec.out()), Activation.RELU);
  }

  private static Head head(WeightScope w, int channels, int classes) {
    if (classes == 0) {
      return Head.pooling(GlobalPool.AVERAGE, channels, null);
    }
    Conv2d classifier = conv(Spec.of(channels, classes, 1), w);
    PlainNetwork.Features scores =
        (x, y, ws) -> GlobalPool.AVERAGE.forward(classifier.forward(x, ws), y, ws);
    return new Head(scores, classes, null, classes);
  }
}
