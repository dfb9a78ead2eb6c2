package ocellus.cli;

import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import ocellus.engine.OcellusException;
import ocellus.models.LoadOptions;
import ocellus.models.MemoryException;
import picocli.CommandLine.ParseResult;

/**
 * Computes something for each image, several at once, prints the results in the order of the
 * images, and goes on where one fails.
 */
final class ImageRun {
  private final Console console;
  private final boolean verbose;
  private final List<ImageSource> images;
  private final LoadOptions options;
  private final int threads;

  ImageRun(Console console, ParseResult args) {
    this(console, args, ImageSource.all(args, console));
  }

  ImageRun(Console console, ParseResult args, List<ImageSource> images) {
    this.console = console;
    this.verbose = Options.isVerbose(args);
    this.images = images;
    this.options = Options.loadOptions(args);
    this.threads = options.threads();
  }

  /** What there is to compute, in this order. */
  List<ImageSource> images() {
    return images;
  }

  /** Whether there are enough images to give each thread its own. */
  private boolean oneThreadAnImage() {
    return images.size() >= threads;
  }

  /** How to load the model: the threads are either its own or those that decode the images. */
  LoadOptions modelOptions() {
    return options.withThreads(oneThreadAnImage() ? 1 : threads);
  }

  /** What became of one image: a result, or what was thrown. */
  private record Outcome<R>(R result, Throwable failure) {}

  /**
   * Runs the job for each image.
   *
   * @param job reads the image and computes something for it
   * @return the exit code
   * @throws MemoryException if the model needs more memory than there is
   */
  <R> int run(Function<ImageSource, R> job, ResultWriter<R> writer) throws IOException {
    Progress progress = new Progress(console.showsProgress() ? console.err() : null, images.size());
    int[] failures = {0};
    try {
      OrderedJobs.run(
          images,
          oneThreadAnImage() ? threads : 1,
          image -> outcome(image, job),
          (ImageSource image, Outcome<R> outcome) -> {
            if (outcome.failure == null) {
              writer.result(image.name(), outcome.result);
            } else if (outcome.failure instanceof MemoryException e) {
              throw e; // so would every image that follows
            } else {
              failures[0]++;
              progress.hide();
              report(image.name(), outcome.failure, writer);
            }
            progress.step();
          });
    } finally {
      progress.hide();
    }
    return failures[0] == 0 ? ExitCode.DONE : ExitCode.SOME_FAILED;
  }

  private static <R> Outcome<R> outcome(ImageSource image, Function<ImageSource, R> job) {
    try {
      return new Outcome<>(job.apply(image), null);
    } catch (RuntimeException | OutOfMemoryError e) {
      return new Outcome<>(null, e);
    }
  }

  private <R> void report(String image, Throwable failure, ResultWriter<R> writer)
      throws IOException {
    String message =
        switch (failure) {
          case OcellusException e -> e.getMessage();
          case OutOfMemoryError e -> MemoryException.of(e).getMessage();
          default -> Program.DEFECT + failure;
        };
    console.complain(named(image, message));
    if (verbose) {
      failure.printStackTrace(console.err());
    }
    writer.failure(image, message);
  }

  /** The message with the image's name in it. */
  static String named(String image, String message) {
    return message.contains(image) ? message : image + ": " + message;
  }
}
