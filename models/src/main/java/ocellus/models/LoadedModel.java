package ocellus.models;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
    return run(images, model::features);
  }

  /**
   * What the head says, {@code [classCount]} for each normalised {@code [H, W, 3]} image.
   *
   * @throws IllegalStateException if the model has no head
   */
  public List<float[]> logits(List<Tensor> images) {
    awaitKernels();
    return logits(images, model::features);
  }

  /**
   * The logits of what a pass for each input makes the features of. The head of all images is one
   * product, so that its weights, for small networks a good part of all, are read once.
   */
  <T> List<float[]> logits(List<T> inputs, Pass<T> features) {
    if (inputs.size() == 1) {
      return run(inputs, (input, ws) -> model.logits(features.run(input, ws), ws));
    }
    memory.enter();
    try {
      List<float[]> rows = runAll(inputs, features);
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
    Tensor y = model.logits(x, ws);
    List<float[]> logits = new ArrayList<>();
    for (int i = 0; i < features.size(); i++) {
      logits.add(ws.view(y, i * y.channels(), 1, y.channels()).toArray());
    }
    ws.release(mark);
    wide.add(ws);
    logits.forEach(this::requireFinite);
    return logits;
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

  /** What is to be computed for one input, by any thread; the result is in the workspace. */
  @FunctionalInterface
  interface Pass<T> {
    Tensor run(T input, Workspace ws);
  }

  /**
   * Runs a pass for each input. As many inputs as threads, or more: each on one thread. Fewer: one
   * after the other, each on all threads.
   *
   * @throws OcellusException if a result is not finite
   */
  <T> List<float[]> run(List<T> inputs, Pass<T> pass) {
    memory.enter();
    try {
      return runAll(inputs, pass);
    } finally {
      memory.exit();
    }
  }

  private <T> List<float[]> runAll(List<T> inputs, Pass<T> pass) {
    float[][] results = new float[inputs.size()][];
    if (results.length >= team.count()) {
      team.run(
          results.length,
          (chunk, worker) -> results[chunk] = run(inputs.get(chunk), pass, narrow, Threads.SERIAL));
    } else {
      for (int i = 0; i < results.length; i++) {
        results[i] = run(inputs.get(i), pass, wide, team);
      }
    }
    return Arrays.asList(results);
  }

  private <T> float[] run(T input, Pass<T> pass, Queue<Workspace> idle, Threads threads) {
    Workspace ws = workspace(idle, threads);
    Workspace.Mark mark = ws.mark();
    float[] result = pass.run(input, ws).toArray();
    ws.release(mark);
    if (!passed) {
      passed = true;
      WarmUp.passed();
    }
    idle.add(ws); // one that a failed pass left in disorder is not used again
    requireFinite(result);
    return result;
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
