package ocellus.loaders.checkpoint;

import ocellus.loaders.json.JsonObject;

/**
 * A configuration as open_clip writes it ({@code open_clip_config.json}).
 *
 * @param model {@code model_cfg}: what the towers look like
 * @param vision its {@code vision_cfg}
 * @param text its {@code text_cfg}
 * @param preprocessing {@code preprocess_cfg}; an empty object if there is none
 * @param root the whole document
 */
public record OpenClipConfig(
    JsonObject model, JsonObject vision, JsonObject text, JsonObject preprocessing, JsonObject root)
    implements ModelConfig {

  /**
   * Reads what {@code open_clip_config.json} says.
   *
   * @throws ocellus.loaders.CheckpointException if it is not open_clip's
   */
  public static OpenClipConfig of(JsonObject root) {
    JsonObject model = root.object("model_cfg");
    return new OpenClipConfig(
        model,
        model.object("vision_cfg"),
        model.object("text_cfg"),
        root.objectOrEmpty("preprocess_cfg"),
        root);
  }
}
