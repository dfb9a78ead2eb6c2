package ocellus.models.arch;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.layers.Linear;
import ocellus.models.ImageModel;

/** What convolutional networks have in common: images of any size, and a linear classifier. */
interface ConvolutionalNetwork extends ImageModel {
  /** The images that it is meant for. */
  ImageShape input();

  /** The smallest height and width of an image that leave something to pool. */
  default int leastSide() {
    return 1;
  }

  /** From features to logits; null for none. */
  Linear classifier();

  @Override
  default int inputHeight() {
    return input().height();
  }

  @Override
  default int inputWidth() {
    return input().width();
  }

  @Override
  default int inputChannels() {
    return input().channels();
  }

  @Override
  default boolean accepts(int height, int width) {
    return Math.min(height, width) >= leastSide();
  }

  @Override
  default int classCount() {
    return classifier() == null ? 0 : classifier().outFeatures();
  }

  @Override
  default Tensor logits(Tensor features, Workspace ws) {
    if (classifier() == null) {
      throw new IllegalStateException("a model without a classification head");
    }
    return classifier().forward(features, ws); // y = W f + b  [classes]
  }
}
