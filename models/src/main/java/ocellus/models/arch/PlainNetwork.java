package ocellus.models.arch;

import java.util.List;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.layers.Linear;

/**
 * A network that is one layer after the other, and what follows the last map. An observer of the
 * workspace sees the output of the n-th layer as {@code layer.n}. Immutable, thread-safe.
 */
final class PlainNetwork implements ConvolutionalNetwork {
  /**
   * From the last map to the logits.
   *
   * @param features how the map becomes a vector
   * @param count the length of that vector
   * @param classifier null for none: then the features are the logits, if there are classes
   * @param classes 0 for no logits
   */
  record Head(Features features, int count, Linear classifier, int classes) {
    /** Of means or the like, and a linear classifier {@code fc}, if there are classes. */
    static Head pooling(GlobalPool pool, int count, Linear classifier) {
      int classes = classifier == null ? 0 : classifier.outFeatures();
      return new Head(pool::forward, count, classifier, classes);
    }
  }

  /** From the last map to the features. */
  @FunctionalInterface
  interface Features {
    /**
     * @param x {@code [height, width, channels]}
     * @param y {@code [count]}
     */
    void forward(Tensor x, Tensor y, Workspace ws);
  }

  private final ImageShape input;
  private final int leastSide;
  private final List<Layer> layers;
  private final Head head;

  /**
   * @param leastSide the smallest height and width of an image that leave something to pool
   */
  PlainNetwork(ImageShape input, int leastSide, List<Layer> layers, Head head) {
    this.input = input;
    this.leastSide = leastSide;
    this.layers = List.copyOf(layers);
    this.head = head;
  }

  @Override
  public Tensor features(Tensor image, Workspace ws) {
    Tensor y = ws.tensor(head.count);
    Mark mark = ws.mark();
    Tensor x = image;
    for (int i = 0; i < layers.size(); i++) {
      x = layers.get(i).forward(x, ws);
      ws.stage("layer", i, x);
    }
    head.features.forward(x, y, ws);
    ws.release(mark);
    return y;
  }

  @Override
  public Tensor logits(Tensor features, Workspace ws) {
    if (head.classifier != null || head.classes == 0) {
      return ConvolutionalNetwork.super.logits(features, ws);
    }
    Tensor y = ws.like(features);
    System.arraycopy(features.data(), features.offset(), y.data(), y.offset(), y.size());
    return y;
  }

  @Override
  public ImageShape input() {
    return input;
  }

  @Override
  public int leastSide() {
    return leastSide;
  }

  @Override
  public Linear classifier() {
    return head.classifier;
  }

  @Override
  public int featureCount() {
    return head.count;
  }

  @Override
  public int classCount() {
    return head.classes;
  }
}
