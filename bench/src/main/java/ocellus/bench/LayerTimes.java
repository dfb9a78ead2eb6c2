package ocellus.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import ocellus.engine.Tensor;
import ocellus.engine.kernels.KernelDecorator;
import ocellus.models.ImageModel;
import ocellus.models.LoadOptions;
import ocellus.models.LoadedModel;

/**
 * Where the time of a forward pass of one image goes: by kernel and shape, and by kernel.
 *
 * <p>Arguments: {@code [--threads N] [--markdown] DIR}.
 */
public final class LayerTimes {
  private static final double WARM_UP_SECONDS = 5;
  private static final double SECONDS = 5;
  private static final int WIDTH = 44;

  private LayerTimes() {}

  /**
   * @param args see above
   */
  public static void main(String[] args) {
    int threads = 1;
    boolean markdown = false;
    Path directory = null;
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--threads" -> threads = Integer.parseInt(args[++i]);
        case "--markdown" -> markdown = true;
        default -> directory = Path.of(args[i]);
      }
    }
    if (directory == null) {
      throw new IllegalArgumentException("bench/run LayerTimes [--threads N] [--markdown] DIR");
    }
    FmaCeiling.multiplyAddsPerSecond();
    KernelTimes[] times = new KernelTimes[1];
    KernelDecorator.install(
        kernels -> {
          times[0] = new KernelTimes(kernels);
          return times[0].measured();
        });
    try (LoadedModel model =
        LoadedModel.load(directory, LoadOptions.defaults().withThreads(threads))) {
      ImageModel network = model.network();
      List<Tensor> image =
          List.of(
              KernelRun.randomTensor(
                  network.inputHeight(), network.inputWidth(), network.inputChannels()));
      Side.time(() -> model.logits(image), WARM_UP_SECONDS * 1e3);
      times[0].reset();
      double[] millis = Side.time(() -> model.logits(image), SECONDS * 1e3);
      double ceiling = threads * FmaCeiling.sample();
      print(times[0], millis, ceiling, markdown);
    }
  }

  private static void print(KernelTimes times, double[] millis, double ceiling, boolean markdown) {
    int passes = millis.length;
    double pass = DoubleStream.of(millis).sum() / 1e3 / passes;
    Table shapes =
        new Table(System.out, markdown, WIDTH, "kernel", "calls", "us", "share", "of ceiling");
    Map<String, double[]> kernels = new TreeMap<>();
    double inKernels = 0;
    for (KernelTimes.Entry entry : times.entries()) {
      double seconds = entry.seconds() / passes;
      double calls = (double) entry.calls() / passes;
      double work = entry.multiplyAdds * calls;
      shapes.row(
          entry.kernel + " " + entry.shapes,
          format("%.0f", calls),
          format("%.1f", seconds * 1e6),
          format("%.1f %%", 100 * seconds / pass),
          work == 0 ? "" : format("%.2f", work / seconds / ceiling));
      double[] sum = kernels.computeIfAbsent(entry.kernel, _ -> new double[2]);
      sum[0] += seconds;
      sum[1] += work;
      inKernels += seconds;
    }
    System.out.println();
    Table sums = new Table(System.out, markdown, WIDTH, "kernel", "us", "share", "of ceiling");
    kernels.forEach(
        (kernel, sum) ->
            sums.row(
                kernel,
                format("%.1f", sum[0] * 1e6),
                format("%.1f %%", 100 * sum[0] / pass),
                sum[1] == 0 ? "" : format("%.2f", sum[1] / sum[0] / ceiling)));
    double between = pass - inKernels;
    sums.row(
        "(between kernels)",
        format("%.1f", between * 1e6),
        format("%.1f %%", 100 * between / pass),
        "");
    sums.row("pass", format("%.1f", pass * 1e6), "100 %", "");
  }

  private static String format(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
