package ocellus.models;

import java.util.List;

/**
 * A family of networks that Ocellus runs.
 *
 * @param name as in {@code ConvNeXt}
 * @param models those of timm's architectures that belong to it, by name
 * @param modelTypes what {@code config.json} calls it where transformers saved it; none if
 *     transformers does not have it
 */
public record ModelFamily(String name, List<KnownModel> models, List<String> modelTypes) {
  public ModelFamily {
    models = List.copyOf(models);
    modelTypes = List.copyOf(modelTypes);
  }

  /** All families. */
  public static List<ModelFamily> all() {
    return ModelCatalog.families();
  }
}
