package ocellus.models;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import ocellus.models.ImageIndex.Entry;

/**
 * How an {@link ImageIndex} lists files: a line for each, of size, time and name, and of those that
 * failed also the reason after a tab, in UTF-8. Backslashes, tabs and ends of lines are escaped.
 */
final class IndexLines {
  private static final char BEFORE_REASON = '\t';

  private IndexLines() {}

  static byte[] of(List<Entry> entries) {
    return utf8(entries.stream().map(IndexLines::line));
  }

  static byte[] of(Map<Entry, String> failures) {
    return utf8(
        failures.entrySet().stream()
            .map(f -> line(f.getKey()) + BEFORE_REASON + escaped(f.getValue())));
  }

  private static byte[] utf8(Stream<String> lines) {
    return lines.collect(Collectors.joining("\n")).getBytes(UTF_8);
  }

  private static String line(Entry entry) {
    return entry.size() + " " + entry.modified() + " " + escaped(entry.name());
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\")
        .replace("\t", "\\t")
        .replace("\n", "\\n")
        .replace("\r", "\\r");
  }

  /**
   * @throws IllegalArgumentException if these are no such lines
   */
  static List<Entry> entries(byte[] lines) {
    return text(lines).lines().map(IndexLines::entry).toList();
  }

  /**
   * @throws IllegalArgumentException if these are no such lines
   */
  static SequencedMap<Entry, String> failures(byte[] lines) {
    SequencedMap<Entry, String> failures = new LinkedHashMap<>();
    text(lines).lines().forEach(line -> addFailure(line, failures));
    return failures;
  }

  private static String text(byte[] utf8) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Entry entry(String line) {
    String[] parts = line.split(" ", 3);
    if (parts.length < 3) {
      throw new IllegalArgumentException(line);
    }
    return new Entry(
        parts[2].translateEscapes(), Long.parseLong(parts[0]), Long.parseLong(parts[1]));
  }

  private static void addFailure(String line, Map<Entry, String> failures) {
    int tab = line.indexOf(BEFORE_REASON);
    if (tab < 0) {
      throw new IllegalArgumentException(line);
    }
    failures.put(entry(line.substring(0, tab)), line.substring(tab + 1).translateEscapes());
  }
}
