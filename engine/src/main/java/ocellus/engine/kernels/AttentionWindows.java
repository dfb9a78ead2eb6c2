package ocellus.engine.kernels;

import java.util.Arrays;
import java.util.List;

/**
 * Rows of a map that attend to each other: the windows of a Swin transformer, wherever their rows
 * are. Immutable, thread-safe.
 *
 * <p>So windows need not be cut out of the map, shifted or put back: a shift is another list of
 * rows.
 */
public final class AttentionWindows {
  private final int tokens;
  private final int[] rows; // [windows, tokens]
  private final List<AttentionBias> biases; // one a window, or none at all
  private final int outputs;
  private final int inputs;

  /**
   * @param tokens of each window
   * @param rows {@code [windows, tokens]}: the rows of q, k and v
   * @param biases one for each window, or none
   * @param outputs the number of rows of the result: the windows have all rows below it, each once.
   *     Rows from there on, which may be in several windows, are heard and hear nothing
   */
  public AttentionWindows(int tokens, int[] rows, List<AttentionBias> biases, int outputs) {
    this.tokens = tokens;
    this.rows = rows.clone();
    this.biases = List.copyOf(biases);
    this.outputs = outputs;
    if (tokens < 1 || rows.length % tokens != 0) {
      throw new IllegalArgumentException(rows.length + " rows in windows of " + tokens);
    }
    if (!biases.isEmpty() && biases.size() != count()) {
      throw new IllegalArgumentException(biases.size() + " biases for " + count() + " windows");
    }
    for (AttentionBias bias : biases) {
      if (bias.tokens() != tokens) {
        throw new IllegalArgumentException(
            "a bias of " + bias.tokens() + " tokens for windows of " + tokens);
      }
    }
    this.inputs = 1 + Arrays.stream(rows).max().orElse(-1);
    verifyPartition();
  }

  private void verifyPartition() {
    int[] seen = new int[outputs];
    for (int row : rows) {
      if (row < 0 || (row < outputs && seen[row]++ > 0)) {
        throw new IllegalArgumentException(
            "row " + row + " of a window is negative or not its own");
      }
    }
    if (Arrays.stream(seen).anyMatch(times -> times == 0)) {
      throw new IllegalArgumentException("windows without some of " + outputs + " rows");
    }
  }

  /** The number of windows. */
  public int count() {
    return rows.length / tokens;
  }

  /** Tokens of each window. */
  public int tokens() {
    return tokens;
  }

  /** The row of a token. */
  public int row(int window, int token) {
    return rows[window * tokens + token];
  }

  /** The bias of a window, or null. */
  public AttentionBias bias(int window) {
    return biases.isEmpty() ? null : biases.get(window);
  }

  /** Rows of the result. */
  public int outputs() {
    return outputs;
  }

  /** Rows that q, k and v have at least. */
  public int inputs() {
    return inputs;
  }

  /** Whether all biases are for this number of heads. */
  boolean suits(int heads) {
    for (int i = 0; i < biases.size(); i++) {
      if (biases.get(i).heads() != heads) {
        return false;
      }
    }
    return true;
  }
}
