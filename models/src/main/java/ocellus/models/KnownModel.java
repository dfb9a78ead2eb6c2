package ocellus.models;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * An architecture of timm that Ocellus runs.
 *
 * @param architecture as {@code config.json} names it
 * @param parameters the number of learned values, with the classifier that timm gives it
 * @param multiplyAdds those of convolutions, linear layers and attention for one image
 * @param channels of the images that it is meant for
 * @param height of these in pixels
 * @param width of these in pixels
 */
public record KnownModel(
    String architecture, long parameters, long multiplyAdds, int channels, int height, int width) {
  /** All, by name. Written by src/reference/make_model_table.py. */
  static Map<String, KnownModel> table() {
    String resource = "architectures.tsv";
    try (var in = KnownModel.class.getResourceAsStream(resource);
        var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return reader
          .lines()
          .map(KnownModel::parse)
          .collect(Collectors.toMap(KnownModel::architecture, Function.identity()));
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }

  private static KnownModel parse(String line) {
    List<String> cells = List.of(line.split("\t"));
    return new KnownModel(
        cells.get(0),
        Long.parseLong(cells.get(1)),
        Long.parseLong(cells.get(2)),
        Integer.parseInt(cells.get(3)),
        Integer.parseInt(cells.get(4)),
        Integer.parseInt(cells.get(5)));
  }
}
