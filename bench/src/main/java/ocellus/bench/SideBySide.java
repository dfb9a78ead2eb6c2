package ocellus.bench;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Ocellus and its peers on the same weights and the same input, in {@link Turns}.
 *
 * <p>Arguments: {@link SideBySideOptions}. The folders have a checkpoint, its {@code model.onnx}
 * and the number of its {@code multiply_adds}, as src/reference/export_onnx.py writes them, or
 * export_clip_onnx.py, which adds a {@code text.onnx} of token ids.
 */
public final class SideBySide {
  /** All are right to rounding; this is to notice that they do not run the same network. */
  private static final double TOLERANCE = 1e-3;

  private static final int MODEL_WIDTH = 24;

  private final SideBySideOptions options;
  private final Table table;
  private final List<Ratios> ratios = new ArrayList<>();

  private SideBySide(SideBySideOptions options) {
    this.options = options;
    List<String> heads = new ArrayList<>(List.of("model", "threads", "batch", "Ocellus ms"));
    ratios.add(new Ratios(OnnxSide.NAME));
    if (options.python() != null) {
      ratios.add(new Ratios(TorchSide.NAME));
    }
    for (Ratios peer : ratios) {
      heads.add(peer.name + " ms");
      heads.add("ratio");
    }
    if (!options.texts()) {
      heads.add("of ceiling");
    }
    this.table =
        new Table(System.out, options.markdown(), MODEL_WIDTH, heads.toArray(String[]::new));
  }

  /**
   * @param args see {@link SideBySideOptions#parse}
   */
  public static void main(String[] args) throws OrtException, IOException {
    SideBySideOptions options = SideBySideOptions.parse(args);
    double ceiling = FmaCeiling.multiplyAddsPerSecond();
    System.out.printf(Locale.ROOT, "FMA ceiling of one core: %.0f GFLOPS%n%n", 2 * ceiling / 1e9);
    new SideBySide(options).run();
  }

  private void run() throws OrtException, IOException {
    for (Path directory : options.directories()) {
      for (int threads : options.threads()) {
        for (int batch : options.batches()) {
          compare(directory, threads, batch);
        }
      }
    }
    System.out.println();
    ratios.forEach(System.out::println);
  }

  private void compare(Path directory, int threads, int batch) throws OrtException, IOException {
    List<Side> sides = new ArrayList<>();
    try {
      if (options.texts()) {
        addTexts(directory, threads, batch, sides);
      } else {
        addImages(directory, threads, batch, sides);
      }
      for (Side peer : sides.subList(1, sides.size())) {
        requireSame(directory, sides.getFirst(), peer);
      }
      Turns.Result result = Turns.take(sides, options.warmUpSeconds(), options.seconds());
      double ours = result.millis().getFirst();
      List<String> cells = new ArrayList<>();
      cells.add(directory.getFileName().toString());
      cells.add(Integer.toString(threads));
      cells.add(Integer.toString(batch));
      cells.add(format(ours));
      for (int i = 1; i < sides.size(); i++) {
        double theirs = result.millis().get(i);
        cells.add(format(theirs));
        cells.add(format(ratios.get(i - 1).add(theirs / ours)));
      }
      if (!options.texts()) {
        double rate = batch * multiplyAdds(directory) / (ours / 1e3);
        cells.add(format(rate / (threads * result.ceiling())));
      }
      table.row(cells.toArray(String[]::new));
    } finally {
      sides.forEach(Side::close);
    }
  }

  private void addImages(Path directory, int threads, int batch, List<Side> sides)
      throws OrtException, IOException {
    OcellusSide ocellus = new OcellusSide(directory, threads, batch);
    sides.add(ocellus);
    sides.add(OnnxSide.best(directory, threads, ocellus.images()));
    if (options.python() != null) {
      sides.add(new TorchSide(options.python(), directory, threads, ocellus.images()));
    }
  }

  private static void addTexts(Path directory, int threads, int batch, List<Side> sides)
      throws OrtException {
    OcellusTexts ocellus = new OcellusTexts(directory, threads, batch);
    sides.add(ocellus);
    sides.add(OnnxSide.best(directory, threads, ocellus.ids()));
  }

  /** The multiply-adds of a forward pass of one image. */
  private static double multiplyAdds(Path directory) throws IOException {
    return Double.parseDouble(Files.readString(directory.resolve("multiply_adds")).strip());
  }

  private static void requireSame(Path directory, Side ours, Side peer) {
    float[] actual = ours.logits();
    float[] expected = peer.logits();
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    }
    if (!(difference <= TOLERANCE * largest)) {
      throw new IllegalStateException(
          "%s: the results differ from those of %s by %g of %g"
              .formatted(directory, peer.name(), difference, largest));
    }
  }

  private static String format(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  /** How much longer a peer takes. */
  private static final class Ratios {
    final String name;
    private double logs;
    private int count;
    private double least = Double.POSITIVE_INFINITY;

    Ratios(String name) {
      this.name = name;
    }

    double add(double ratio) {
      logs += Math.log(ratio);
      count++;
      least = Math.min(least, ratio);
      return ratio;
    }

    @Override
    public String toString() {
      return "%s / Ocellus: geometric mean %s, least %s"
          .formatted(name, format(Math.exp(logs / count)), format(least));
    }
  }
}
