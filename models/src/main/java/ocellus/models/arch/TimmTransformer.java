package ocellus.models.arch;

import java.util.Comparator;
import java.util.function.Predicate;
import ocellus.engine.EditDistance;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.TokenEmbedding.Input;

/** The arguments that timm's transformers over patches have in common. */
final class TimmTransformer {
  private final TimmConfig config;
  private final TimmArguments args;
  private final Presets presets;
  private final Predicate<JsonObject> supported;

  /**
   * @param supported whether the arguments of a preset are supported, so that it can be recommended
   */
  TimmTransformer(
      TimmConfig config, TimmArguments args, Presets presets, Predicate<JsonObject> supported) {
    this.config = config;
    this.args = args;
    this.presets = presets;
    this.supported = supported;
  }

  /**
   * The positions are for {@code img_size}, in {@code model_args} or else the size that the
   * checkpoint is meant for. The images have that size too unless it may vary.
   */
  Input input() {
    ImageShape meant = args.input();
    int[] patch = sides("patch_size", 16);
    if (patch[0] != patch[1]) {
      throw unsupported("patch_size", args.at("patch_size").raw("patch_size"));
    }
    int[] size = {meant.height(), meant.width()};
    args.ignore("img_size"); // the architecture's own is that of its published weights
    int[] trained = config.modelArgs().has("img_size") ? sides("img_size", 0) : size;
    int[] image = args.bool("dynamic_img_size", false) ? size : trained;
    return new Input(image[0], image[1], trained[0], trained[1], patch[0], meant.channels());
  }

  /** Height and width of something. */
  int[] sides(String key, int absent) {
    return Extents.oneOrList(args.at(key), key, absent, 2, Input.LONGEST_SIDE);
  }

  /** An argument has a value that stands for what is not supported. */
  CheckpointException unsupported(String key, Object value) {
    return new CheckpointException(
        "%s: architecture %s with %s = %s is not supported; the nearest that is: %s"
            .formatted(
                config.root().source(),
                config.architecture(),
                key,
                value instanceof String s ? '"' + s + '"' : value,
                nearest()));
  }

  private String nearest() {
    String name = config.architecture();
    return presets.architectures().stream()
        .filter(preset -> supported.test(presets.arguments(preset)))
        .min(
            Comparator.comparingInt((String c) -> EditDistance.betweenNames(name, c))
                .thenComparing(Comparator.naturalOrder()))
        .orElseThrow();
  }
}
