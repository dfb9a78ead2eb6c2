package ocellus.loaders.checkpoint;

import ocellus.loaders.json.JsonObject;

/** What the configuration of a checkpoint says about the model, in the scheme of its library. */
public sealed interface ModelConfig permits TimmConfig, TransformersConfig, OpenClipConfig {
  /** The whole document. */
  JsonObject root();
}
