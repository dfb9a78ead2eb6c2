package ocellus.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What {@link SideBySide} compares.
 *
 * @param threads numbers of threads
 * @param batches numbers of images or texts in a pass
 * @param warmUpSeconds for each program in each row
 * @param seconds for each program in each row
 * @param python the command that starts a Python with PyTorch, which is compared, too; null for
 *     none
 * @param texts whether the text towers of the models are compared in place of the image towers
 * @param markdown whether the table is printed as Markdown
 * @param directories the models
 */
record SideBySideOptions(
    List<Integer> threads,
    List<Integer> batches,
    double warmUpSeconds,
    double seconds,
    String python,
    boolean texts,
    boolean markdown,
    List<Path> directories) {
  private static final String USAGE =
      """
      bench/run SideBySide [--threads 1,2] [--batches 1,8] [--warm-up SECONDS] [--seconds SECONDS] \
      [--torch PYTHON | --texts] [--markdown] DIR...\
      """;

  /** From the words of the command line. */
  static SideBySideOptions parse(String[] args) {
    List<Integer> threads = List.of(1, 2);
    List<Integer> batches = List.of(1, 8);
    double warmUpSeconds = 3;
    double seconds = 5;
    String python = null;
    boolean texts = false;
    boolean markdown = false;
    List<Path> directories = new ArrayList<>();
    try {
      for (int i = 0; i < args.length; i++) {
        switch (args[i]) {
          case "--threads" -> threads = numbers(args[++i]);
          case "--batches" -> batches = numbers(args[++i]);
          case "--warm-up" -> warmUpSeconds = Double.parseDouble(args[++i]);
          case "--seconds" -> seconds = Double.parseDouble(args[++i]);
          case "--torch" -> python = args[++i];
          case "--texts" -> texts = true;
          case "--markdown" -> markdown = true;
          default -> directories.add(directory(args[i]));
        }
      }
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw new IllegalArgumentException(USAGE, e);
    }
    if (directories.isEmpty() || (texts && python != null)) {
      throw new IllegalArgumentException(USAGE);
    }
    return new SideBySideOptions(
        threads, batches, warmUpSeconds, seconds, python, texts, markdown, directories);
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
