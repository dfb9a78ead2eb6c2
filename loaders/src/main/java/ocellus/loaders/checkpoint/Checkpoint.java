package ocellus.loaders.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.image.Preprocessing;
import ocellus.loaders.image.Size;
import ocellus.loaders.internal.Printable;
import ocellus.loaders.json.JsonObject;
import ocellus.loaders.safetensors.DType;
import ocellus.loaders.safetensors.Safetensors;
import ocellus.loaders.safetensors.TensorInfo;

/**
 * A model as a library saves it: weights, configuration, preprocessing and class names.
 *
 * <p>Immutable and thread-safe until it is closed, which unmaps the weights.
 */
public final class Checkpoint implements AutoCloseable {
  private static final String CONFIG = "config.json";
  private static final String OPEN_CLIP_CONFIG = "open_clip_config.json";

  /** Pixels an edge, more than any published model takes. */
  private static final int LARGEST_INPUT = 4096;

  private final String name;
  private final ModelConfig config;
  private final Optional<JsonObject> processor; // of transformers
  private final Optional<String> license;
  private final Safetensors weights;

  private Checkpoint(
      String name,
      ModelConfig config,
      Optional<JsonObject> processor,
      Optional<String> license,
      Safetensors weights) {
    this.name = name;
    this.processor = processor;
    this.config = config instanceof TransformersConfig t ? withPreparedSize(t) : config;
    this.license = license;
    this.weights = weights;
  }

  /**
   * Opens a folder as timm ({@code save_for_hf}), transformers ({@code save_pretrained}) or
   * open_clip ({@code save_for_hf}) write it, or a snapshot of one in the Hugging Face cache. Where
   * open_clip's configuration and weights are beside those of another library, they count if the
   * other's weights are not there, or are timm's, which are of the image tower alone.
   *
   * @throws CheckpointException if it is no such folder
   * @throws ocellus.loaders.safetensors.SafetensorsException if its weights are malformed
   */
  public static Checkpoint open(Path folder) {
    return open(
        folder,
        configOf(folder)
            .orElseThrow(
                () ->
                    new CheckpointException(
                        Printable.name(folder)
                            + ": no config.json; a checkpoint folder has one, written by timm or"
                            + " transformers, or an open_clip_config.json")));
  }

  /**
   * The configuration that {@link #open} goes by, if there is one. The weights need not be there.
   *
   * @throws CheckpointException if there is no such folder, or the configuration is no library's
   */
  public static Optional<ModelConfig> configOf(Path folder) {
    requireFolder(folder);
    Path configFile = folder.resolve(CONFIG);
    Path openClip = folder.resolve(OPEN_CLIP_CONFIG);
    Optional<ModelConfig> config =
        WeightFiles.isThere(configFile)
            ? Optional.of(config(JsonObject.read(configFile)))
            : Optional.empty();
    if (WeightFiles.isThere(openClip)
        && (config.isEmpty() || prefersOpenClip(folder, config.get()))) {
      return Optional.of(OpenClipConfig.of(JsonObject.read(openClip)));
    }
    return config;
  }

  private static boolean prefersOpenClip(Path folder, ModelConfig other) {
    boolean imagesOnly = other instanceof TimmConfig;
    return WeightFiles.hasOthers(folder)
        ? imagesOnly && WeightFiles.hasOpenClip(folder)
        : imagesOnly || WeightFiles.hasOpenClip(folder);
  }

  private static Checkpoint open(Path folder, ModelConfig config) {
    Optional<JsonObject> processor =
        config instanceof TransformersConfig ? processor(folder) : Optional.empty();
    return new Checkpoint(
        name(folder),
        config,
        processor,
        declaredLicense(config).or(() -> License.ofModelCard(folder)),
        Safetensors.open(WeightFiles.find(folder, config instanceof OpenClipConfig)));
  }

  /**
   * A checkpoint of timm whose parts are at hand already.
   *
   * @param name what messages call it
   * @param config the contents of its {@code config.json}
   * @param weights closed with the checkpoint
   * @throws CheckpointException if the configuration is not timm's
   */
  public static Checkpoint of(String name, JsonObject config, Safetensors weights) {
    TimmConfig timm = TimmConfig.of(config);
    return new Checkpoint(name, timm, Optional.empty(), declaredLicense(timm), weights);
  }

  private static void requireFolder(Path folder) {
    if (Files.isDirectory(folder)) {
      return;
    }
    throw new CheckpointException(
        Files.exists(folder)
            ? folder + " is a file; give the folder that holds it and its config.json"
            : folder + ": there is no such folder");
  }

  private static ModelConfig config(JsonObject root) {
    if (root.has("architecture")) {
      return TimmConfig.of(root);
    }
    if (root.has("model_type")) {
      return TransformersConfig.of(root);
    }
    throw new CheckpointException(
        root.source() + ": neither timm's (no architecture) nor transformers' (no model_type)");
  }

  /** How the image processor is configured: on its own, or as part of a larger processor. */
  private static Optional<JsonObject> processor(Path folder) {
    Path whole = folder.resolve("processor_config.json");
    if (Files.exists(whole)) {
      JsonObject config = JsonObject.read(whole);
      if (config.has("image_processor")) {
        return Optional.of(config.object("image_processor"));
      }
    }
    Path own = folder.resolve(TransformersPreprocessing.FILE);
    return Files.exists(own) ? Optional.of(JsonObject.read(own)) : Optional.empty();
  }

  private static Optional<String> declaredLicense(ModelConfig config) {
    return config instanceof TimmConfig timm
        ? Optional.ofNullable(timm.pretrainedCfg().string("license", null))
        : Optional.empty();
  }

  /** The folder's name; in the Hugging Face cache, the repository's. */
  private static String name(Path folder) {
    Path path = folder.toAbsolutePath().normalize();
    Path snapshots = path.getParent();
    if (snapshots != null && snapshots.endsWith("snapshots") && snapshots.getNameCount() > 1) {
      String repository = snapshots.getParent().getFileName().toString();
      if (repository.startsWith("models--")) {
        return repository.substring("models--".length()).replace("--", "/");
      }
    }
    return path.getFileName() == null ? path.toString() : path.getFileName().toString();
  }

  /** What to call the model: the name of its folder or repository. */
  public String name() {
    return name;
  }

  public ModelConfig config() {
    return config;
  }

  /** The tensors of the file; they live as long as the checkpoint is open. */
  public Safetensors weights() {
    return weights;
  }

  /**
   * How an image becomes the model's input.
   *
   * @throws CheckpointException if the checkpoint does not say, or says what cannot be done
   */
  public Preprocessing preprocessing() {
    return preprocessing(config);
  }

  private Preprocessing preprocessing(ModelConfig config) {
    Preprocessing preprocessing =
        switch (config) {
          case TimmConfig timm -> TimmPreprocessing.of(timm);
          case TransformersConfig transformers ->
              TransformersPreprocessing.of(transformers, processor.orElseThrow(this::noProcessor));
          case OpenClipConfig openClip -> OpenClipPreprocessing.of(openClip);
        };
    requireSensibleSize(preprocessing);
    return preprocessing;
  }

  private ModelConfig withPreparedSize(TransformersConfig transformers) {
    try {
      Preprocessing preprocessing = preprocessing(transformers);
      return transformers.withPrepared(new Size(preprocessing.height(), preprocessing.width()));
    } catch (CheckpointException e) {
      return transformers; // who asks for the preprocessing is told
    }
  }

  /** Keeps a wrong number in a configuration from filling the memory. */
  private void requireSensibleSize(Preprocessing preprocessing) {
    Size square = new Size(LARGEST_INPUT, LARGEST_INPUT);
    Size input = new Size(preprocessing.height(), preprocessing.width());
    int edge = Math.max(input.longest(), preprocessing.resize().target(square).longest());
    if (edge > LARGEST_INPUT) {
      throw new CheckpointException(
          "%s: the configuration makes images of %d pixels an edge, of which no more than %d can be"
                  .formatted(name, edge, LARGEST_INPUT)
              + " right; correct it");
    }
  }

  private CheckpointException noProcessor() {
    return new CheckpointException(
        "%s: no %s, so how images are resized and normalised is unknown; copy it from the model"
                .formatted(name, TransformersPreprocessing.FILE)
            + " this one was made from");
  }

  /**
   * The names of the classes by index; empty if the checkpoint has none.
   *
   * @throws CheckpointException if there are not as many names as classes
   */
  public List<String> labels() {
    return switch (config) {
      case TimmConfig timm -> Labels.of(timm);
      case TransformersConfig transformers -> Labels.of(transformers);
      case OpenClipConfig _ -> List.of();
    };
  }

  /** The licence as the configuration or else the model card has it, as in {@code apache-2.0}. */
  public Optional<String> license() {
    return license;
  }

  /** The number of learned values: floating-point elements but for batch norm's statistics. */
  public long parameterCount() {
    return weights.tensors().stream()
        .filter(t -> t.dtype().floating() && !t.name().matches(".*\\.running_(mean|var)"))
        .mapToLong(t -> t.shape().size())
        .sum();
  }

  /** How many elements the weights have of each type. */
  public Map<DType, Long> elementsByType() {
    Map<DType, Long> elements = new EnumMap<>(DType.class);
    for (TensorInfo tensor : weights.tensors()) {
      elements.merge(tensor.dtype(), tensor.shape().size(), Long::sum);
    }
    return elements;
  }

  @Override
  public void close() {
    weights.close();
  }
}
