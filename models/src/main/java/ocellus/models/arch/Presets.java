package ocellus.models.arch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import ocellus.engine.EditDistance;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TimmConfig;
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

  /**
   * Refuses an architecture whose arguments are beyond what its family is built with.
   *
   * @param foreign the names of such arguments
   * @throws CheckpointException naming them and the nearest architecture without
   */
  void refuseForeign(TimmConfig config, Set<String> foreign) {
    String name = config.architecture();
    List<String> its = arguments(name).keys().stream().filter(foreign::contains).toList();
    if (its.isEmpty()) {
      return;
    }
    String nearest =
        architectures().stream()
            .filter(known -> Collections.disjoint(arguments(known).keys(), foreign))
            .min(
                Comparator.<String>comparingInt(known -> EditDistance.between(known, name))
                    .thenComparingLong(known -> differences(arguments(known), arguments(name))))
            .orElseThrow();
    throw new CheckpointException(
        "%s \"%s\" is not supported, because of its %s; the nearest that is: %s"
            .formatted(config.root().where("architecture"), name, String.join(", ", its), nearest));
  }

  /** How many arguments are not the same in both. */
  private static long differences(JsonObject a, JsonObject b) {
    return Stream.concat(a.keys().stream(), b.keys().stream())
        .distinct()
        .filter(key -> !Objects.equals(a.raw(key), b.raw(key)))
        .count();
  }
}
