package ocellus.cli;

import java.util.Locale;

/** What {@code ocellus bench} measured. */
final class BenchReport {
  private final String model;
  private final int batch;
  private final int threads;
  private final double[] millis;
  private final double firstMillis;
  private final double loadMillis;

  /**
   * @param model what the user called it
   * @param batch images in a pass
   * @param threads that worked on it
   * @param millis how long each pass took, ascending
   * @param firstMillis how long the first pass of the process took
   * @param loadMillis how long it took to load the model
   */
  BenchReport(
      String model,
      int batch,
      int threads,
      double[] millis,
      double firstMillis,
      double loadMillis) {
    this.model = model;
    this.batch = batch;
    this.threads = threads;
    this.millis = millis;
    this.firstMillis = firstMillis;
    this.loadMillis = loadMillis;
  }

  private double median() {
    int middle = millis.length / 2;
    return millis.length % 2 == 1 ? millis[middle] : (millis[middle - 1] + millis[middle]) / 2;
  }

  /** The smallest time that nine passes of ten do not exceed. */
  private double p90() {
    return millis[Math.ceilDiv(millis.length * 9, 10) - 1];
  }

  private double imagesPerSecond() {
    return batch * 1000 / median();
  }

  String json() {
    Json json = new Json().beginObject();
    json.key("model").value(model).key("batch").value(batch).key("threads").value(threads);
    json.key("runs").value(millis.length);
    json.key("median_ms").value(median()).key("min_ms").value(millis[0]);
    json.key("p90_ms").value(p90()).key("first_ms").value(firstMillis);
    json.key("load_ms").value(loadMillis).key("images_per_s").value(imagesPerSecond());
    return json.endObject().toString();
  }

  String text() {
    return String.format(
        Locale.ROOT,
        """
        %s, batch %d, threads %d
        forward pass  median %.3f ms, least %.3f ms, 90th percentile %.3f ms, of %d runs
        throughput    %.1f images a second
        cold          load %.0f ms, first pass %.0f ms\
        """,
        model,
        batch,
        threads,
        median(),
        millis[0],
        p90(),
        millis.length,
        imagesPerSecond(),
        loadMillis,
        firstMillis);
  }
}
