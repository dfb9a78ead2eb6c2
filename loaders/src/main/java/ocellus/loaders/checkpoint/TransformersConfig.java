package ocellus.loaders.checkpoint;

import java.util.List;
import java.util.Optional;
import ocellus.loaders.image.Size;
import ocellus.loaders.json.JsonObject;

/**
 * A configuration as transformers writes it ({@code PreTrainedModel.save_pretrained}).
 *
 * @param modelType the family, as in {@code vit}
 * @param architectures the classes that were saved, as in {@code ViTForImageClassification}; may be
 *     empty
 * @param prepared the size that images are brought to, for networks that adapt to it; empty if the
 *     checkpoint does not say, or says what {@link Checkpoint#preprocessing} refuses
 * @param root the whole document
 */
public record TransformersConfig(
    String modelType, List<String> architectures, Optional<Size> prepared, JsonObject root)
    implements ModelConfig {
  public TransformersConfig {
    architectures = List.copyOf(architectures);
  }

  /**
   * Reads what {@code config.json} says.
   *
   * @throws ocellus.loaders.CheckpointException if it is not of transformers
   */
  public static TransformersConfig of(JsonObject root) {
    List<String> architectures =
        root.has("architectures") ? root.strings("architectures") : List.of();
    return new TransformersConfig(root.string("model_type"), architectures, Optional.empty(), root);
  }

  /** This, for images that are brought to {@code size}. */
  public TransformersConfig withPrepared(Size size) {
    return new TransformersConfig(modelType, architectures, Optional.of(size), root);
  }
}
