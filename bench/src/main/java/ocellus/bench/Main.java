package ocellus.bench;

import java.util.Collection;
import java.util.Locale;
import ocellus.bench.LayerShapes.Activated;
import ocellus.bench.LayerShapes.Convolution;
import ocellus.bench.LayerShapes.Depthwise;
import ocellus.bench.LayerShapes.Grouped;
import ocellus.bench.LayerShapes.Layer;
import ocellus.bench.LayerShapes.Map;
import ocellus.bench.LayerShapes.Norm;
import ocellus.bench.LayerShapes.Product;
import ocellus.bench.LayerShapes.SelfAttention;
import ocellus.bench.LayerShapes.Tokens;
import ocellus.bench.LayerShapes.WindowAttention;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs the JMH benchmarks that its arguments select, as JMH's own program does, and ends with a
 * table of medians as fractions of the {@link FmaCeiling} measured in the same run.
 */
public final class Main {
  private Main() {}

  /**
   * @param args JMH's options and patterns; see {@code -h}
   */
  public static void main(String[] args) throws RunnerException, CommandLineOptionException {
    CommandLineOptions options = new CommandLineOptions(args);
    if (options.shouldHelp()) {
      try {
        options.showHelp();
      } catch (java.io.IOException e) {
        throw new IllegalStateException(e);
      }
      return;
    }
    OptionsBuilder builder = new OptionsBuilder();
    builder
        .parent(options)
        .forks(options.getForkCount().orElse(1))
        .warmupIterations(options.getWarmupIterations().orElse(3))
        .warmupTime(options.getWarmupTime().orElse(TimeValue.seconds(1)))
        .measurementIterations(options.getMeasurementIterations().orElse(3))
        .measurementTime(options.getMeasurementTime().orElse(TimeValue.seconds(1)))
        .jvmArgsAppend("--add-modules=jdk.incubator.vector");
    double before = FmaCeiling.multiplyAddsPerSecond();
    Collection<RunResult> results = new Runner(builder.build()).run();
    double ceiling = Math.max(before, FmaCeiling.multiplyAddsPerSecond());
    System.out.printf(Locale.ROOT, "%nFMA ceiling of one core: %.0f GFLOPS%n", 2 * ceiling / 1e9);
    System.out.printf("%-46s %12s %9s %9s%n", "", "median us", "GFLOPS", "fraction");
    for (RunResult result : results) {
      print(result, ceiling);
    }
  }

  private static void print(RunResult result, double ceiling) {
    BenchmarkParams params = result.getParams();
    String benchmark = params.getBenchmark().replaceAll(".*\\.(\\w+)Benchmark\\..*", "$1");
    String shape = params.getParam("shape");
    double median = result.getPrimaryResult().getStatistics().getPercentile(50);
    if (shape == null) {
      System.out.printf(
          Locale.ROOT,
          "%-46s %12.1f%n",
          benchmark + " " + params.getParam("model"),
          params.getTimeUnit().toNanos(1) / 1e3 * median);
      return;
    }
    double rate = layer(benchmark, shape).multiplyAdds() / (median / 1e6);
    System.out.printf(
        Locale.ROOT,
        "%-46s %12.1f %9.1f %9.2f%n",
        benchmark + " " + shape,
        median,
        2 * rate / 1e9,
        rate / ceiling);
  }

  private static Layer layer(String benchmark, String shape) {
    return switch (benchmark) {
      case "Product" -> Product.valueOf(shape);
      case "Convolution" -> Convolution.valueOf(shape);
      case "Grouped" -> Grouped.valueOf(shape);
      case "Depthwise" -> Depthwise.valueOf(shape);
      case "Attention" -> SelfAttention.valueOf(shape);
      case "WindowAttention" -> WindowAttention.valueOf(shape);
      case "Tokens" -> Tokens.valueOf(shape);
      case "Norm" -> Norm.valueOf(shape);
      case "Activated" -> Activated.valueOf(shape);
      case "Map" -> Map.valueOf(shape);
      default -> throw new IllegalArgumentException(benchmark);
    };
  }
}
