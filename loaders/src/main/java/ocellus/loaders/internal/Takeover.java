package ocellus.loaders.internal;

import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import ocellus.engine.kernels.VectorWidth;
import ocellus.engine.threads.Background;

/**
 * Decides when vector code takes over from plain code that computes the same.
 *
 * <p>A vector operation that is not compiled takes a microsecond, so one picture, or a few, are
 * prepared sooner without. After that a background thread runs the vector code until it is measured
 * to be faster than the plain one. Thread-safe.
 */
public final class Takeover {
  /** Some microseconds of the same work, done both ways. */
  public interface Trial {
    void withVectors();

    void withoutVectors();
  }

  /** Pairs of trials, a millisecond apart at least, before it is given up. */
  private static final int MOST_TRIALS = 5000;

  private final long enough;
  private final Supplier<Trial> trial;

  /** Counts of several threads may get lost, which only delays. */
  private long done;

  private boolean requested;

  /** Written once; whoever does not see it yet takes the plain code. */
  private boolean ready;

  /**
   * @param enough work of the plain code after which more can be expected
   */
  public Takeover(long enough, Supplier<Trial> trial) {
    this.enough = enough;
    this.trial = trial;
  }

  /**
   * Whether to take vectors for so much work, which counts as work of the plain code if not.
   *
   * <p>To be asked once a picture, so that compilers see one path.
   */
  public boolean isReady(long more) {
    if (!ready && VectorWidth.BITS != 0) {
      done += more;
      if (done >= enough) {
        request();
      }
    }
    return ready;
  }

  private synchronized void request() {
    if (!requested) {
      requested = true;
      Background.submit(step(trial.get()));
    }
  }

  private BooleanSupplier step(Trial both) {
    int[] trials = new int[1];
    return () -> {
      long start = System.nanoTime();
      both.withVectors();
      long between = System.nanoTime();
      both.withoutVectors();
      long end = System.nanoTime();
      if (between - start < end - between) {
        ready = true;
        return true;
      }
      return ++trials[0] == MOST_TRIALS;
    };
  }
}
