package ocellus.models;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
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

/**
 * The model of a checkpoint with all that running it takes: weights in native memory, threads,
 * workspaces. The tasks are built on it; use it directly to run a network on tensors of your own.
 *
 * <p>Thread-safe. The result for an image is the same to the last bit whatever the number of
 * threads, and whatever images are computed along with it. Once closed, running calls finish and
 * new ones throw {@link IllegalStateException}.
 */
public final class LoadedModel implements AutoCloseable {
  private final ImageModel model;
  private final ModelInfo info;
  private final Supplier<Preprocessing> preprocessing;
  private final Map<WeightFormat, Long> weightBytes;
  private final ModelMemory memory;
  private final Threads team;

  /** Whether the first pass has waited for the kernels: later models must not hold up this one. */
  private volatile boolean warm;

  /** Whether a pass has ended. */
  private volatile boolean passed;

  /** Idle workspaces whose kernels use the whole team. */
  private final Queue<Workspace> wide = new ConcurrentLinkedQueue<>();

  /** Idle workspaces whose kernels stay on one thread. */
  private final Queue<Workspace> narrow = new ConcurrentLinkedQueue<>();

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
    this.team = team;
  }

  /**
   * Loads the checkpoint in a folder, as timm or transformers saves it.
   *
   * @throws OcellusException if there is none, it is damaged, or its architecture is not supported
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

  private static LoadedModel load(Checkpoint checkpoint, LoadOptions options) {
    Threads team = Threads.of(options.threads());
    ModelMemory memory = new ModelMemory(team::close);
    try {
      Packer packer = Packer.into(memory.arena(), options.weights().orElse(null));
      ImageModel model = ModelCatalog.build(checkpoint, packer);
      return new LoadedModel(
          model, ModelInfo.of(checkpoint), checkpoint::preprocessing, packer.bytes(), memory, team);
    } catch (Throwable e) {
      memory.close();
      throw e;
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
   */
  <T> List<float[]> features(List<T> inputs, Input<T> input) {
    memory.enter();
    try {
      return run(inputs, input, model::features);
    } finally {
      memory.exit();
    }
  }

  /**
   * The logits of each input. The head of all images is one product, so that its weights, for small
   * networks a good part of all, are read once.
   *
   * @throws OcellusException if a result is not finite
   */
  <T> List<float[]> logits(List<T> inputs, Input<T> input) {
    memory.enter();
    try {
      if (inputs.size() == 1) {
        return run(inputs, input, (image, ws) -> model.logits(model.features(image, ws), ws));
      }
      List<float[]> rows = run(inputs, input, model::features);
      return rows.isEmpty() ? rows : head(rows);
    } finally {
      memory.exit();
    }
  }

  private List<float[]> head(List<float[]> features) {
    Workspace ws = workspace(wide, team);
    Workspace.Mark mark = ws.mark();
    int count = model.featureCount();
    Tensor x = ws.tensor(features.size(), count);
    for (int i = 0; i < features.size(); i++) {
      System.arraycopy(features.get(i), 0, x.data(), x.offset() + i * count, count);
    }
    List<float[]> logits = rows(model.logits(x, ws));
    ws.release(mark);
    wide.add(ws);
    logits.forEach(this::requireFinite);
    return logits;
  }

  private static List<float[]> rows(Tensor y) {
    int count = y.channels();
    List<float[]> rows = new ArrayList<>();
    for (int at = y.offset(); rows.size() < y.rows(); at += count) {
      rows.add(Arrays.copyOfRange(y.data(), at, at + count));
    }
    return rows;
  }

  /**
   * To be called before the network is: at the first time, waits until its kernels are compiled, or
   * a second.
   */
  void awaitKernels() {
    if (!warm) {
      WarmUp.await();
      warm = true;
    }
  }

  /** What is to be computed for an image; the result is in the workspace. */
  @FunctionalInterface
  private interface Pass {
    Tensor run(Tensor image, Workspace ws);
  }

  /**
   * Runs inputs in groups of as many as the model likes at once, or fewer if that leaves threads
   * without any. As many groups as threads, or more: each on one thread. Fewer: one after the
   * other, each on all threads.
   *
   * @param single what is done with a group of one
   */
  private <T> List<float[]> run(List<T> inputs, Input<T> input, Pass single) {
    int size = inputs.size();
    int threads = team.count();
    int groups = Math.ceilDiv(size, model.imagesAtOnce());
    boolean shared = size < threads;
    if (!shared) {
      groups = Math.min(size, Math.ceilDiv(groups, threads) * threads);
    }
    List<List<T>> parts = parts(inputs, groups);
    List<List<float[]>> results = new ArrayList<>(Collections.nCopies(groups, null));
    if (shared) {
      for (int i = 0; i < groups; i++) {
        results.set(i, runGroup(parts.get(i), input, single, wide, team));
      }
    } else {
      team.run(
          groups,
          (i, _) -> results.set(i, runGroup(parts.get(i), input, single, narrow, Threads.SERIAL)));
    }
    return results.stream().flatMap(List::stream).toList();
  }

  /** Cuts a list into parts of about the same size. */
  private static <T> List<List<T>> parts(List<T> all, int count) {
    List<List<T>> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int from = (int) ((long) all.size() * i / count);
      int to = (int) ((long) all.size() * (i + 1) / count);
      parts.add(all.subList(from, to));
    }
    return parts;
  }

  private <T> List<float[]> runGroup(
      List<T> inputs, Input<T> input, Pass single, Queue<Workspace> idle, Threads threads) {
    Workspace ws = workspace(idle, threads);
    Workspace.Mark mark = ws.mark();
    List<float[]> results;
    if (inputs.size() == 1) {
      Tensor image = input.tensor(inputs.getFirst(), ws);
      results = List.of(single.run(image, ws).toArray());
    } else {
      List<Tensor> images = inputs.stream().map(i -> input.tensor(i, ws)).toList();
      results = rows(model.features(images, ws));
    }
    ws.release(mark);
    if (!passed) {
      passed = true;
      WarmUp.passed();
    }
    idle.add(ws); // one that a failed pass left in disorder is not used again
    results.forEach(this::requireFinite);
    return results;
  }

  private static Workspace workspace(Queue<Workspace> idle, Threads threads) {
    Workspace borrowed = idle.poll();
    return borrowed == null ? new Workspace(threads) : borrowed;
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
