package ocellus.cli;

import java.io.IOException;
import java.util.function.BiConsumer;

/**
 * One JSON object a line for each image, or whatever is asked about, either with its result or with
 * {@code "error"}.
 */
final class JsonLines<R> implements ResultWriter<R> {
  private final LineWriter lines;
  private final String key;
  private final BiConsumer<R, Json> fields;

  /**
   * @param fields adds the fields of a result to the object of its image
   */
  JsonLines(LineWriter lines, BiConsumer<R, Json> fields) {
    this(lines, "image", fields);
  }

  /**
   * @param key of what is asked about
   * @param fields adds the fields of a result to its object
   */
  JsonLines(LineWriter lines, String key, BiConsumer<R, Json> fields) {
    this.lines = lines;
    this.key = key;
    this.fields = fields;
  }

  @Override
  public void result(String image, R result) throws IOException {
    Json json = new Json().beginObject().key(key).value(image);
    fields.accept(result, json);
    lines.print(json.endObject().toString());
  }

  @Override
  public void failure(String image, String error) throws IOException {
    Json json = new Json().beginObject();
    json.key(key).value(image).key("error").value(error);
    lines.print(json.endObject().toString());
  }
}
