package ocellus.engine.threads;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed team of threads that share the chunks of one parallel region after the other. The caller
 * is a member of the team.
 *
 * <p>Chunks are claimed one by one, so that a thread whose core is taken by another process delays
 * one chunk, not the region. An idle worker spins for {@link #SPIN_NANOS}, since the layers of a
 * network follow each other within microseconds, and then parks.
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

  // Where the two contended words are, each on cache lines of its own.
  private static final int TICKET = 16;
  private static final int PENDING = 48;

  private final Worker[] workers;
  private final AtomicBoolean taken = new AtomicBoolean();
  private final AtomicInteger sleepers = new AtomicInteger();

  /**
   * TICKET: the region's number in the high half, the chunks not yet claimed in the low half.
   * PENDING: the chunks not yet finished. A claim that succeeds keeps the region open until the
   * chunk is done, so {@link #task} and {@link #chunks} are stable between claim and completion.
   */
  private final AtomicLongArray words = new AtomicLongArray(64);

  private Task task;
  private int chunks;
  private volatile Throwable failure;
  private volatile boolean closed;

  private Threads(int count) {
    workers = new Worker[count - 1];
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
    this.chunks = chunks;
    words.set(PENDING, chunks);
    long region = (words.get(TICKET) >>> 32) + 1;
    words.set(TICKET, region << 32 | chunks);
    if (sleepers.get() > 0) {
      int useful = Math.min(chunks - 1, workers.length);
      for (int i = 0; i < useful; i++) {
        LockSupport.unpark(workers[i]);
      }
    }
  }

  private void claimUntilEmpty(int worker) {
    for (; ; ) {
      long ticket = words.get(TICKET);
      int unclaimed = (int) ticket;
      if (unclaimed == 0) {
        return;
      }
      if (words.weakCompareAndSetVolatile(TICKET, ticket, ticket - 1)) {
        try {
          task.run(chunks - unclaimed, worker);
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
      while (!closed) {
        claimUntilEmpty(index);
        if (!spin()) {
          park();
        }
      }
    }

    /** Waits a little for work; returns whether there is some. */
    private boolean spin() {
      long deadline = System.nanoTime() + SPIN_NANOS;
      do {
        for (int i = 0; i < POLLS; i++) {
          if ((int) words.get(TICKET) != 0) {
            return true;
          }
          Thread.onSpinWait();
        }
      } while (System.nanoTime() < deadline && !closed);
      return false;
    }

    private void park() {
      sleepers.incrementAndGet();
      // Looked at again after the announcement: a region opened in between saw no sleeper.
      while ((int) words.get(TICKET) == 0 && !closed) {
        LockSupport.park(Threads.this);
      }
      sleepers.decrementAndGet();
    }
  }
}
