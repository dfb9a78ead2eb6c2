package ocellus.models;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.image.EncodedImage;
import ocellus.loaders.image.Preprocessing;
import ocellus.loaders.image.Preprocessor;
import ocellus.loaders.image.RgbImage;
import ocellus.loaders.image.Size;

/** From pictures to the input of one network. Immutable and thread-safe. */
final class ImageInput {
  /** A picture that becomes a single row of patches, if tensors differ in size. */
  private static final Size ELONGATED = new Size(1, 1 << 20);

  private final LoadedModel model;
  private final Preprocessor preprocessor;

  /**
   * @throws CheckpointException if the checkpoint does not say how images are to be prepared, or
   *     that does not give what the network takes
   */
  ImageInput(LoadedModel model) {
    Preprocessing preprocessing = model.preprocessing();
    ImageModel network = model.network();
    this.model = model;
    requireAccepted(new Size(preprocessing.height(), preprocessing.width()));
    requireAccepted(preprocessing.tensorSize(ELONGATED)); // who takes both takes what is between
    if (network.inputChannels() != RgbImage.CHANNELS) {
      throw new CheckpointException(
          "%s: the network takes images of %d channels; only colour images of 3 can be read"
              .formatted(model.info().name(), network.inputChannels()));
    }
    this.preprocessor = new Preprocessor(preprocessing);
  }

  private void requireAccepted(Size size) {
    ImageModel network = model.network();
    if (!network.accepts(size.height(), size.width())) {
      throw new CheckpointException(
          "%s: images are prepared as %s pixels, but the network takes %d x %d; correct the size in the configuration"
              .formatted(model.info().name(), size, network.inputHeight(), network.inputWidth()));
    }
  }

  /** As {@link #tensor(RgbImage, Workspace)}, of a picture that is decoded only now. */
  Tensor tensor(EncodedImage image, Workspace ws) {
    return tensor(preprocessor.decode(image), ws);
  }

  /** The picture as the network takes it, {@code [height, width, 3]}, from the workspace. */
  Tensor tensor(RgbImage image, Workspace ws) {
    Size size = preprocessor.tensorSize(image);
    Tensor tensor = ws.tensor(size.height(), size.width(), RgbImage.CHANNELS);
    preprocessor.apply(image, tensor);
    model.awaitKernels(); // only now: the picture is prepared without them
    return tensor;
  }
}
