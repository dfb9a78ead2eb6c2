package ocellus.models;

import java.util.Map;
import java.util.function.Supplier;
import ocellus.engine.OcellusException;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.NativeMemoryException;
import ocellus.engine.kernels.Packer;
import ocellus.engine.kernels.WeightFormat;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.image.Preprocessing;
import ocellus.loaders.image.Size;

/**
 * The network of a checkpoint without the matrices of its weights: what it takes and gives, and the
 * memory that it would need. To make it takes little time and memory, however large the network is.
 */
public final class ModelOutline {
  private final ImageModel network;
  private final ModelInfo info;
  private final Packer packer;
  private final Supplier<Preprocessing> preprocessing;

  private ModelOutline(
      ImageModel network, ModelInfo info, Packer packer, Supplier<Preprocessing> preprocessing) {
    this.network = network;
    this.info = info;
    this.packer = packer;
    this.preprocessing = preprocessing;
  }

  /**
   * Does what loading does, short of packing the weights.
   *
   * @throws OcellusException if the checkpoint cannot be loaded
   * @throws MemoryException if Java's heap is too small
   */
  public static ModelOutline of(Checkpoint checkpoint, LoadOptions options) {
    Packer packer = Packer.measuring(options.weights().orElse(null));
    ImageModel network = build(checkpoint, packer);
    return new ModelOutline(network, ModelInfo.of(checkpoint), packer, checkpoint::preprocessing);
  }

  /** The network of a checkpoint; if there is no memory for it, a {@link MemoryException}. */
  static ImageModel build(Checkpoint checkpoint, Packer packer) {
    try {
      return ModelCatalog.build(checkpoint, packer);
    } catch (NativeMemoryException e) {
      throw MemoryException.ofPacking(checkpoint.name(), e);
    } catch (OutOfMemoryError e) {
      throw MemoryException.ofLoading(checkpoint.name(), e);
    }
  }

  /** The network, which can be asked for what it takes and gives but cannot run. */
  public ImageModel network() {
    return network;
  }

  /** What the checkpoint says about itself. */
  public ModelInfo info() {
    return info;
  }

  /** Bytes of native memory that the network's matrices would take, by the format they are in. */
  public Map<WeightFormat, Long> weightBytes() {
    return packer.bytes();
  }

  /** Bytes of native memory that the matrices would take if all of them were in one format. */
  public long weightBytesAs(WeightFormat format) {
    return packer.bytesAs(format);
  }

  /**
   * The size of image that the memory is told for, as {@link LoadedModel#inputSize}.
   *
   * @throws CheckpointException if there is none
   */
  public Size inputSize() {
    return inputSize(network, preprocessing, info.name());
  }

  /**
   * Bytes of Java's heap that the activations of one image take at their peak: the exact number for
   * most networks on one thread, and at most a few percent too much for those with inverted
   * bottlenecks, where kernels may do without a tensor. Every thread that computes images of its
   * own takes as much, and some 2 MB of scratch besides; one that shares an image with others up to
   * 1 MB more. Images of any aspect ratio are taken to be square.
   *
   * @throws CheckpointException if there is no size of image that the network takes
   */
  public long activationBytes() {
    return activationBytes(network, inputSize());
  }

  /** What the checkpoint prepares images for, or else what the network is configured for. */
  static Size inputSize(ImageModel network, Supplier<Preprocessing> preprocessing, String name) {
    try {
      Preprocessing pictures = preprocessing.get();
      if (network.accepts(pictures.height(), pictures.width())) {
        return new Size(pictures.height(), pictures.width());
      }
    } catch (CheckpointException e) {
      // A network has a size without it.
    }
    Size own = new Size(network.inputHeight(), network.inputWidth());
    if (!network.accepts(own.height(), own.width())) {
      throw new CheckpointException(
          "%s: the network cannot take images of %s pixels; correct the size in the configuration"
              .formatted(name, own));
    }
    return own;
  }

  /** What the pass of one image would take at its peak, in bytes. */
  static long activationBytes(ImageModel network, Size size) {
    Workspace ws = Workspace.measuring();
    Tensor image = ws.tensor(size.height(), size.width(), network.inputChannels());
    Tensor features = network.features(image, ws);
    if (network.classCount() > 0) {
      network.logits(features, ws);
    }
    return ws.activationBytes();
  }
}
