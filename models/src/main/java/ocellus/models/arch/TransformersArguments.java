package ocellus.models.arch;

import ocellus.engine.kernels.Activation;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.json.JsonObject;

/** What configurations of transformers say in the same way for all of its vision networks. */
final class TransformersArguments {
  /** transformers' own default: what it does not write to a configuration without label names. */
  private static final int DEFAULT_CLASSES = 2;

  private static final int MAX_DEPTH = 1 << 10;

  private TransformersArguments() {}

  /**
   * The number of classes: the entries of {@code id2label}, else {@code num_labels}; 0 if the
   * backbone was saved.
   *
   * @param classifier the class with a head
   * @param backbone the class without
   * @throws CheckpointException if neither of them was saved
   */
  static int classes(TransformersConfig config, String classifier, String backbone) {
    JsonObject json = config.root();
    if (config.architectures().contains(classifier)) {
      return json.has("id2label")
          ? json.object("id2label").keys().size()
          : json.integer("num_labels", DEFAULT_CLASSES);
    }
    if (config.architectures().contains(backbone)) {
      return 0;
    }
    throw new CheckpointException(
        "%s is %s, expected %s or %s"
            .formatted(json.where("architectures"), config.architectures(), classifier, backbone));
  }

  /** An activation by transformers' name for it. */
  static Activation activation(JsonObject json, String key, String absent) {
    return ActivationNames.transformers(json.string(key, absent))
        .orElseThrow(
            () -> Extents.invalid(json, key, "an activation such as relu, silu, gelu or tanh"));
  }

  /**
   * {@code depths}: how many blocks each stage has.
   *
   * @param mostStages how many stages there may be
   * @param absent what it is where it is not said
   */
  static int[] depths(JsonObject json, int mostStages, int... absent) {
    int count = json.has("depths") ? json.integers("depths").length : absent.length;
    if (count < 1 || count > mostStages) {
      throw Extents.invalid(json, "depths", "1 to %d stages".formatted(mostStages));
    }
    return sizes(json, "depths", count, MAX_DEPTH, absent);
  }

  /**
   * A list with an integer for each stage.
   *
   * @param absent what it is where it is not said
   */
  static int[] sizes(JsonObject json, String key, int stages, int most, int... absent) {
    boolean said = json.has(key) || absent.length != stages;
    return said ? Extents.list(json, key, stages, most) : absent;
  }
}
