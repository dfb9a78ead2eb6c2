package ocellus.engine.kernels.simd;

import java.lang.System.Logger.Level;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import ocellus.engine.threads.Background;

/**
 * Decides when a kernel that takes long to compile takes over from its starter: a small one of half
 * the speed that computes the same bits.
 *
 * <p>Compiling it takes about a tenth of a second, which pays once so much work has been done that
 * more can be expected. Then a background thread calls it on a small operand until it is measured
 * to be as fast as the starter, at least, and as fast as compiled code is. A kernel that the
 * optimising compiler gives up on never is, and so is never used: the starter goes on in its place.
 */
final class Upgrade implements BooleanSupplier {
  /**
   * Multiply-adds of starters after which kernels are compiled, though no pass has ended: one image
   * of a ViT-B/16 has fewer.
   */
  private static final long ENOUGH_WORK = 5L << 32;

  /** A kernel takes half the starter's time, or the same if small; not compiled, the 50-fold. */
  private static final double TOLERANCE = 1.5;

  /**
   * The longest that a multiplication of two vectors takes in compiled code, on any machine; else
   * it takes about a microsecond. Where the compiler is behind, starters are slow too, and a kernel
   * that is as slow as they are is no better for it.
   */
  static final long SLOWEST_NANOS = 20;

  /** Calls that are timed together. */
  private static final int CALLS = 10;

  /** Steps of the background thread, a millisecond each at least, before a kernel is given up. */
  static final int MOST_STEPS = 5000;

  /** Work of all starters. Counts of several threads may get lost, which only delays. */
  private static long work;

  /** Has kernels compiled from now on, however little work has been done. */
  static void hurry() {
    work = ENOUGH_WORK;
  }

  private final String name;
  private final long mostNanos;
  private final LongSupplier kernelNanos;
  private final LongSupplier starterNanos;
  private boolean requested;
  private int steps;

  /** Written once, by the background thread; whoever does not see it yet takes the starter. */
  private boolean ready;

  /**
   * @param vectors multiplications of vectors that the kernel does for its small operand
   * @param kernelNanos runs the kernel on a small operand and says for how long
   * @param starterNanos runs the starter on the same and says for how long
   */
  Upgrade(String name, long vectors, LongSupplier kernelNanos, LongSupplier starterNanos) {
    this.name = name;
    this.mostNanos = CALLS * vectors * SLOWEST_NANOS;
    this.kernelNanos = kernelNanos;
    this.starterNanos = starterNanos;
  }

  /**
   * Whether to take the kernel rather than the starter for so many multiply-adds, which count as
   * work of the starter if not.
   */
  boolean isReady(long multiplyAdds) {
    if (!ready) {
      work += multiplyAdds;
      if (work >= ENOUGH_WORK) {
        request();
      }
    }
    return ready;
  }

  boolean isReady() {
    return ready;
  }

  private synchronized void request() {
    if (!requested) {
      requested = true;
      Background.submit(this);
    }
  }

  /** One step of the background thread; returns whether it was the last. */
  @Override
  public boolean getAsBoolean() {
    long nanos = kernelNanos.getAsLong();
    if (nanos <= mostNanos && nanos <= TOLERANCE * starterNanos.getAsLong()) {
      ready = true;
      return true;
    }
    if (++steps < MOST_STEPS) {
      return false;
    }
    System.getLogger("ocellus")
        .log(Level.INFO, "kernel {0} does not get compiled; a smaller one is used", name);
    return true;
  }

  /** The time of some calls. */
  static long nanos(Runnable call) {
    long start = System.nanoTime();
    for (int i = 0; i < CALLS; i++) {
      call.run();
    }
    return System.nanoTime() - start;
  }
}
