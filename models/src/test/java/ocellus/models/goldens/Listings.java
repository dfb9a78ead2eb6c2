package ocellus.models.goldens;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import ocellus.engine.Shape;

/** The tensors that the reference library's models are made of, written by goldens.py. */
public final class Listings {
  private Listings() {}

  /**
   * The names and shapes of every preset of a family, from {@code listings/FAMILY.txt.gz}: a line
   * {@code # preset}, then {@code name [d0, d1, ...]} per tensor.
   */
  public static Map<String, Map<String, Shape>> of(String family) {
    String resource = "/listings/" + family + ".txt.gz";
    Map<String, Map<String, Shape>> presets = new LinkedHashMap<>();
    Map<String, Shape> tensors = Map.of();
    try (var in = Listings.class.getResourceAsStream(resource);
        var reader =
            new BufferedReader(
                new InputStreamReader(new GZIPInputStream(in), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.startsWith("# ")) {
          tensors = new LinkedHashMap<>();
          presets.put(line.substring(2), tensors);
        } else {
          int space = line.indexOf(' ');
          String extents = line.substring(space + 2, line.length() - 1);
          String[] dims = extents.isEmpty() ? new String[0] : extents.split(", ", -1);
          tensors.put(line.substring(0, space), shape(dims));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
    return presets;
  }

  static Shape shape(String... extents) {
    return Shape.of(Arrays.stream(extents).mapToLong(Long::parseLong).toArray());
  }

  /**
   * That an architecture asks for exactly the tensors of the reference.
   *
   * @param actual what was put on the listing of {@link ocellus.engine.WeightScope#listing}, where
   *     1x1 convolutions may stand as matrices
   */
  public static void assertSame(
      String preset, Map<String, Shape> expected, Map<String, Shape> actual) {
    assertAll(
        preset,
        () -> assertEquals(new TreeSet<>(expected.keySet()), new TreeSet<>(actual.keySet())),
        () ->
            expected.forEach(
                (name, shape) -> {
                  if (actual.containsKey(name)) {
                    assertEquals(flat(shape), flat(actual.get(name)), name);
                  }
                }));
  }

  /** {@code [o, i]} for {@code [o, i, 1, 1]}, any other shape as it is. */
  private static Shape flat(Shape shape) {
    boolean pointwise = shape.rank() == 4 && shape.dim(2) == 1 && shape.dim(3) == 1;
    return pointwise ? Shape.of(shape.dim(0), shape.dim(1)) : shape;
  }
}
