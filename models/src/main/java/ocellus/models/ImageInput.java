package ocellus.models;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.image.EncodedImage;
import ocellus.loaders.image.Preprocessing;
import ocellus.loaders.image.Preprocessor;
import ocellus.loaders.image.RgbImage;

/** From pictures to the input of one network. Immutable and thread-safe. */
final class ImageInput {
  private final LoadedModel model;
  private final Preprocessor preprocessor;
  private final int height;
  private final int width;

  /**
   * @throws CheckpointException if the checkpoint does not say how images are to be prepared, or
   *     that does not give what the network takes
   */
  ImageInput(LoadedModel model) {
    Preprocessing preprocessing = model.preprocessing();
    ImageModel network = model.network();
    this.model = model;
    this.height = preprocessing.height();
    this.width = preprocessing.width();
    if (!network.accepts(height, width)) {
      throw new CheckpointException(
          "%s: images are prepared as %d x %d pixels, but the network takes %d x %d; correct the size in the configuration"
              .formatted(
                  model.info().name(), height, width, network.inputHeight(), network.inputWidth()));
    }
    if (network.inputChannels() != RgbImage.CHANNELS) {
      throw new CheckpointException(
          "%s: the network takes images of %d channels; only colour images of 3 can be read"
              .formatted(model.info().name(), network.inputChannels()));
    }
    this.preprocessor = new Preprocessor(preprocessing);
  }

  /** As {@link #tensor(RgbImage, Workspace)}, of a picture that is decoded only now. */
  Tensor tensor(EncodedImage image, Workspace ws) {
    Tensor tensor = ws.tensor(height, width, RgbImage.CHANNELS);
    preprocessor.apply(image, tensor);
    model.awaitKernels(); // only now: the picture is prepared without them
    return tensor;
  }

  /** The picture as the network takes it, {@code [height, width, 3]}, from the workspace. */
  Tensor tensor(RgbImage image, Workspace ws) {
    Tensor tensor = ws.tensor(height, width, RgbImage.CHANNELS);
    preprocessor.apply(image, tensor);
    model.awaitKernels(); // only now: the picture is prepared without them
    return tensor;
  }
}
