package ocellus.loaders.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CodingErrorAction;

/**
 * JSON tokens of bytes that must be UTF-8, read with limits.
 *
 * <p>What is wrong shows as a {@link com.fasterxml.jackson.core.JsonProcessingException} or, where
 * the bytes are not UTF-8, as a {@link java.nio.charset.CharacterCodingException}, out of any call
 * of the parser.
 */
public final class StrictJson {
  /** More than any known file needs, and far from the end of any stack. */
  private static final int MAX_DEPTH = 100;

  private static final StreamReadConstraints LIMITS =
      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build();

  /** Names are kept out of tables that all parsers share: they come from files, and never end. */
  private static final JsonFactory PLAIN =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(LIMITS)
          .build();

  private static final JsonFactory WITH_NAN =
      PLAIN.rebuild().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private StrictJson() {}

  /** The tokens of plain JSON. */
  public static JsonParser parser(byte[] utf8) throws IOException {
    return PLAIN.createParser(reader(utf8));
  }

  /** The same with {@code NaN} and {@code Infinity}, which Python's json module writes. */
  public static JsonParser parserWithNaN(byte[] utf8) throws IOException {
    return WITH_NAN.createParser(reader(utf8));
  }

  // The decoder, unlike the parser's own, refuses overlong forms and surrogates.
  private static InputStreamReader reader(byte[] utf8) {
    return new InputStreamReader(
        new ByteArrayInputStream(utf8),
        UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT));
  }
}
