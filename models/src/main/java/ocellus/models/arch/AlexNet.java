package ocellus.models.arch;

import java.util.List;
import java.util.Map;
import java.util.Set;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
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
import ocellus.models.ImageModel;
import ocellus.models.arch.PlainNetwork.Head;

/**
 * AlexNet in the form of Krizhevsky 2014, "One weird trick for parallelizing convolutional neural
 * networks", after torchvision/models/alexnet.py, whose names it has.
 *
 * <p>Five convolutions with three poolings, means over 6x6 parts of the map, three fully connected
 * layers.
 */
public final class AlexNet {
  private static final String NAME = "alexnet";

  /** The smallest side of an image that leaves a pixel: 63 -> 15 -> 7 -> 3 -> 1. */
  private static final int LEAST_SIDE = 63;

  /** Parts of the map on a side that the first fully connected layer sees. */
  private static final int PARTS = 6;

  /** Of the last map. */
  private static final int CHANNELS = 256;

  private static final int HIDDEN = 4096;

  private AlexNet() {}

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
    Shape first = Shape.of(HIDDEN, CHANNELS, PARTS, PARTS);
    var reshaped = new ReshapedWeights(weights, Map.of("classifier.1.weight", first));
    return build(timm, WeightScope.of(reshaped, packer));
  }

  static PlainNetwork build(TimmConfig timm, WeightScope w) {
    TimmArguments args = TorchvisionArguments.of(timm);
    ImageShape input = args.input();
    int classes = args.classes();
    args.verifyAllHonoured();
    List<Layer> features =
        List.of(
            conv(w, 0, Spec.of(input.channels(), 64, 11).stride(4).padding(2)),
            pool(),
            conv(w, 3, Spec.of(64, 192, 5).padding(2)),
            pool(),
            conv(w, 6, Spec.of(192, 384, 3).padding(1)),
            conv(w, 8, Spec.of(384, 256, 3).padding(1)),
            conv(w, 10, Spec.of(256, CHANNELS, 3).padding(1)),
            pool());
    Conv2d first = fullyConnected(w.in("classifier", 1));
    Linear second =
        new Linear(
            w.in("classifier", 4),
            HIDDEN,
            HIDDEN,
            Affine.bias(w.in("classifier", 4), HIDDEN),
            Activation.RELU);
    Linear last = classes == 0 ? null : new Linear(w.in("classifier", 6), HIDDEN, classes);
    w.verifyAllRead();
    PlainNetwork.Features head =
        (x, y, ws) -> {
          Tensor parts = AdaptiveMean.forward(x, PARTS, PARTS, ws); // [6, 6, 256]
          Tensor h = first.forward(parts, ws); // h = relu(W parts + b)  [1, 1, 4096]
          second.forward(ws.view(h, 0, HIDDEN), y, ws); // y = relu(W h + b)  [4096]
        };
    return new PlainNetwork(input, LEAST_SIDE, features, new Head(head, HIDDEN, last, classes));
  }

  private static Layer pool() {
    return new Pool2d(Pool2d.Kind.MAX, 3, 2, new Padding.Fixed(0))::forward;
  }

  private static Layer conv(WeightScope w, int index, Spec spec) {
    WeightScope conv = w.in("features", index);
    return new Conv2d(spec, conv, Affine.bias(conv, spec.out()), Activation.RELU)::forward;
  }

  /** A fully connected layer over all parts of the map, {@code [6, 6, 256]}. */
  private static Conv2d fullyConnected(WeightScope w) {
    Spec spec = Spec.of(CHANNELS, HIDDEN, PARTS);
    return new Conv2d(spec, w, Affine.bias(w, HIDDEN), Activation.RELU);
  }
}
