package ocellus.models.arch;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.json.JsonObject;
import org.junit.jupiter.api.function.Executable;

/** Configurations for tests. */
final class TimmConfigs {
  private TimmConfigs() {}

  /** An architecture as it is. */
  static TimmConfig of(String architecture) {
    return of(architecture, "");
  }

  /**
   * An architecture with arguments.
   *
   * @param modelArgs with single quotes, as in {@code 'bn_eps': 0.1}
   */
  static TimmConfig of(String architecture, String modelArgs) {
    return TimmConfig.of(
        json("{'architecture': '" + architecture + "', 'model_args': {" + modelArgs + "}}"));
  }

  /** A document with single quotes. */
  static JsonObject json(String text) {
    byte[] utf8 = text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return JsonObject.parse("test/config.json", utf8);
  }

  /** That a configuration is refused with a message that has {@code part} in it. */
  static void assertRefused(String part, Executable load) {
    String message = assertThrows(CheckpointException.class, load).getMessage();
    assertTrue(message.contains(part), message);
    assertTrue(message.startsWith("test/config.json: "), message);
  }
}
