package ocellus.cli;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import ocellus.models.Prediction;

/** How the predictions for an image are printed. */
final class PredictionWriters {
  private PredictionWriters() {}

  /** For the classes of a model, which have an index. */
  static ResultWriter<List<Prediction>> of(String format, LineWriter lines) throws IOException {
    return of(format, lines, true);
  }

  /** For labels of the user's own. */
  static ResultWriter<List<Prediction>> ofLabels(String format, LineWriter lines)
      throws IOException {
    return of(format, lines, false);
  }

  private static ResultWriter<List<Prediction>> of(String format, LineWriter lines, boolean indices)
      throws IOException {
    return switch (format) {
      case "jsonl" -> new JsonLines<>(lines, (p, json) -> addFields(p, indices, json));
      case "csv" -> new CsvTable(lines);
      default -> new Text(lines, indices);
    };
  }

  private static void addFields(List<Prediction> predictions, boolean indices, Json json) {
    json.key("predictions").beginArray();
    for (Prediction p : predictions) {
      json.beginObject();
      if (indices) {
        json.key("index").value(p.index());
      }
      json.key("label").value(p.label());
      json.key("score").value(p.score()).key("logit").value(p.logit()).endObject();
    }
    json.endArray();
  }

  /** For people: the image, then a line a class. Failures are on standard error only. */
  private record Text(LineWriter lines, boolean indices) implements ResultWriter<List<Prediction>> {
    @Override
    public void result(String image, List<Prediction> predictions) throws IOException {
      StringBuilder text = new StringBuilder(image);
      for (Prediction p : predictions) {
        text.append(String.format(Locale.ROOT, "%n%8.2f %%  %s", 100 * p.score(), p.label()));
        if (indices) {
          text.append(" (").append(p.index()).append(')');
        }
      }
      lines.print(text);
    }

    @Override
    public void failure(String image, String error) {}
  }

  /** A row a class, or one with the error. */
  private static final class CsvTable implements ResultWriter<List<Prediction>> {
    private final LineWriter lines;

    CsvTable(LineWriter lines) throws IOException {
      this.lines = lines;
      lines.print(Csv.row(List.of("image", "rank", "index", "label", "score", "logit", "error")));
    }

    @Override
    public void result(String image, List<Prediction> predictions) throws IOException {
      int rank = 1;
      for (Prediction p : predictions) {
        lines.print(
            Csv.row(List.of(image, rank++, p.index(), p.label(), p.score(), p.logit(), "")));
      }
    }

    @Override
    public void failure(String image, String error) throws IOException {
      lines.print(Csv.row(List.of(image, "", "", "", "", "", error)));
    }
  }
}
