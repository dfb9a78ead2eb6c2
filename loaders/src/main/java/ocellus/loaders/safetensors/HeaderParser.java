package ocellus.loaders.safetensors;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import ocellus.engine.Shape;
import ocellus.loaders.internal.Printable;
import ocellus.loaders.internal.StrictJson;
import ocellus.loaders.safetensors.SafetensorsException.Defect;

/** Reads the JSON of a header. What it returns is right entry by entry, not yet as a whole. */
final class HeaderParser {
  private static final String METADATA = "__metadata__";

  /** The tensors in the order of the header, and the metadata. */
  record Contents(List<TensorInfo> tensors, Map<String, String> metadata) {}

  private final String file;
  private final JsonParser parser;

  private HeaderParser(String file, JsonParser parser) {
    this.file = file;
    this.parser = parser;
  }

  static Contents parse(String file, byte[] json) {
    try (JsonParser parser = StrictJson.parser(json)) {
      return new HeaderParser(file, parser).header();
    } catch (StreamReadException e) {
      String problem =
          "the header is not valid JSON, character %d: %s"
              .formatted(e.getLocation().getCharOffset(), Printable.clip(e.getOriginalMessage()));
      throw new SafetensorsException(Defect.HEADER_NOT_JSON, file, problem, e);
    } catch (StreamConstraintsException e) {
      String problem = "the header is refused: " + Printable.clip(e.getOriginalMessage());
      throw new SafetensorsException(Defect.HEADER_BEYOND_LIMITS, file, problem, e);
    } catch (CharacterCodingException e) {
      throw new SafetensorsException(
          Defect.HEADER_NOT_UTF8, file, "the header is not UTF-8; the file is damaged", e);
    } catch (IOException e) {
      throw new SafetensorsException(
          Defect.UNREADABLE, file, "the header cannot be read: " + e.getMessage(), e);
    }
  }

  private Contents header() throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw error(Defect.HEADER_NOT_JSON, "the header is not a JSON object");
    }
    List<TensorInfo> tensors = new ArrayList<>();
    Map<String, String> metadata = Map.of();
    Set<String> keys = new HashSet<>();
    for (String key = nextKey(keys); key != null; key = nextKey(keys)) {
      if (key.equals(METADATA)) {
        metadata = metadata();
      } else {
        tensors.add(tensor(key));
      }
    }
    if (parser.nextToken() != null) {
      throw error(Defect.HEADER_NOT_JSON, "something follows the JSON object of the header");
    }
    return new Contents(tensors, metadata);
  }

  /** The next key of the object at hand, with the parser on its value; null after the last. */
  private String nextKey(Set<String> before) throws IOException {
    if (parser.nextToken() == JsonToken.END_OBJECT) {
      return null;
    }
    String key = parser.currentName();
    if (!before.add(key)) {
      throw error(Defect.DUPLICATE_KEY, Printable.clip(key) + " is there twice in the header");
    }
    parser.nextToken();
    return key;
  }

  private Map<String, String> metadata() throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return Map.of();
    }
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw error(Defect.BAD_METADATA, METADATA + " is not an object");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    Set<String> keys = new HashSet<>();
    for (String key = nextKey(keys); key != null; key = nextKey(keys)) {
      if (parser.currentToken() != JsonToken.VALUE_STRING) {
        throw error(
            Defect.BAD_METADATA,
            METADATA + " has a value that is no string: " + Printable.clip(key));
      }
      metadata.put(key, parser.getText());
    }
    return Collections.unmodifiableMap(metadata);
  }

  private TensorInfo tensor(String name) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw error(Defect.BAD_ENTRY, name, "its entry is not an object");
    }
    DType dtype = null;
    Shape shape = null;
    List<Long> offsets = null;
    Set<String> keys = new HashSet<>();
    for (String key = nextKey(keys); key != null; key = nextKey(keys)) {
      switch (key) {
        case "dtype" -> dtype = dtype(name);
        case "shape" -> shape = shape(name);
        case "data_offsets" -> offsets = integers(Defect.BAD_OFFSETS, name, key);
        default -> parser.skipChildren();
      }
    }
    if (dtype == null || shape == null || offsets == null) {
      String missing = dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets";
      throw error(Defect.BAD_ENTRY, name, missing + " is missing");
    }
    if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
      throw error(
          Defect.BAD_OFFSETS, name, "data_offsets " + brief(offsets) + " are no begin and end");
    }
    return new TensorInfo(name, dtype, shape, offsets.get(0), offsets.get(1));
  }

  private DType dtype(String name) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw error(Defect.BAD_ENTRY, name, "dtype is not a string");
    }
    String dtype = parser.getText();
    return DType.named(dtype)
        .orElseThrow(
            () ->
                error(
                    Defect.UNKNOWN_DTYPE, name, "dtype " + Printable.clip(dtype) + " is unknown"));
  }

  private Shape shape(String name) throws IOException {
    List<Long> dims = integers(Defect.BAD_SHAPE, name, "shape");
    try {
      return Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
    } catch (ArithmeticException e) {
      throw error(Defect.SIZE_OVERFLOW, name, "shape " + brief(dims) + " has too many elements");
    }
  }

  /** A list of integers from 0 up. */
  private List<Long> integers(Defect defect, String name, String field) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw error(defect, name, field + " is not a list");
    }
    List<Long> integers = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
          || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
          || parser.getText().startsWith("-")) {
        throw error(defect, name, field + " has an entry that is no integer from 0 to 2^63 - 1");
      }
      integers.add(parser.getLongValue());
    }
    return integers;
  }

  private static String brief(List<Long> integers) {
    return Printable.clip(integers.toString());
  }

  private SafetensorsException error(Defect defect, String tensor, String problem) {
    return error(defect, "tensor " + Printable.clip(tensor) + ": " + problem);
  }

  private SafetensorsException error(Defect defect, String problem) {
    return new SafetensorsException(defect, file, problem);
  }
}
