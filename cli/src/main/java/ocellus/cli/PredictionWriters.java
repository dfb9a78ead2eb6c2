package ocellus.cli;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import ocellus.models.Prediction;

/** How the predictions for an image are printed. */
final class PredictionWriters {
  private PredictionWriters() {}

  static ResultWriter<List<Prediction>> of(String format, LineWriter lines) throws IOException {
    return switch (format) {
      case "jsonl" -> new JsonLines<>(lines, PredictionWriters::addFields);
      case "csv" -> new CsvTable(lines);
      default -> new Text(lines);
    };
  }

  private static void addFields(List<Prediction> predictions, Json json) {
    json.key("predictions").beginArray();
    for (Prediction p : predictions) {
      json.beginObject().key("index").value(p.index()).key("label").value(p.label());
      json.key("score").value(p.score()).key("logit").value(p.logit()).endObject();
    }
    json.endArray();
  }

  /** For people: the image, then a line a class. Failures are on standard error only. */
  private record Text(LineWriter lines) implements ResultWriter<List<Prediction>> {
    @Override
    public void result(String image, List<Prediction> predictions) throws IOException {
      StringBuilder text = new StringBuilder(image);
      for (Prediction p : predictions) {
        text.append(
            String.format(
                Locale.ROOT, "%n%8.2f %%  %s (%d)", 100 * p.score(), p.label(), p.index()));
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
