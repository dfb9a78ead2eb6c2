package ocellus.models;

import java.util.Optional;
import ocellus.engine.OcellusException;
import ocellus.engine.kernels.WeightFormat;
import ocellus.engine.threads.Threads;

/**
 * How a model is loaded.
 *
 * @param threads how many threads work on its calls, the caller included
 * @param weights what its matrices are rounded to in memory. If empty, nothing is rounded: a matrix
 *     that the checkpoint stores as F16 or BF16 stays so, unless something is folded into it, and
 *     all others are F32.
 */
public record LoadOptions(int threads, Optional<WeightFormat> weights) {
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
   * that this process may use; weights as exact as they are stored.
   *
   * @throws OcellusException if the property is no such number
   */
  public static LoadOptions defaults() {
    String value = System.getProperty(THREADS_PROPERTY);
    if (value == null) {
      return of(Math.min(Threads.available(), MAX_THREADS));
    }
    try {
      return of(Integer.parseInt(value));
    } catch (IllegalArgumentException e) {
      throw new OcellusException(
          "property " + THREADS_PROPERTY + " is '" + value + "', expected 1 to " + MAX_THREADS, e);
    }
  }

  private static LoadOptions of(int threads) {
    return new LoadOptions(threads, Optional.empty());
  }

  /** These options with another number of threads. */
  public LoadOptions withThreads(int count) {
    return new LoadOptions(count, weights);
  }

  /**
   * These options with all matrices in one format. 16 bits take half of the memory of F32, and
   * change the results where that rounds; a checkpoint with an element that the format does not
   * reach to cannot be loaded.
   */
  public LoadOptions withWeights(WeightFormat format) {
    return new LoadOptions(threads, Optional.of(format));
  }
}
