package ocellus.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import ocellus.engine.Tensor;
import ocellus.loaders.image.Size;
import ocellus.models.LoadOptions;
import ocellus.models.LoadedModel;
import ocellus.models.MemoryException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code ocellus bench}: how long the forward pass of a model takes. */
final class BenchCommand implements Command {
  private static final int DEFAULT_SECONDS = 5;

  /** What the compiler needs until the kernels are as fast as they get. */
  private static final int LEAST_WARM_UP_SECONDS = 2;

  private static final double NANOS_PER_MILLI = 1e6;
  private static final String BUILT_IN = "built-in";

  @Override
  public String name() {
    return "bench";
  }

  @Override
  public String summary() {
    return "measure how long the forward pass of a model takes";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addOption(
        Options.model()
            .description("folder of the checkpoint; the model that ships with Ocellus if absent")
            .build());
    spec.addOption(Options.positive("--batch", "N", "images in a pass; 1 if absent"));
    spec.addOption(Options.threads());
    spec.addOption(Options.weights());
    spec.addOption(
        Options.positive(
            "--seconds",
            "S",
            "how long to measure, after a warm-up; " + DEFAULT_SECONDS + " if absent"));
    spec.addOption(Options.format("text", "json"));
    spec.usageMessage()
        .footer(
            "",
            "Only the forward pass is measured, on a fixed input: no decoding, no resizing.",
            "",
            "Examples:",
            "  ocellus bench",
            "  ocellus bench --model vit_tiny --threads 1 --seconds 10 --format json");
  }

  @Override
  public int run(ParseResult args, Console console) throws IOException {
    Path directory = Options.path(args, "--model");
    LoadOptions options = Options.loadOptions(args);
    int batch = args.matchedOptionValue("--batch", 1);
    int seconds = args.matchedOptionValue("--seconds", DEFAULT_SECONDS);

    long start = System.nanoTime();
    try (LoadedModel model =
        directory == null ? LoadedModel.builtIn(options) : LoadedModel.load(directory, options)) {
      double loadMillis = millisSince(start);
      Runnable pass = pass(model, fixedInput(model, batch));
      start = System.nanoTime();
      pass.run();
      double firstMillis = millisSince(start);
      repeat(pass, Math.max(seconds / 2.0, LEAST_WARM_UP_SECONDS));
      double[] millis = repeat(pass, seconds);
      BenchReport report =
          new BenchReport(
              directory == null ? BUILT_IN : directory.toString(),
              batch,
              options.threads(),
              millis,
              firstMillis,
              loadMillis);
      LineWriter lines = new LineWriter(console.out());
      lines.print(Options.format(args).equals("json") ? report.json() : report.text());
      return ExitCode.DONE;
    }
  }

  private static Runnable pass(LoadedModel model, List<Tensor> input) {
    return model.network().classCount() == 0
        ? () -> model.features(input)
        : () -> model.logits(input);
  }

  /** Noise such as a normalised image has; the same at each run. */
  private static List<Tensor> fixedInput(LoadedModel model, int batch) {
    Size size = model.inputSize();
    int channels = model.network().inputChannels();
    long bytes = (long) batch * size.height() * size.width() * channels * Float.BYTES;
    if (bytes > Runtime.getRuntime().maxMemory()) {
      throw MemoryException.ofBatch(batch, bytes); // rather than fill all there is
    }
    Random random = new Random(1);
    return IntStream.range(0, batch)
        .mapToObj(
            _ -> {
              Tensor image = Tensor.zeros(size.height(), size.width(), channels);
              float[] data = image.data();
              for (int i = 0; i < data.length; i++) {
                data[i] = (float) random.nextGaussian();
              }
              return image;
            })
        .toList();
  }

  /** How many milliseconds each of the passes took that fit into a time, at least one; sorted. */
  private static double[] repeat(Runnable pass, double seconds) {
    long begin = System.nanoTime();
    double[] millis = new double[1024];
    int runs = 0;
    do {
      if (runs == millis.length) {
        millis = Arrays.copyOf(millis, 2 * runs);
      }
      long start = System.nanoTime();
      pass.run();
      millis[runs++] = millisSince(start);
    } while (System.nanoTime() - begin < seconds * 1e9);
    double[] sorted = Arrays.copyOf(millis, runs);
    Arrays.sort(sorted);
    return sorted;
  }

  private static double millisSince(long start) {
    return (System.nanoTime() - start) / NANOS_PER_MILLI;
  }
}
