package ocellus.loaders.tokenizer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The tables that {@link TextRepair} works by: see {@code src/reference/make_text_repair.py}. */
final class TextRepairData {
  private static final String RESOURCE = "text-repair.txt";
  private static final int ESCAPE = 6; // the length of \\uXXXX

  /** By kind, then by name. */
  private static final Map<String, Map<String, String>> ENTRIES = read();

  private TextRepairData() {}

  /** What the named characters of HTML 5 stand for; most names end in a semicolon. */
  static Map<String, String> entities() {
    return ENTRIES.get("entity");
  }

  /** The names in capitals that ftfy understands, beside those of HTML. */
  static Map<String, String> shoutedEntities() {
    return ENTRIES.get("shouted");
  }

  /** The single-byte encodings in the order in which they are tried, and their upper halves. */
  static Map<String, String> charsets() {
    return ENTRIES.get("charset");
  }

  /** A class of characters, or a regular expression. */
  static Pattern pattern(String kind, String name) {
    return Pattern.compile(ENTRIES.get(kind).get(name));
  }

  private static Map<String, Map<String, String>> read() {
    Map<String, Map<String, String>> entries = new HashMap<>();
    for (String line : lines()) {
      int first = line.indexOf('\t');
      int second = line.indexOf('\t', first + 1);
      entries
          .computeIfAbsent(line.substring(0, first), _ -> new LinkedHashMap<>())
          .put(line.substring(first + 1, second), unescaped(line.substring(second + 1)));
    }
    return entries;
  }

  private static List<String> lines() {
    try (InputStream in = TextRepairData.class.getResourceAsStream(RESOURCE)) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // of our own jar
    }
  }

  private static String unescaped(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '\\') {
        plain.append((char) Integer.parseInt(text, i + 2, i + ESCAPE, 16));
        i += ESCAPE - 1;
      } else {
        plain.append(text.charAt(i));
      }
    }
    return plain.toString();
  }
}
