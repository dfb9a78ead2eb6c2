package ocellus.engine.kernels;

import java.util.Arrays;

/**
 * What attention adds to its scaled scores before the softmax, {@code [heads, tokens, tokens]}: a
 * relative position's bias, a mask. Immutable, thread-safe.
 *
 * <p>A row, the biases of one query towards all keys, is put together from runs of neighbouring
 * values that may be shared with other rows. A bias that depends on the distance of two positions
 * then takes the memory of its distances rather than that of all pairs. -infinity is a value like
 * others: the key is not heard.
 */
public final class AttentionBias {
  /** Elements behind those of the last head that are there to be loaded and not used. */
  private static final int SLACK = 16;

  private final int heads;
  private final float[] values; // [heads, size] and the slack
  private final int size;
  private final int[] bounds; // [runs + 1]
  private final int[] starts; // [tokens, runs]

  private AttentionBias(int heads, float[] values, int size, int[] bounds, int[] starts) {
    this.heads = heads;
    this.values = values;
    this.size = size;
    this.bounds = bounds;
    this.starts = starts;
    int runs = bounds.length - 1;
    boolean sound = runs >= 1 && bounds[0] == 0 && starts.length == (long) tokens() * runs;
    for (int r = 0; sound && r < runs; r++) {
      int length = bounds[r + 1] - bounds[r];
      sound = length >= 0;
      for (int query = 0; sound && query < tokens(); query++) {
        int start = starts[query * runs + r];
        sound = start >= 0 && start <= size - length;
      }
    }
    if (!sound) {
      throw new IllegalArgumentException(
          "runs of a bias: bounds %s, %d starts, %d values"
              .formatted(Arrays.toString(bounds), starts.length, size));
    }
  }

  /** A bias of which every element is given, {@code [heads, tokens, tokens]}. */
  public static AttentionBias of(float[] elements, int heads, int tokens) {
    int[] starts = new int[tokens];
    Arrays.setAll(starts, query -> query * tokens);
    return ofRuns(elements, heads, new int[] {0, tokens}, starts);
  }

  /**
   * A bias made of runs of values.
   *
   * @param values {@code [heads, size]}
   * @param bounds the first key of each run and, at the end, the number of tokens
   * @param starts {@code [tokens, runs]}: where among its head's values a query's run begins
   */
  public static AttentionBias ofRuns(float[] values, int heads, int[] bounds, int[] starts) {
    if (heads < 1 || values.length % heads != 0) {
      throw new IllegalArgumentException(values.length + " values of a bias for " + heads);
    }
    float[] padded = Arrays.copyOf(values, values.length + SLACK);
    return new AttentionBias(heads, padded, values.length / heads, bounds.clone(), starts.clone());
  }

  /** Another bias of the same values; the arguments are those of {@link #ofRuns}. */
  public AttentionBias withRuns(int[] bounds, int[] starts) {
    return new AttentionBias(heads, values, size, bounds.clone(), starts.clone());
  }

  public int heads() {
    return heads;
  }

  public int tokens() {
    return bounds[bounds.length - 1];
  }

  /** The number of runs of a row. */
  public int runs() {
    return bounds.length - 1;
  }

  /** The first key of a run, or the number of tokens for the run behind the last. */
  public int bound(int run) {
    return bounds[run];
  }

  /** Where a run of one query begins in {@link #values}. A vector may be loaded from its end. */
  public int start(int head, int query, int run) {
    return head * size + starts[query * runs() + run];
  }

  /** All values; not to be changed. */
  public float[] values() {
    return values;
  }

  /** One element. */
  public float at(int head, int query, int key) {
    int run = 0;
    while (key >= bounds[run + 1]) {
      run++;
    }
    return values[start(head, query, run) + key - bounds[run]];
  }
}
