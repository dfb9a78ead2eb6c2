package ocellus.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import ocellus.engine.kernels.WeightFormat;
import ocellus.loaders.image.Images;
import ocellus.loaders.image.RgbImage;
import ocellus.models.ImageClassifier;
import ocellus.models.LoadOptions;

/**
 * What it costs and gives to keep weights in 16 bits. Arguments: folders of checkpoints. The passes
 * of each format are measured in {@link Turns}, with 1 and 2 threads and one image. After {@code
 * --photographs FOLDER}, instead, the logits for the pictures in it are compared with those of F32.
 */
public final class WeightFormats {
  private static final double WARM_UP_SECONDS = 3;
  private static final double SECONDS = 10;
  private static final int TOP = 5;

  private WeightFormats() {}

  /** Prints a table in Markdown. */
  public static void main(String[] args) throws IOException {
    boolean compares = args.length > 0 && args[0].equals("--photographs");
    List<Path> directories = Stream.of(args).skip(compares ? 2 : 0).map(Path::of).toList();
    if (compares) {
      compare(photographs(Path.of(args[1])), directories);
    } else {
      measure(directories);
    }
  }

  private static void measure(List<Path> directories) {
    List<String> heads = new ArrayList<>(List.of("model", "threads"));
    for (WeightFormat format : WeightFormat.values()) {
      heads.add(format + " MB");
      heads.add(format + " ms");
    }
    Table table = Table.markdown(System.out, heads.toArray(String[]::new));
    for (Path directory : directories) {
      for (int threads : new int[] {1, 2}) {
        List<String> cells = new ArrayList<>();
        cells.add(directory.getFileName().toString());
        cells.add(Integer.toString(threads));
        List<OcellusSide> sides = new ArrayList<>();
        try {
          for (WeightFormat format : WeightFormat.values()) {
            LoadOptions options = LoadOptions.defaults().withThreads(threads).withWeights(format);
            sides.add(new OcellusSide(format.toString(), directory, options, 1));
          }
          List<Double> millis = Turns.take(sides, WARM_UP_SECONDS, SECONDS).millis();
          for (int i = 0; i < sides.size(); i++) {
            cells.add(format("%.1f", sides.get(i).weightBytes() / 1e6));
            cells.add(format("%.2f", millis.get(i)));
          }
        } finally {
          sides.forEach(Side::close);
        }
        table.row(cells.toArray(String[]::new));
      }
    }
  }

  private static List<RgbImage> photographs(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(f -> f.toString().toLowerCase(Locale.ROOT).endsWith("eg"))
          .sorted()
          .map(Images::read)
          .toList();
    }
  }

  private static void compare(List<RgbImage> images, List<Path> directories) {
    Table table =
        Table.markdown(
            System.out,
            "model",
            "weights",
            "largest difference / largest logit",
            "mean difference / largest logit",
            "same best class",
            "same best " + TOP);
    for (Path directory : directories) {
      List<float[]> exact = logits(directory, WeightFormat.F32, images);
      for (WeightFormat format : List.of(WeightFormat.F16, WeightFormat.BF16)) {
        Deviation deviation = new Deviation(exact, logits(directory, format, images));
        table.row(
            directory.getFileName().toString(),
            format.toString(),
            format("%.1e", deviation.largest / deviation.largestLogit),
            format("%.1e", deviation.sum / deviation.count / deviation.largestLogit),
            deviation.sameBest + " of " + images.size(),
            deviation.sameTop + " of " + images.size());
      }
    }
  }

  private static List<float[]> logits(Path directory, WeightFormat format, List<RgbImage> images) {
    LoadOptions options = LoadOptions.defaults().withWeights(format);
    try (ImageClassifier classifier = ImageClassifier.load(directory, options)) {
      return classifier.logits(images);
    }
  }

  private static String format(String pattern, double value) {
    return String.format(Locale.ROOT, pattern, value);
  }

  /** How far logits are from others. */
  private static final class Deviation {
    double largestLogit;
    double largest;
    double sum;
    long count;
    int sameBest;
    int sameTop;

    Deviation(List<float[]> expected, List<float[]> actual) {
      for (int i = 0; i < expected.size(); i++) {
        add(expected.get(i), actual.get(i));
      }
    }

    private void add(float[] expected, float[] actual) {
      for (int c = 0; c < expected.length; c++) {
        double difference = Math.abs(expected[c] - actual[c]);
        largestLogit = Math.max(largestLogit, Math.abs(expected[c]));
        largest = Math.max(largest, difference);
        sum += difference;
      }
      count += expected.length;
      int[] before = best(expected);
      int[] after = best(actual);
      sameBest += before[0] == after[0] ? 1 : 0;
      sameTop += Arrays.equals(before, after) ? 1 : 0;
    }

    /** The best classes, best first. */
    private static int[] best(float[] logits) {
      return IntStream.range(0, logits.length)
          .boxed()
          .sorted((a, b) -> Float.compare(logits[b], logits[a]))
          .limit(TOP)
          .mapToInt(Integer::intValue)
          .toArray();
    }
  }
}
