package ocellus.models.arch;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import ocellus.engine.kernels.Activation;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.json.JsonObject;

/**
 * The keyword arguments that timm's {@code create_model} would build a checkpoint's model with:
 * those of {@code model_args}, then what {@code pretrained_cfg} says, then the architecture's own.
 *
 * <p>Remembers what was asked for, so that {@link #verifyAllHonoured()} can refuse the rest. Not
 * thread-safe.
 */
final class TimmArguments {
  /** Arguments that matter in training alone. */
  private static final Set<String> TRAINING =
      Set.of("drop_rate", "drop_path_rate", "drop_block_rate", "bn_momentum");

  private static final int DEFAULT_CLASSES = 1000;
  private static final int MAX_EXTENT = 1 << 15;

  private final TimmConfig config;
  private final JsonObject args;
  private final Set<String> honoured = new HashSet<>(TRAINING);

  TimmArguments(TimmConfig config) {
    this(config, JsonObject.empty("no preset"));
  }

  /**
   * @param preset the architecture's own arguments
   */
  TimmArguments(TimmConfig config, JsonObject preset) {
    this.config = config;
    this.args = config.modelArgs().withDefaults(preset);
  }

  /** Where to read an argument, which counts as asked for from now on. */
  JsonObject at(String key) {
    honoured.add(key);
    return args;
  }

  /** Declares an argument that makes no difference here. */
  void ignore(String key) {
    honoured.add(key);
  }

  /**
   * What a family has for an architecture.
   *
   * @throws IllegalArgumentException if it is not of the family
   */
  static <P> P preset(Map<String, P> presets, TimmConfig config) {
    P preset = presets.get(config.architecture());
    if (preset == null) {
      throw new IllegalArgumentException(
          config.architecture() + " is none of " + new TreeSet<>(presets.keySet()));
    }
    return preset;
  }

  /** {@code num_classes}; 0 for a model without a head. */
  int classes() {
    honoured.add("num_classes");
    return config.numClasses().orElse(DEFAULT_CLASSES);
  }

  /** {@code in_chans}, and the size that the weights are meant for. */
  ImageShape input() {
    int[] size = inputSize();
    int channels = integer("in_chans", size[0]);
    if (channels < 1 || channels > MAX_EXTENT) {
      throw invalid("in_chans", channels, "a number of channels");
    }
    return new ImageShape(size[1], size[2], channels);
  }

  private int[] inputSize() {
    JsonObject pretrained = config.pretrainedCfg();
    if (!pretrained.has("input_size")) {
      return new int[] {3, 224, 224};
    }
    int[] size = pretrained.integers("input_size");
    boolean valid = size.length == 3;
    for (int extent : size) {
      valid &= extent >= 1 && extent <= MAX_EXTENT;
    }
    if (!valid) {
      throw new CheckpointException(
          "%s is %s, expected [channels, height, width]"
              .formatted(pretrained.where("input_size"), pretrained.raw("input_size")));
    }
    return size;
  }

  /** {@code global_pool}. */
  GlobalPool globalPool() {
    honoured.add("global_pool");
    JsonObject from = args.has("global_pool") ? args : config.pretrainedCfg();
    String name = from.string("global_pool", "avg");
    return GlobalPool.timm(name)
        .orElseThrow(
            () ->
                new CheckpointException(
                    "%s is \"%s\", expected avg, max, avgmax or catavgmax"
                        .formatted(from.where("global_pool"), name)));
  }

  /** {@code act_layer}, or {@code absent} where there is none. */
  Activation activation(Activation absent) {
    String name = string("act_layer", null);
    if (name == null) {
      return absent;
    }
    return ActivationNames.timm(name)
        .orElseThrow(
            () ->
                invalid(
                    "act_layer",
                    name,
                    "the name of an activation that Ocellus has, such as relu, relu6, hard_swish,"
                        + " silu or gelu"));
  }

  /** {@code output_stride}. */
  int outputStride() {
    honoured.add("output_stride");
    return BlockStack.outputStride(config.modelArgs());
  }

  String string(String key, String absent) {
    honoured.add(key);
    return args.string(key, absent);
  }

  int integer(String key, int absent) {
    honoured.add(key);
    return args.integer(key, absent);
  }

  boolean bool(String key, boolean absent) {
    honoured.add(key);
    return args.bool(key, absent);
  }

  /** A number greater than 0 and at most {@code most}. */
  double positive(String key, double absent, double most) {
    honoured.add(key);
    double value = args.number(key, absent);
    if (!(value > 0 && value <= most)) {
      throw invalid(key, value, "a number above 0, at most " + most);
    }
    return value;
  }

  /** An argument has a value that is not supported. */
  CheckpointException invalid(String key, Object value, String expected) {
    return new CheckpointException(
        "%s is %s, expected %s".formatted(args.where(key), value, expected));
  }

  /**
   * Refuses arguments that nobody asked for.
   *
   * @throws CheckpointException naming the first of them
   */
  void verifyAllHonoured() {
    Optional<String> unknown =
        args.keys().stream().filter(k -> args.has(k) && !honoured.contains(k)).findFirst();
    unknown.ifPresent(
        key -> {
          throw new CheckpointException(
              "%s is not supported for %s".formatted(args.where(key), config.architecture()));
        });
  }

  /**
   * Refuses arguments that are null, which for timm is a value and not the default.
   *
   * @throws CheckpointException naming the first of them
   */
  void verifyNoneIsNull() {
    JsonObject given = config.modelArgs();
    Optional<String> empty =
        given.keys().stream().filter(k -> !given.has(k) && !TRAINING.contains(k)).findFirst();
    empty.ifPresent(
        key -> {
          throw invalid(key, null, "a value; to have the default, leave it out");
        });
  }
}
