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

  /**
   * @throws IllegalArgumentException if {@code threads} is not positive
   */
  public LoadOptions {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, not " + threads);
    }
  }

  /**
   * As many threads as the property {@value #THREADS_PROPERTY} says, else one for each processor
   * that this process may use.
   *
   * @throws OcellusException if the property is not a positive number
   */
  public static LoadOptions defaults() {
    String value = System.getProperty(THREADS_PROPERTY);
    if (value == null) {
      return new LoadOptions(Threads.available());
    }
    try {
      return new LoadOptions(Integer.parseInt(value));
    } catch (IllegalArgumentException e) {
      throw new OcellusException(
          "property " + THREADS_PROPERTY + " is '" + value + "', expected a positive number", e);
    }
  }

  /** These options with another number of threads. */
  public LoadOptions withThreads(int count) {
    return new LoadOptions(count);
  }
}
