package ocellus.models;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;
import ocellus.engine.OcellusException;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Packer;
import ocellus.engine.kernels.WarmUp;
import ocellus.engine.kernels.WeightFormat;
import ocellus.engine.threads.Threads;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.image.Preprocessing;
import ocellus.loaders.image.Size;

/**
 * The model of a checkpoint with all that running it takes: weights in native memory, threads,
 * workspaces. The tasks are built on it; use it directly to run a network on tensors of your own.
 *
 * <p>Thread-safe. The result for an image is the same to the last bit whatever the number of
 * threads, and whatever images are computed along with it. Once closed, running calls finish and
 * new ones throw {@link IllegalStateException}.
 */
public final class LoadedModel implements AutoCloseable {
  /** Four for each element, four times where groups of a convolution share a panel. */
  private static final long MOST_BYTES_A_PARAMETER = 16;

  private static final long ALWAYS_THERE = 64L << 20;

  private final ImageModel model;
  private final ModelInfo info;
  private final Supplier<Preprocessing> preprocessing;
  private final Map<WeightFormat, Long> weightBytes;
  private final ModelMemory memory;
  private final Passes passes;

  LoadedModel(
      ImageModel model,
      ModelInfo info,
      Supplier<Preprocessing> preprocessing,
      Map<WeightFormat, Long> weightBytes,
      ModelMemory memory,
      Threads team) {
    this.model = model;
    this.info = info;
    this.preprocessing = preprocessing;
    this.weightBytes = weightBytes;
    this.memory = memory;
    this.passes = new Passes(team);
  }

  /**
   * Loads the checkpoint in a folder, as timm or transformers saves it.
   *
   * @throws OcellusException if there is none, it is damaged, or its architecture is not supported
   * @throws MemoryException if it needs more memory than there is
   */
  public static LoadedModel load(Path directory, LoadOptions options) {
    WarmUp.start();
    try (Checkpoint checkpoint = Checkpoint.open(directory)) {
      return load(checkpoint, options);
    }
  }

  /** Loads the model that ships with Ocellus. */
  public static LoadedModel builtIn(LoadOptions options) {
    try (Checkpoint checkpoint = BuiltInModel.open()) {
      return load(checkpoint, options);
    }
  }

  /** Loads a checkpoint, which may be closed afterwards. */
  static LoadedModel load(Checkpoint checkpoint, LoadOptions options) {
    requireMemory(checkpoint, options);
    Threads team = Threads.of(options.threads());
    ModelMemory memory = new ModelMemory(team::close);
    try {
      Packer packer = Packer.into(memory.arena(), options.weights().orElse(null));
      ImageModel model = ModelOutline.build(checkpoint, packer);
      return new LoadedModel(
          model, ModelInfo.of(checkpoint), checkpoint::preprocessing, packer.bytes(), memory, team);
    } catch (Throwable e) {
      memory.close();
      throw e;
    }
  }

  /**
   * Refuses weights that the system has no memory for: it would stop the process in the middle of
   * packing them. Small ones aren't looked at closely.
   */
  private static void requireMemory(Checkpoint checkpoint, LoadOptions options) {
    long most = checkpoint.parameterCount() * MOST_BYTES_A_PARAMETER;
    if (most < ALWAYS_THERE) {
      return;
    }
    OptionalLong available = AvailableMemory.bytes();
    if (available.isEmpty() || most <= available.getAsLong()) {
      return;
    }
    ModelOutline outline = ModelOutline.of(checkpoint, options);
    long bytes = outline.weightBytes().values().stream().mapToLong(Long::longValue).sum();
    if (bytes > available.getAsLong()) {
      throw MemoryException.ofWeights(outline, available.getAsLong());
    }
  }

  /** What the checkpoint says about itself. */
  public ModelInfo info() {
    return info;
  }

  /** Bytes of native memory that the network's matrices take, by the format they are in. */
  public Map<WeightFormat, Long> weightBytes() {
    return weightBytes;
  }

  /** The network. Its methods must not be called once this is closed. */
  public ImageModel network() {
    return model;
  }

  /**
   * How images become the network's input.
   *
   * @throws CheckpointException if the checkpoint does not say
   */
  public Preprocessing preprocessing() {
    return preprocessing.get();
  }

  /**
   * The size of image that the model is meant for: what the checkpoint has pictures brought to, and
   * where it doesn't say or the network doesn't take that, what the network is configured for.
   *
   * @throws CheckpointException if the network doesn't take that either
   */
  public Size inputSize() {
    return ModelOutline.inputSize(model, preprocessing, info.name());
  }

  /** What the head sees, {@code [featureCount]} for each normalised {@code [H, W, 3]} image. */
  public List<float[]> features(List<Tensor> images) {
    awaitKernels();
    return features(images, (image, _) -> image);
  }

  /**
   * What the head says, {@code [classCount]} for each normalised {@code [H, W, 3]} image.
   *
   * @throws IllegalStateException if the model has no head
   */
  public List<float[]> logits(List<Tensor> images) {
    awaitKernels();
    return logits(images, (image, _) -> image);
  }

  /** How an input becomes a normalised image, by any thread; it may be in the workspace. */
  @FunctionalInterface
  interface Input<T> {
    Tensor tensor(T input, Workspace ws);
  }

  /**
   * The features of each input.
   *
   * @throws OcellusException if a result is not finite
   * @throws MemoryException if Java's heap is too small
   */
  <T> List<float[]> features(List<T> inputs, Input<T> input) {
    memory.enter();
    try {
      return run(inputs, input, model::features);
    } catch (OutOfMemoryError e) {
      throw tooLarge(inputs, e);
    } finally {
      memory.exit();
    }
  }

  /**
   * The logits of each input. The head of all images is one product, so that its weights, for small
   * networks a good part of all, are read once.
   *
   * @throws OcellusException if a result is not finite
   * @throws MemoryException if Java's heap is too small
   */
  <T> List<float[]> logits(List<T> inputs, Input<T> input) {
    memory.enter();
    try {
      if (inputs.size() == 1) {
        return run(inputs, input, (image, ws) -> model.logits(model.features(image, ws), ws));
      }
      List<float[]> rows = run(inputs, input, model::features);
      return rows.isEmpty() ? rows : head(rows);
    } catch (OutOfMemoryError e) {
      throw tooLarge(inputs, e);
    } finally {
      memory.exit();
    }
  }

  /** What to tell of inputs that the heap was too small for. */
  private MemoryException tooLarge(List<?> inputs, OutOfMemoryError e) {
    Size size =
        inputs.getFirst() instanceof Tensor image
            ? new Size(image.dim(0), image.dim(1))
            : inputSize();
    int atOnce = inputs.size() < passes.threads() ? 1 : passes.threads();
    int group = Math.min(Math.ceilDiv(inputs.size(), atOnce), model.imagesAtOnce());
    return MemoryException.ofActivations(
        info.name(), size, ModelOutline.activationBytes(model, size), atOnce * group, e);
  }

  private List<float[]> head(List<float[]> features) {
    List<float[]> logits =
        passes.onAll(
            ws -> {
              int count = model.featureCount();
              Tensor x = ws.tensor(features.size(), count);
              for (int i = 0; i < features.size(); i++) {
                System.arraycopy(features.get(i), 0, x.data(), x.offset() + i * count, count);
              }
              return Passes.rows(model.logits(x, ws));
            });
    logits.forEach(this::requireFinite);
    return logits;
  }

  /** See {@link Passes#awaitKernels}. */
  void awaitKernels() {
    passes.awaitKernels();
  }

  /** What is to be computed for an image; the result is in the workspace. */
  @FunctionalInterface
  private interface Pass {
    Tensor run(Tensor image, Workspace ws);
  }

  /**
   * Runs inputs in groups of as many as the model likes at once.
   *
   * @param single what is done with a group of one
   */
  private <T> List<float[]> run(List<T> inputs, Input<T> input, Pass single) {
    List<float[]> results =
        passes.run(
            inputs,
            model.imagesAtOnce(),
            (group, ws) -> {
              if (group.size() == 1) {
                Tensor image = input.tensor(group.getFirst(), ws);
                return List.of(single.run(image, ws).toArray());
              }
              List<Tensor> images = group.stream().map(i -> input.tensor(i, ws)).toList();
              return Passes.rows(model.features(images, ws));
            });
    results.forEach(this::requireFinite);
    return results;
  }

  private void requireFinite(float[] result) {
    for (float value : result) {
      if (!Float.isFinite(value)) {
        throw new OcellusException(
            "%s: the network's output is not finite; its weights are damaged or overflow"
                .formatted(info.name()));
      }
    }
  }

  /** Frees the weights as soon as no call is running. May be called more than once. */
  @Override
  public void close() {
    memory.close();
  }
}
