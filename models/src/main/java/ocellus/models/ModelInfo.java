package ocellus.models;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.ModelConfig;
import ocellus.loaders.checkpoint.OpenClipConfig;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.loaders.safetensors.DType;

/**
 * What a checkpoint says about itself.
 *
 * @param name of its folder or repository
 * @param config its configuration
 * @param parameters the number of learned values
 * @param elementsByType how many elements the weights have of each stored type
 * @param labels the names of the classes by index; empty if it has none
 * @param license as in {@code apache-2.0}
 */
public record ModelInfo(
    String name,
    ModelConfig config,
    long parameters,
    Map<DType, Long> elementsByType,
    List<String> labels,
    Optional<String> license) {
  public ModelInfo {
    elementsByType = Collections.unmodifiableMap(new TreeMap<>(elementsByType));
    labels = List.copyOf(labels);
  }

  /**
   * Reads it off a checkpoint, whether its architecture is supported or not.
   *
   * @throws CheckpointException if there are class names, but not one for each class
   */
  public static ModelInfo of(Checkpoint checkpoint) {
    return new ModelInfo(
        checkpoint.name(),
        checkpoint.config(),
        checkpoint.parameterCount(),
        checkpoint.elementsByType(),
        checkpoint.labels(),
        checkpoint.license());
  }

  /** Which library saved it: {@code timm}, {@code transformers} or {@code open_clip}. */
  public String library() {
    return switch (config) {
      case TimmConfig _ -> "timm";
      case TransformersConfig _ -> "transformers";
      case OpenClipConfig _ -> "open_clip";
    };
  }

  /** What its library calls the network, as in {@code vit_tiny_patch16_224}. */
  public String architecture() {
    return switch (config) {
      case TimmConfig timm -> timm.architecture();
      case TransformersConfig transformers ->
          transformers.architectures().isEmpty()
              ? transformers.modelType()
              : transformers.architectures().getFirst();
      case OpenClipConfig openClip ->
          "CLIP with " + openClip.vision().string("timm_model_name", tower(openClip));
    };
  }

  /** Whether there is a text tower beside that of images, so that both can be compared. */
  public boolean hasTexts() {
    return switch (config) {
      case TimmConfig _ -> false;
      case TransformersConfig transformers ->
          transformers.architectures().contains("CLIPModel")
              || transformers.architectures().contains("SiglipModel")
              || transformers.architectures().contains("Siglip2Model");
      case OpenClipConfig _ -> true;
    };
  }

  /** What to call an image tower that has no name, as in {@code a ViT of 768 channels}. */
  private static String tower(OpenClipConfig config) {
    JsonObject vision = config.vision();
    String kind = vision.raw("layers") instanceof List<?> ? "a ResNet" : "a ViT";
    return "%s of %s channels".formatted(kind, vision.integer("width", 768));
  }

  /**
   * The family that the network belongs to, as in {@code ViT}.
   *
   * @throws CheckpointException if it is not supported
   */
  public String family() {
    return ModelCatalog.familyOf(config);
  }
}
