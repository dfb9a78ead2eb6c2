package ocellus.engine.threads;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed team of threads that share the chunks of one parallel region after the other. The caller
 * is a member of the team.
 *
 * <p>Each thread has a run of neighbouring chunks, in whose caches their operands meet, and claims
 * them one by one; with none left, it helps the others from the ends of theirs. So a thread whose
 * core is taken by another process delays one chunk, not the region. An idle worker spins for
 * {@link #SPIN_NANOS}, since the layers of a network follow each other within microseconds, and
 * then parks.
 *
 * <p>Thread-safe: while one caller has the team, regions of other callers run on their own thread.
 */
public final class Threads implements AutoCloseable {
  /** Work of one region, cut into chunks that are independent of each other. */
  @FunctionalInterface
  public interface Task {
    /**
     * Does one chunk.
     *
     * @param chunk which, from 0
     * @param worker who: less than {@link Threads#count()}, different for threads that run at once
     */
    void run(int chunk, int worker);
  }

  /** The calling thread alone. */
  public static final Threads SERIAL = new Threads(1);

  private static final long SPIN_NANOS = 100_000;

  /** Polls between two looks at the clock. */
  private static final int POLLS = 64;

  // Where the contended words are, each on cache lines of its own.
  private static final int LINES = 16;
  private static final int REGION = LINES;
  private static final int PENDING = 2 * LINES;
  private static final int RUNS = 3 * LINES;

  private final Worker[] workers;
  private final AtomicBoolean taken = new AtomicBoolean();
  private final AtomicInteger sleepers = new AtomicInteger();

  /**
   * REGION: the region's number. PENDING: the chunks not yet finished. RUNS + i LINES: the chunks
   * of thread i that nobody has claimed, the first in the high half, the end in the low half. A
   * claim that succeeds keeps the region open until the chunk is done, so {@link #task} is stable
   * between claim and completion.
   */
  private final AtomicLongArray words;

  private Task task;
  private volatile Throwable failure;
  private volatile boolean closed;

  private Threads(int count) {
    workers = new Worker[count - 1];
    words = new AtomicLongArray(RUNS + (count + 1) * LINES);
  }

  /**
   * A team of {@code count} threads, the caller included.
   *
   * @throws IllegalArgumentException if {@code count} is not positive
   */
  public static Threads of(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("a team needs at least one thread, not " + count);
    }
    if (count == 1) {
      return SERIAL;
    }
    Threads team = new Threads(count);
    for (int i = 0; i < team.workers.length; i++) {
      Worker worker = team.new Worker(i + 1);
      team.workers[i] = worker;
      worker.start();
    }
    return team;
  }

  /** The processors that this process may use: as many as its cgroup grants. */
  public static int available() {
    return Runtime.getRuntime().availableProcessors();
  }

  /** The size of the team. */
  public int count() {
    return workers.length + 1;
  }

  /**
   * Runs all chunks of a region and returns when the last is done. What a chunk throws, the caller
   * gets.
   */
  public void run(int chunks, Task task) {
    if (chunks <= 1 || workers.length == 0 || !taken.compareAndSet(false, true)) {
      for (int i = 0; i < chunks; i++) {
        task.run(i, 0);
      }
      return;
    }
    Throwable thrown;
    try {
      open(chunks, task);
      claimUntilEmpty(0);
      awaitCompletion();
    } finally {
      this.task = null;
      thrown = failure;
      failure = null;
      taken.set(false);
    }
    if (thrown != null) {
      rethrow(thrown);
    }
  }

  /** Lets the workers end. Regions that follow run on the calling thread. */
  @Override
  public void close() {
    closed = true;
    for (Worker worker : workers) {
      LockSupport.unpark(worker);
    }
  }

  private void open(int chunks, Task task) {
    this.task = task;
    words.set(PENDING, chunks);
    int each = chunks / count();
    int more = chunks % count(); // the first threads have one more
    for (int i = 0, first = 0; i < count(); i++) {
      int end = first + each + (i < more ? 1 : 0);
      words.set(RUNS + i * LINES, (long) first << 32 | end);
      first = end;
    }
    words.set(REGION, words.get(REGION) + 1);
    if (sleepers.get() > 0) {
      int useful = Math.min(chunks - 1, workers.length);
      for (int i = 0; i < useful; i++) {
        LockSupport.unpark(workers[i]);
      }
    }
  }

  /** Does what is left of the run of {@code worker}, and then of the others'. */
  private void claimUntilEmpty(int worker) {
    for (int i = worker; i < count(); i++) {
      claimUntilEmpty(RUNS + i * LINES, worker, i == worker);
    }
    for (int i = 0; i < worker; i++) {
      claimUntilEmpty(RUNS + i * LINES, worker, false);
    }
  }

  private void claimUntilEmpty(int run, int worker, boolean own) {
    for (; ; ) {
      long unclaimed = words.get(run);
      int first = (int) (unclaimed >>> 32);
      int end = (int) unclaimed;
      if (first == end) {
        return;
      }
      if (words.weakCompareAndSetVolatile(run, unclaimed, unclaimed + (own ? 1L << 32 : -1))) {
        try {
          task.run(own ? first : end - 1, worker);
        } catch (Throwable t) {
          failure = t;
        } finally {
          words.getAndDecrement(PENDING);
        }
      }
    }
  }

  // Yielding is for the case that a worker lost its core in the middle of a chunk.
  @SuppressWarnings("ThreadPriorityCheck")
  private void awaitCompletion() {
    for (int polls = 0; words.get(PENDING) != 0; polls++) {
      if (polls < 1 << 14) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
  }

  private static void rethrow(Throwable thrown) {
    switch (thrown) {
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(thrown);
    }
  }

  private final class Worker extends Thread {
    private final int index;

    Worker(int index) {
      super("ocellus-" + index);
      this.index = index;
      setDaemon(true);
    }

    @Override
    public void run() {
      for (long seen = 0; !closed; ) {
        if (!spin(seen)) {
          park(seen);
        }
        seen = words.get(REGION);
        claimUntilEmpty(index);
      }
    }

    /** Waits a little for another region; returns whether there is one. */
    private boolean spin(long seen) {
      long deadline = System.nanoTime() + SPIN_NANOS;
      do {
        for (int i = 0; i < POLLS; i++) {
          if (words.get(REGION) != seen) {
            return true;
          }
          Thread.onSpinWait();
        }
      } while (System.nanoTime() < deadline && !closed);
      return false;
    }

    private void park(long seen) {
      sleepers.incrementAndGet();
      // Looked at again after the announcement: a region opened in between saw no sleeper.
      while (words.get(REGION) == seen && !closed) {
        LockSupport.park(Threads.this);
      }
      sleepers.decrementAndGet();
    }
  }
}
