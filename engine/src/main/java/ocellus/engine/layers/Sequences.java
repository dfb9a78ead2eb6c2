package ocellus.engine.layers;

import java.util.Arrays;
import ocellus.engine.kernels.AttentionBias;

/**
 * Which rows of a tensor belong together: sequences of any lengths, one after the other. One
 * instance describes one pass after the other; not thread-safe.
 */
public final class Sequences {
  private int[] ends = new int[16];
  private AttentionBias[] biases = new AttentionBias[16];
  private int count;

  /** No sequences yet. */
  public Sequences() {}

  /** Forgets all sequences. */
  public void clear() {
    Arrays.fill(biases, 0, count, null);
    count = 0;
  }

  /** Appends a sequence of so many rows. */
  public void add(int length) {
    add(length, null);
  }

  /**
   * Appends a sequence of so many rows.
   *
   * @param bias what attention within it adds to its scores; null for nothing
   */
  public void add(int length, AttentionBias bias) {
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, 2 * count);
      biases = Arrays.copyOf(biases, 2 * count);
    }
    ends[count] = Math.addExact(rows(), length);
    biases[count] = bias;
    count++;
  }

  /** The number of sequences. */
  public int count() {
    return count;
  }

  /** The number of rows of all sequences. */
  public int rows() {
    return count == 0 ? 0 : ends[count - 1];
  }

  /** The first row of a sequence. */
  public int start(int sequence) {
    return sequence == 0 ? 0 : ends[sequence - 1];
  }

  /** What attention within a sequence adds to its scores; null for nothing. */
  public AttentionBias bias(int sequence) {
    return biases[sequence];
  }

  /** The number of rows of a sequence. */
  public int length(int sequence) {
    return ends[sequence] - start(sequence);
  }
}
