package ocellus.models.arch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import ocellus.loaders.json.JsonObject;

/**
 * The architectures of a family that timm has entry points for, each as the arguments that it gives
 * to the constructor of the model. Written by src/reference/make_*_presets.py. Immutable.
 */
final class Presets {
  private final JsonObject byArchitecture;

  /** Those of the resource {@code FAMILY.json}. */
  Presets(String family) {
    String resource = family + ".json";
    try (InputStream in = Presets.class.getResourceAsStream(resource)) {
      byArchitecture = JsonObject.parse(resource, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }

  Set<String> architectures() {
    return byArchitecture.keys();
  }

  /** The arguments of an architecture; an argument that is not there is at timm's default. */
  JsonObject arguments(String architecture) {
    return byArchitecture.object(architecture);
  }
}
