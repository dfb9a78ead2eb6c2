package ocellus.models.arch;

import ocellus.engine.kernels.Activation;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.json.JsonObject;

/**
 * What the configurations of transformers' convolutional networks have in common. Immutable.
 *
 * @param json the whole configuration
 * @param classifies whether the model with a classification head was saved, rather than the bare
 *     one
 */
record TransformersSettings(JsonObject json, boolean classifies) {
  /** transformers' own default: what it does not write to a configuration without label names. */
  private static final int DEFAULT_CLASSES = 2;

  private static final int MAX_EXTENT = 1 << 15;
  private static final int MAX_STAGES = 16;
  private static final int MAX_DEPTH = 1 << 10;

  /**
   * @param backbone the class of the bare model
   * @param classifier the class with a classification head
   * @throws CheckpointException if neither was saved
   */
  static TransformersSettings of(TransformersConfig config, String backbone, String classifier) {
    boolean classifies = config.architectures().contains(classifier);
    if (!classifies && !config.architectures().contains(backbone)) {
      throw new CheckpointException(
          "%s is %s, expected %s or %s"
              .formatted(
                  config.root().where("architectures"),
                  config.architectures(),
                  classifier,
                  backbone));
    }
    return new TransformersSettings(config.root(), classifies);
  }

  /** With values for what the configuration leaves out. */
  TransformersSettings withDefaults(JsonObject defaults) {
    return new TransformersSettings(json.withDefaults(defaults), classifies);
  }

  /** Number of classes; 0 for the bare model. */
  int classes() {
    if (!classifies) {
      return 0;
    }
    return json.has("id2label")
        ? json.object("id2label").keys().size()
        : json.integer("num_labels", DEFAULT_CLASSES);
  }

  /** {@code image_size}, one for both directions or height and width, and {@code num_channels}. */
  ImageShape input(int absentSide) {
    int[] size = Extents.oneOrList(json, "image_size", absentSide, 2, MAX_EXTENT);
    return new ImageShape(size[0], size[1], extent("num_channels", 3));
  }

  /** {@code hidden_act}. */
  Activation activation(String absent) {
    String name = json.string("hidden_act", absent);
    return ActivationNames.transformers(name)
        .orElseThrow(
            () ->
                new CheckpointException(
                    "%s is \"%s\", expected an activation such as relu6, relu, hardswish or silu"
                        .formatted(json.where("hidden_act"), name)));
  }

  /**
   * {@code depths}: how many blocks each stage has.
   *
   * @param absent what it is where it is not said
   */
  int[] depths(int... absent) {
    int count = json.has("depths") ? json.integers("depths").length : absent.length;
    if (count < 1 || count > MAX_STAGES) {
      throw Extents.invalid(json, "depths", "1 to %d stages".formatted(MAX_STAGES));
    }
    return stages("depths", count, MAX_DEPTH, absent);
  }

  /**
   * A list of channels with one number for each stage.
   *
   * @param absent what it is where it is not said
   */
  int[] channels(String key, int stages, int... absent) {
    return stages(key, stages, MAX_EXTENT, absent);
  }

  private int[] stages(String key, int stages, int most, int... absent) {
    boolean said = json.has(key) || absent.length != stages;
    return said ? Extents.list(json, key, stages, most) : absent;
  }

  /** An integer from 1 to 32768. */
  int extent(String key, int absent) {
    return Extents.one(json, key, absent, MAX_EXTENT);
  }

  /** A number above 0 and at most {@code most}. */
  double positive(String key, double absent, double most) {
    double value = json.number(key, absent);
    if (!(value > 0 && value <= most)) {
      throw new CheckpointException(
          "%s is %s, expected a number above 0 and at most %s"
              .formatted(json.where(key), value, most));
    }
    return value;
  }
}
