package ocellus.models;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.json.JsonObject;
import ocellus.loaders.safetensors.SafetensorsFile;

/**
 * The model that ships inside the jar: timm's {@code mobilenetv3_small_050}, trained on
 * Fashion-MNIST by {@code src/reference/train_default.py}.
 */
final class BuiltInModel {
  /** What messages and reports call it. */
  static final String NAME = "built-in";

  private static final String CONFIG = "default/config.json";
  private static final String WEIGHTS = "default/model.safetensors";

  private BuiltInModel() {}

  static Checkpoint open() {
    return Checkpoint.of(
        NAME,
        JsonObject.parse(NAME + "/config.json", resource(CONFIG)),
        SafetensorsFile.of(NAME + "/model.safetensors", resource(WEIGHTS)));
  }

  private static byte[] resource(String path) {
    try (InputStream in = BuiltInModel.class.getResourceAsStream(path)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
