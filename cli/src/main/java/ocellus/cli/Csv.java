package ocellus.cli;

import java.util.List;
import java.util.stream.Collectors;

/** Rows of comma-separated values, RFC 4180. */
final class Csv {
  private Csv() {}

  /** A row without its line end. */
  static String row(List<?> cells) {
    return cells.stream().map(c -> cell(c.toString())).collect(Collectors.joining(","));
  }

  private static String cell(String text) {
    boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
