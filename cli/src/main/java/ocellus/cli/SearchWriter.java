package ocellus.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import ocellus.models.ImageIndex.Match;

/** Prints the images of a folder that were found, in one of the formats. */
interface SearchWriter {
  /**
   * @param matches best first
   */
  void result(String query, Path folder, List<Match> matches) throws IOException;

  /** The writer for one of {@code text}, {@code jsonl} and {@code csv}. */
  static SearchWriter of(String format, LineWriter lines) throws IOException {
    return switch (format) {
      case "jsonl" -> (query, folder, matches) -> lines.print(json(query, folder, matches));
      case "csv" -> table(lines);
      default -> (query, folder, matches) -> lines.print(text(query, folder, matches));
    };
  }

  /** A row an image. */
  private static SearchWriter table(LineWriter lines) throws IOException {
    lines.print(Csv.row(List.of("query", "rank", "image", "score")));
    return (query, folder, matches) -> {
      int rank = 1;
      for (Match m : matches) {
        lines.print(Csv.row(List.of(query, rank++, name(folder, m), m.score())));
      }
    };
  }

  private static String name(Path folder, Match match) {
    return folder.resolve(match.image().name()).toString();
  }

  private static String json(String query, Path folder, List<Match> matches) {
    Json json = new Json().beginObject().key("query").value(query).key("images").beginArray();
    for (Match m : matches) {
      json.beginObject().key("image").value(name(folder, m));
      json.key("score").value(m.score()).endObject();
    }
    return json.endArray().endObject().toString();
  }

  /** For people: the query, then a line an image. */
  private static String text(String query, Path folder, List<Match> matches) {
    StringBuilder text = new StringBuilder(query);
    for (Match m : matches) {
      text.append(String.format(Locale.ROOT, "%n%8.4f  %s", m.score(), name(folder, m)));
    }
    return text.toString();
  }
}
