package ocellus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import ocellus.loaders.json.JsonObject;
import org.junit.jupiter.api.Test;

class BenchReportTest {
  private static BenchReport report(double... millis) {
    return new BenchReport("dir", 4, 2, millis, 30.5, 100);
  }

  private static JsonObject json(BenchReport report) {
    return JsonObject.parse("bench", report.json().getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void medianLeastAndPercentile() {
    JsonObject even = json(report(IntStream.rangeClosed(1, 20).asDoubleStream().toArray()));
    assertEquals(20, even.integer("runs"));
    assertEquals(10.5, even.number("median_ms"));
    assertEquals(1, even.number("min_ms"));
    assertEquals(18, even.number("p90_ms"));
    assertEquals(4 * 1000 / 10.5, even.number("images_per_s"));

    JsonObject odd = json(report(1, 2, 10));
    assertEquals(2, odd.number("median_ms"));
    assertEquals(10, odd.number("p90_ms"));

    JsonObject single = json(report(7));
    assertEquals(7, single.number("median_ms"));
    assertEquals(7, single.number("p90_ms"));
  }

  @Test
  void restatesWhatWasMeasured() {
    JsonObject json = json(report(1));
    assertEquals("dir", json.string("model"));
    assertEquals(4, json.integer("batch"));
    assertEquals(2, json.integer("threads"));
    assertEquals(30.5, json.number("first_ms"));
    assertEquals(100, json.number("load_ms"));
  }

  @Test
  void textForPeople() {
    String text = report(1.25).text();
    assertTrue(text.startsWith("dir, batch 4, threads 2\n"), text);
    assertTrue(text.contains("median 1.250 ms"), text);
    assertTrue(text.contains("3200.0 images a second"), text);
  }
}
