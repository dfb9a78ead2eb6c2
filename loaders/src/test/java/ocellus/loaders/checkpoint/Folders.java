package ocellus.loaders.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Checkpoint folders for tests. */
final class Folders {
  /** The smallest safetensors file: a header of two bytes, {@code {}}. */
  static final byte[] NO_TENSORS = {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'};

  private Folders() {}

  /** A folder of these configuration files and no tensors. */
  static Path checkpoint(Path folder, String config, String processor) throws IOException {
    Files.write(folder.resolve("model.safetensors"), NO_TENSORS);
    Files.writeString(folder.resolve("config.json"), config, UTF_8);
    if (processor != null) {
      Files.writeString(folder.resolve("preprocessor_config.json"), processor, UTF_8);
    }
    return folder;
  }

  static Path timm(Path folder, String pretrainedCfg) throws IOException {
    return checkpoint(
        folder,
        "{\"architecture\": \"vit_tiny_patch16_224\", \"pretrained_cfg\": " + pretrainedCfg + "}",
        null);
  }

  static Path vit(Path folder, String processor) throws IOException {
    return checkpoint(folder, "{\"model_type\": \"vit\"}", processor);
  }
}
