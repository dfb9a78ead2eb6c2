package ocellus.models;

import ocellus.engine.OcellusException;
import ocellus.engine.threads.Threads;

/**
 * How a model is loaded.
 *
 * @param threads how many threads work on its calls, the caller included
 */
public record LoadOptions(int threads) {
  /** The property that sets the default number of threads. */
  public static final String THREADS_PROPERTY = "ocellus.threads";

  /** More than any machine has processors. */
  public static final int MAX_THREADS = 4096;

  /**
   * @throws IllegalArgumentException if {@code threads} is not positive or exceeds {@link
   *     #MAX_THREADS}
   */
  public LoadOptions {
    if (threads < 1 || threads > MAX_THREADS) {
      throw new IllegalArgumentException(
          "threads must be from 1 to " + MAX_THREADS + ", not " + threads);
    }
  }

  /**
   * As many threads as the property {@value #THREADS_PROPERTY} says, else one for each processor
   * that this process may use.
   *
   * @throws OcellusException if the property is no such number
   */
  public static LoadOptions defaults() {
    String value = System.getProperty(THREADS_PROPERTY);
    if (value == null) {
      return new LoadOptions(Math.min(Threads.available(), MAX_THREADS));
    }
    try {
      return new LoadOptions(Integer.parseInt(value));
    } catch (IllegalArgumentException e) {
      throw new OcellusException(
          "property " + THREADS_PROPERTY + " is '" + value + "', expected 1 to " + MAX_THREADS, e);
    }
  }

  /** These options with another number of threads. */
  public LoadOptions withThreads(int count) {
    return new LoadOptions(count);
  }
}
