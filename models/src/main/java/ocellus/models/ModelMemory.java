package ocellus.models;

import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The native memory of one model, freed as soon as it is closed and no call is running: a call that
 * has entered always finishes, one that comes after the closing is refused. Thread-safe.
 */
final class ModelMemory implements AutoCloseable {
  private static final int CLOSED = Integer.MIN_VALUE;

  private final Arena arena = Arena.ofShared();
  private final Runnable whenFreed;

  /** How many calls are running, with the bit {@link #CLOSED}. */
  private final AtomicInteger state = new AtomicInteger();

  /**
   * @param whenFreed what else is to be done when the memory is freed
   */
  ModelMemory(Runnable whenFreed) {
    this.whenFreed = whenFreed;
  }

  Arena arena() {
    return arena;
  }

  /**
   * Begins a call, which {@link #exit} has to end.
   *
   * @throws IllegalStateException if the memory was closed
   */
  void enter() {
    int now;
    do {
      now = state.get();
      if (now < 0) {
        throw new IllegalStateException("the model has been closed");
      }
    } while (!state.compareAndSet(now, now + 1));
  }

  void exit() {
    if (state.decrementAndGet() == CLOSED) {
      free();
    }
  }

  @Override
  public void close() {
    if (state.getAndUpdate(now -> now | CLOSED) == 0) {
      free();
    }
  }

  private void free() {
    arena.close();
    whenFreed.run();
  }
}
