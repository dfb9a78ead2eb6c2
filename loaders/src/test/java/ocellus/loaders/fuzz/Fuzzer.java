package ocellus.loaders.fuzz;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import ocellus.engine.OcellusException;

/**
 * Feeds mutants to a {@link Target}: each has to be read or to be refused by an {@link
 * OcellusException} of one line, within a time and an amount of memory. The first that is not is
 * written to a file.
 */
final class Fuzzer {
  private static final long MOST_NANOS = 5_000_000_000L;
  private static final long LOOK_MILLIS = 50;

  /** What reading may allocate: for the largest picture that is accepted, and for the file. */
  private static final long MOST_ALLOCATED = 48 << 20;

  private static final long MOST_ALLOCATED_PER_BYTE = 200;

  /** The first mutants also load classes. */
  private static final int FIRST = 1000;

  private static final int MOST_MESSAGE = 1000;

  private final Target target;
  private final long seed;
  private final Path folder;
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private volatile byte[] current;
  private volatile long startedAt = Long.MAX_VALUE;
  private volatile String failure;
  private long accepted;
  private long refused;

  /**
   * @param folder for files of the target, and for what it fails on
   */
  Fuzzer(Target target, long seed, Path folder) {
    this.target = target;
    this.seed = seed;
    this.folder = folder;
  }

  /**
   * Runs for a time.
   *
   * @return how many mutants were read, and how many refused
   * @throws AssertionError that names the file with the mutant that went wrong
   */
  String run(double seconds) throws InterruptedException {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    var worker = new Thread(() -> work(end), "fuzz-" + target);
    worker.setDaemon(true);
    worker.start();
    while (worker.isAlive()) {
      worker.join(LOOK_MILLIS);
      if (failure == null && System.nanoTime() - startedAt > MOST_NANOS && worker.isAlive()) {
        var where = new StringBuilder("takes longer than 5 s");
        for (StackTraceElement element : worker.getStackTrace()) {
          where.append("\n  at ").append(element);
        }
        throw new AssertionError(report(where.toString()));
      }
    }
    if (failure != null) {
      throw new AssertionError(failure);
    }
    return "%s, seed %d: %d read, %d refused".formatted(target, seed, accepted, refused);
  }

  private void work(long end) {
    Mutator mutator = target.mutator(seed);
    for (int i = 0; failure == null && System.nanoTime() < end; i++) {
      byte[] mutant = mutator.next();
      if (mutator.repairs()) {
        target.repair(mutant);
      }
      current = mutant;
      long before = threads.getCurrentThreadAllocatedBytes();
      startedAt = System.nanoTime();
      read(mutant);
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      if (i >= FIRST && allocated > MOST_ALLOCATED + MOST_ALLOCATED_PER_BYTE * mutant.length) {
        failure = report("allocates " + allocated + " bytes");
      }
      compare(mutant);
      startedAt = Long.MAX_VALUE;
    }
  }

  private void compare(byte[] mutant) {
    try {
      target.compare(mutant);
    } catch (Throwable e) {
      failure = report(trace(e));
    }
  }

  private void read(byte[] mutant) {
    try {
      target.read(mutant, folder);
      accepted++;
    } catch (OcellusException e) {
      refused++;
      String message = e.getMessage();
      if (message.lines().count() != 1 || message.length() > MOST_MESSAGE) {
        failure = report("is refused with more than a line: " + message);
      }
    } catch (Throwable e) {
      failure = report(trace(e));
    }
  }

  private static String trace(Throwable e) {
    var where = new StringBuilder("gives " + e);
    for (StackTraceElement element : e.getStackTrace()) {
      where.append("\n  at ").append(element);
    }
    return where.toString();
  }

  private String report(String what) {
    Path file = folder.resolve("%s-%d.bin".formatted(target, System.currentTimeMillis()));
    try {
      Files.write(file, current);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return "%s (%s, seed %d) %s".formatted(file.toAbsolutePath(), target, seed, what);
  }
}
