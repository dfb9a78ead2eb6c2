package ocellus.loaders.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamReadException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.internal.Printable;
import ocellus.loaders.internal.StrictJson;

/** Reads one JSON document into {@link JsonObject}s. */
final class JsonParsing {
  private final String source;
  private final JsonParser parser;

  private JsonParsing(String source, JsonParser parser) {
    this.source = source;
    this.parser = parser;
  }

  static JsonObject parse(String source, byte[] utf8) {
    try (JsonParser parser = StrictJson.parserWithNaN(utf8)) {
      return new JsonParsing(source, parser).document();
    } catch (StreamReadException e) {
      throw new CheckpointException(
          "%s: not valid JSON, line %d column %d: %s"
              .formatted(
                  source,
                  e.getLocation().getLineNr(),
                  e.getLocation().getColumnNr(),
                  Printable.clip(e.getOriginalMessage())),
          e);
    } catch (CharacterCodingException e) {
      throw new CheckpointException(source + ": not valid JSON: the text is not UTF-8", e);
    } catch (IOException e) { // a limit of the parser
      throw new CheckpointException(
          "%s: not valid JSON: %s".formatted(source, Printable.clip(e.getMessage())), e);
    }
  }

  private JsonObject document() throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new CheckpointException(source + ": expected a JSON object, { ... }");
    }
    JsonObject root = object("");
    if (parser.nextToken() != null) {
      throw new CheckpointException(source + ": something follows the JSON object");
    }
    return root;
  }

  private JsonObject object(String path) throws IOException {
    Map<String, Object> values = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      if (values.containsKey(key)) {
        throw new CheckpointException(
            "%s: %s%s is there twice".formatted(source, path, Printable.clip(key)));
      }
      values.put(key, value(path + key));
    }
    return new JsonObject(source, path, values);
  }

  private List<Object> list(String path) throws IOException {
    List<Object> values = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      values.add(value(path + "[" + values.size() + "]"));
    }
    return Collections.unmodifiableList(values);
  }

  /** The value at the parser's current token, as {@link JsonObject#raw} describes it. */
  private Object value(String path) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(path + ".");
      case START_ARRAY -> list(path);
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? (Object) parser.getDoubleValue()
              : (Object) parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw new IllegalStateException("token " + parser.currentToken());
    };
  }
}
