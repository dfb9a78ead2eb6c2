package ocellus.loaders.checkpoint;

import java.util.List;
import ocellus.loaders.json.JsonObject;

/**
 * A configuration as transformers writes it ({@code PreTrainedModel.save_pretrained}).
 *
 * @param modelType the family, as in {@code vit}
 * @param architectures the classes that were saved, as in {@code ViTForImageClassification}; may be
 *     empty
 * @param root the whole document
 */
public record TransformersConfig(String modelType, List<String> architectures, JsonObject root)
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
    return new TransformersConfig(root.string("model_type"), architectures, root);
  }
}
