package ocellus.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What {@link SideBySide} compares.
 *
 * @param threads numbers of threads
 * @param batches numbers of images in a pass
 * @param warmUpSeconds of each row, for all programs together
 * @param seconds of each row, for all programs together
 * @param markdown whether the table is printed as Markdown
 * @param directories the models
 */
record SideBySideOptions(
    List<Integer> threads,
    List<Integer> batches,
    double warmUpSeconds,
    double seconds,
    boolean markdown,
    List<Path> directories) {
  private static final String USAGE =
      """
      bench/run SideBySide [--threads 1,2] [--batches 1,8] [--warm-up SECONDS] [--seconds SECONDS] \
      [--markdown] DIR...\
      """;

  /** From the words of the command line. */
  static SideBySideOptions parse(String[] args) {
    List<Integer> threads = List.of(1, 2);
    List<Integer> batches = List.of(1, 8);
    double warmUpSeconds = 5;
    double seconds = 10;
    boolean markdown = false;
    List<Path> directories = new ArrayList<>();
    try {
      for (int i = 0; i < args.length; i++) {
        switch (args[i]) {
          case "--threads" -> threads = numbers(args[++i]);
          case "--batches" -> batches = numbers(args[++i]);
          case "--warm-up" -> warmUpSeconds = Double.parseDouble(args[++i]);
          case "--seconds" -> seconds = Double.parseDouble(args[++i]);
          case "--markdown" -> markdown = true;
          default -> directories.add(directory(args[i]));
        }
      }
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw new IllegalArgumentException(USAGE, e);
    }
    if (directories.isEmpty()) {
      throw new IllegalArgumentException(USAGE);
    }
    return new SideBySideOptions(threads, batches, warmUpSeconds, seconds, markdown, directories);
  }

  /** What Ocellus is compared with. */
  List<String> peers() {
    return List.of("ONNX Runtime");
  }

  private static Path directory(String arg) {
    if (arg.startsWith("-")) {
      throw new IllegalArgumentException(USAGE);
    }
    return Path.of(arg);
  }

  private static List<Integer> numbers(String list) {
    return Arrays.stream(list.split(",")).map(Integer::valueOf).toList();
  }
}
