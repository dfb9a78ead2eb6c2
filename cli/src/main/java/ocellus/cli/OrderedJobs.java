package ocellus.cli;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Work on many inputs by several threads, with the results in the order of the inputs. */
final class OrderedJobs {
  /** Results that may wait for a slow one before them, for each thread. */
  private static final int WAITING = 2;

  private OrderedJobs() {}

  /** Takes the results one by one. */
  @FunctionalInterface
  interface Sink<T, R, X extends Exception> {
    void accept(T input, R result) throws X;
  }

  /**
   * Runs a job for each input and hands over the results, on the calling thread and in the order of
   * the inputs. Only so many are in memory at a time as keep all threads busy.
   *
   * @param job never throws
   */
  static <T, R, X extends Exception> void run(
      List<T> inputs, int threads, Function<T, R> job, Sink<T, R, X> sink) throws X {
    if (threads == 1) {
      for (T input : inputs) {
        sink.accept(input, job.apply(input));
      }
      return;
    }
    ExecutorService pool = Executors.newFixedThreadPool(threads, OrderedJobs::daemon);
    try {
      Queue<Future<R>> window = new ArrayDeque<>();
      Iterator<T> submitted = inputs.iterator();
      for (T input : inputs) {
        while (submitted.hasNext() && window.size() < threads * (1 + WAITING)) {
          T next = submitted.next();
          window.add(pool.submit(() -> job.apply(next)));
        }
        sink.accept(input, await(window.remove()));
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "ocellus-images");
    thread.setDaemon(true);
    return thread;
  }

  private static <R> R await(Future<R> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }
}
