package ocellus.engine.layers;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import ocellus.engine.kernels.AttentionBias;
import ocellus.engine.kernels.AttentionWindows;

/**
 * How a map is shifted and cut into windows: Liu et al. 2021, "Swin Transformer", section 3.2.
 *
 * <p>The map moves up and to the left, and what leaves it there comes in on the other side. Where
 * windows do not fit, they reach into padding, which is heard as if its tokens were zeros. Nothing
 * is moved in fact: a window is a list of rows of the map.
 *
 * @param mask what is added to the scores of keys that come from the opposite edge of the map
 */
public record ShiftedWindows(Axis rows, Axis columns, float mask) {
  /** What the authors add to the scores of keys that must not be heard. */
  public static final float MASK = -100;

  /** With the authors' mask. */
  public ShiftedWindows(Axis rows, Axis columns) {
    this(rows, columns, MASK);
  }

  /** What comes first of shift and padding. */
  public enum Order {
    /** Padding stays behind the map. */
    SHIFT_FIRST,
    /** Padding takes part in the shift. */
    PADDING_FIRST
  }

  /**
   * One of the two axes.
   *
   * @param extent of the map, in tokens
   * @param window of a window
   * @param shift tokens by which the map moves, less than a window
   */
  public record Axis(int extent, int window, int shift, Order order) {
    public Axis {
      if (extent < 1 || window < 1 || shift < 0 || shift >= window) {
        throw new IllegalArgumentException(
            "%d tokens in windows of %d, shifted by %d".formatted(extent, window, shift));
      }
    }

    int windows() {
      return Math.ceilDiv(extent, window);
    }

    /** The token that a shift brings to this place; -1 for padding. */
    int tokenAt(int place) {
      int token =
          switch (order) {
            case SHIFT_FIRST -> place < extent ? (place + shift) % extent : -1;
            case PADDING_FIRST -> (place + shift) % (windows() * window);
          };
      return token < extent ? token : -1;
    }

    /** Tokens of the last window that come from the end of the map. */
    int beforeTheEdge() {
      return window - shift;
    }
  }

  /** Whether windows reach into padding. */
  boolean isPadded() {
    return rows.extent % rows.window != 0 || columns.extent % columns.window != 0;
  }

  /** Tokens of the map. */
  int tokens() {
    return Math.multiplyExact(rows.extent, columns.extent);
  }

  /**
   * The windows of a map whose rows are its tokens and, if there is padding, one more for that.
   *
   * @param table of relative positions, see {@link RelativePositionBias}
   */
  AttentionWindows attention(float[] table, int heads) {
    int count = rows.windows() * columns.windows();
    int[] tokens = new int[count * rows.window * columns.window];
    List<AttentionBias> kinds = kinds(table, heads);
    List<AttentionBias> biases = new ArrayList<>(count);
    int next = 0;
    for (int i = 0; i < rows.windows(); i++) {
      for (int j = 0; j < columns.windows(); j++) {
        boolean lastRow = i == rows.windows() - 1;
        boolean lastColumn = j == columns.windows() - 1;
        biases.add(kinds.get((lastRow ? 2 : 0) + (lastColumn ? 1 : 0)));
        next = addWindow(i * rows.window, j * columns.window, tokens, next);
      }
    }
    return new AttentionWindows(rows.window * columns.window, tokens, biases, tokens());
  }

  /** For windows in neither, in the last column, in the last row, and in both. */
  private List<AttentionBias> kinds(float[] table, int heads) {
    int height = rows.window;
    int width = columns.window;
    if (rows.shift == 0 && columns.shift == 0) {
      return Collections.nCopies(4, RelativePositionBias.ofGrid(table, heads, height, width));
    }
    return RelativePositionBias.ofWindows(
        table, heads, height, width, rows.beforeTheEdge(), columns.beforeTheEdge(), mask);
  }

  private int addWindow(int top, int left, int[] tokens, int next) {
    int to = next;
    for (int y = top; y < top + rows.window; y++) {
      for (int x = left; x < left + columns.window; x++) {
        int row = rows.tokenAt(y);
        int column = columns.tokenAt(x);
        tokens[to++] = row < 0 || column < 0 ? tokens() : row * columns.extent + column;
      }
    }
    return to;
  }
}
