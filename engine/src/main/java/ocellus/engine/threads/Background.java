package ocellus.engine.threads;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;

/**
 * One thread of the process for what should happen soon but that nobody waits for, in steps. It
 * rests between steps, sleeps where there is nothing to do, and does not keep the process alive.
 * Thread-safe.
 */
public final class Background {
  private static final long PAUSE_MILLIS = 1;

  private static final LinkedBlockingQueue<BooleanSupplier> SUBMITTED = new LinkedBlockingQueue<>();

  static {
    Thread thread = new Thread(Background::work, "ocellus-background");
    thread.setDaemon(true);
    thread.start();
  }

  private Background() {}

  /**
   * Has a task done, step by step, all tasks by turns.
   *
   * @param step does some microseconds of work and returns whether this was the last step; what it
   *     throws ends the task; where the heap is full, all tasks end
   */
  public static void submit(BooleanSupplier step) {
    SUBMITTED.add(step);
  }

  private static void work() {
    List<BooleanSupplier> tasks = new ArrayList<>();
    try {
      for (; ; ) {
        try {
          if (tasks.isEmpty()) {
            tasks.add(SUBMITTED.take());
          }
          SUBMITTED.drainTo(tasks);
          tasks.removeIf(Background::isLastStep);
        } catch (OutOfMemoryError e) {
          tasks.clear(); // the heap is for those whom somebody waits for, who are told
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      // Nobody has this thread to interrupt it, but if somebody does, it ends.
      Thread.currentThread().interrupt();
    }
  }

  private static boolean isLastStep(BooleanSupplier task) {
    try {
      return task.getAsBoolean();
    } catch (OutOfMemoryError e) {
      throw e;
    } catch (RuntimeException | Error e) {
      System.getLogger("ocellus").log(System.Logger.Level.DEBUG, "a background task failed", e);
      return true;
    }
  }
}
