package ocellus.models;

import java.util.List;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;

/**
 * A vision network with its weights: one normalised image in, features and logits out.
 *
 * <p>Immutable after construction and safe for concurrent use, as long as each call has a {@link
 * Workspace} of its own. Packed weights live in the native memory of the {@code Arena} that the
 * model was built with; no method may be called once that is closed.
 */
public interface ImageModel {
  /** Height of the images it is meant for, in pixels. */
  int inputHeight();

  /** Width of the images it is meant for, in pixels. */
  int inputWidth();

  /**
   * Whether it takes images of this size. Convolutional networks take others than they are meant
   * for.
   */
  default boolean accepts(int height, int width) {
    return height == inputHeight() && width == inputWidth();
  }

  /** Channels of the images it takes, 3 for RGB. */
  int inputChannels();

  /** Length of the feature vector. */
  int featureCount();

  /** Length of an {@link #embedding}. */
  default int embeddingCount() {
    return featureCount();
  }

  /** Number of classes; 0 for a model without a classification head. */
  int classCount();

  /**
   * What the classification head sees, or heads, where there are several, one after the other.
   *
   * @param image {@code [height, width, inputChannels]}, of a size that it {@link #accepts},
   *     normalised
   * @return {@code [featureCount]}, from the workspace
   */
  Tensor features(Tensor image, Workspace ws);

  /**
   * How many images are best run at once: as many as make a weight worth reading, but no more than
   * leave the activations in the cache.
   */
  default int imagesAtOnce() {
    return 1;
  }

  /**
   * {@link #features(Tensor, Workspace)} of some images, to the same bits.
   *
   * @param images as there
   * @return {@code [images, featureCount]}, from the workspace
   */
  default Tensor features(List<Tensor> images, Workspace ws) {
    Tensor all = ws.tensor(images.size(), featureCount());
    for (int i = 0; i < images.size(); i++) {
      Workspace.Mark mark = ws.mark();
      Tensor features = features(images.get(i), ws);
      int to = all.offset() + i * featureCount();
      System.arraycopy(features.data(), features.offset(), all.data(), to, featureCount());
      ws.release(mark);
    }
    return all;
  }

  /**
   * The vector that stands for an image: timm's {@code forward_head(forward_features(x),
   * pre_logits=True)}. Mostly the features themselves.
   *
   * @param features {@code [featureCount]}
   * @return {@code [embeddingCount]}
   */
  default float[] embedding(float[] features) {
    return features;
  }

  /**
   * The classification head, for one image or some at once.
   *
   * @param features {@code [featureCount]}, what {@link #features} returned, or {@code [images,
   *     featureCount]}
   * @return {@code [classCount]} or {@code [images, classCount]}, from the workspace
   * @throws IllegalStateException if {@link #classCount()} is 0
   */
  Tensor logits(Tensor features, Workspace ws);
}
