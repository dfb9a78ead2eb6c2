package ocellus.loaders.checkpoint;

import ocellus.loaders.json.JsonObject;

/** What a checkpoint's {@code config.json} says about the model, in the scheme of its library. */
public sealed interface ModelConfig permits TimmConfig, TransformersConfig {
  /** The whole document. */
  JsonObject root();
}
