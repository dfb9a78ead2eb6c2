package ocellus.models;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import ocellus.models.ImageIndex.Entry;

/**
 * How an {@link ImageIndex} lists files: a line for each, of size, time and name, and of those that
 * failed also the reason after a tab. Backslashes, tabs and ends of lines are escaped.
 */
final class IndexLines {
  private static final char BEFORE_REASON = '\t';

  private IndexLines() {}

  static String of(List<Entry> entries) {
    return entries.stream().map(IndexLines::line).collect(Collectors.joining("\n"));
  }

  static String of(Map<Entry, String> failures) {
    return failures.entrySet().stream()
        .map(f -> line(f.getKey()) + BEFORE_REASON + escaped(f.getValue()))
        .collect(Collectors.joining("\n"));
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
   * @throws IllegalArgumentException if it is no such line
   */
  static Entry entry(String line) {
    String[] parts = line.split(" ", 3);
    if (parts.length < 3) {
      throw new IllegalArgumentException(line);
    }
    return new Entry(
        parts[2].translateEscapes(), Long.parseLong(parts[0]), Long.parseLong(parts[1]));
  }

  /**
   * @throws IllegalArgumentException if it is no such line
   */
  static void addFailure(String line, Map<Entry, String> failures) {
    int tab = line.indexOf(BEFORE_REASON);
    if (tab < 0) {
      throw new IllegalArgumentException(line);
    }
    failures.put(entry(line.substring(0, tab)), line.substring(tab + 1).translateEscapes());
  }
}
