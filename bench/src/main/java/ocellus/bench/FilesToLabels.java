package ocellus.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import ocellus.models.ImageClassifier;
import ocellus.models.LoadOptions;
import ocellus.models.Prediction;

/**
 * From the files of a folder to the best class of each picture, beside Pillow and ONNX Runtime in
 * one Python process with as many threads, in {@link Turns}.
 *
 * <p>Arguments: the command that starts a Python with Pillow, NumPy and ONNX Runtime, the folder of
 * a model as src/reference/export_onnx.py writes it, a folder of JPEGs, and threads, by default 2.
 */
public final class FilesToLabels {
  private static final double WARM_UP_SECONDS = 8;
  private static final double SECONDS = 12;

  /** Of the pictures; the best two classes of a picture may be equal but for rounding. */
  private static final double LEAST_AGREEMENT = 0.98;

  private FilesToLabels() {}

  /** Prints times and their ratio. */
  public static void main(String[] args) throws IOException {
    if (args.length < 3) {
      throw new IllegalArgumentException("bench/run FilesToLabels PYTHON MODEL FOLDER [THREADS]");
    }
    Path model = Path.of(args[1]);
    Path folder = Path.of(args[2]);
    int threads = args.length > 3 ? Integer.parseInt(args[3]) : 2;
    List<Path> files;
    try (Stream<Path> paths = Files.list(folder)) {
      files = paths.filter(FilesToLabels::isJpeg).sorted().toList();
    }
    LoadOptions options = LoadOptions.defaults().withThreads(threads);
    try (var classifier = ImageClassifier.load(model, options);
        var python = new PythonProcess(args[0], "files_to_labels.py", model, folder, threads)) {
      List<List<Prediction>> best = classifier.classifyFiles(files, 1);
      double[] theirs = python.ask("labels");
      int same = 0;
      for (int i = 0; i < files.size(); i++) {
        same += best.get(i).getFirst().index() == (int) theirs[i] ? 1 : 0;
      }
      System.out.printf("%d of %d labels are the same%n", same, files.size());
      if (same < LEAST_AGREEMENT * files.size()) {
        throw new IllegalStateException("too many labels differ for the two to do the same");
      }
      Timed ours = millis -> Side.time(() -> classifier.classifyFiles(files, 1), millis);
      Timed peer = millis -> python.ask("passes " + millis);
      List<Double> millis = Turns.take(List.of(ours, peer), WARM_UP_SECONDS, SECONDS).millis();
      System.out.printf(
          Locale.ROOT,
          "%d threads: Ocellus %.1f ms (%.1f images/s), Pillow and ONNX Runtime %.1f ms"
              + " (%.1f images/s), ratio %.2f%n",
          threads,
          millis.get(0),
          files.size() / millis.get(0) * 1e3,
          millis.get(1),
          files.size() / millis.get(1) * 1e3,
          millis.get(1) / millis.get(0));
    }
  }

  private static boolean isJpeg(Path path) {
    return path.toString().toLowerCase(Locale.ROOT).matches(".*\\.jpe?g");
  }
}
