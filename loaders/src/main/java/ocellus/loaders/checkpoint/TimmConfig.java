package ocellus.loaders.checkpoint;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.json.JsonObject;

/**
 * A configuration as timm writes it ({@code timm.models.save_for_hf}), current or legacy (flat).
 *
 * @param architecture the name of the model's entry point, without tag, as in {@code
 *     vit_tiny_patch16_224}
 * @param tag which weights, as in {@code augreg_in21k_ft_in1k}
 * @param modelArgs arguments that override those of the architecture; an empty object if none
 * @param numClasses how many classes the head has: from {@code model_args}, else the top level,
 *     else {@code pretrained_cfg}; empty if none says, where timm takes 1000
 * @param globalPool how the features are pooled: from {@code model_args}, else the top level, where
 *     timm records what the saved model does; empty: the architecture's default
 * @param pretrainedCfg input, preprocessing and head; in a legacy file the whole document
 * @param root the whole document
 */
public record TimmConfig(
    String architecture,
    Optional<String> tag,
    JsonObject modelArgs,
    OptionalInt numClasses,
    Optional<String> globalPool,
    JsonObject pretrainedCfg,
    JsonObject root)
    implements ModelConfig {

  /**
   * Reads what {@code config.json} says.
   *
   * @throws ocellus.loaders.CheckpointException if it is not timm's
   */
  public static TimmConfig of(JsonObject root) {
    String name = root.string("architecture");
    int dot = name.indexOf('.');
    JsonObject pretrained = root.object("pretrained_cfg", root);
    JsonObject args = root.objectOrEmpty("model_args");
    String tag = dot < 0 ? pretrained.string("tag", null) : name.substring(dot + 1);
    int classes = pretrained.integer("num_classes", -1);
    classes = args.integer("num_classes", root.integer("num_classes", classes));
    String pool = args.string("global_pool", root.string("global_pool", null));
    return new TimmConfig(
        dot < 0 ? name : name.substring(0, dot),
        Optional.ofNullable(tag).filter(t -> !t.isEmpty()),
        args,
        classes < 0 ? OptionalInt.empty() : OptionalInt.of(classes),
        Optional.ofNullable(pool),
        pretrained,
        root);
  }

  /**
   * Channels, height and width of the input.
   *
   * @throws CheckpointException if they are not three positive integers
   */
  public int[] inputSize() {
    if (!pretrainedCfg.has("input_size")) {
      return new int[] {3, 224, 224}; // timm's default
    }
    int[] size = pretrainedCfg.integers("input_size");
    if (size.length != 3 || Arrays.stream(size).anyMatch(n -> n <= 0)) {
      throw new CheckpointException(
          "%s is %s, expected channels, height and width"
              .formatted(pretrainedCfg.where("input_size"), Arrays.toString(size)));
    }
    return size;
  }
}
