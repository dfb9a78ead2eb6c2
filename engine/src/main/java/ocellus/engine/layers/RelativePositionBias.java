package ocellus.engine.layers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import ocellus.engine.kernels.AttentionBias;

/**
 * Attention biases that depend on where a key is as seen from the query, on a grid of tokens: Liu
 * et al. 2021, "Swin Transformer", section 3.2; with a class token, Bao et al. 2021, "BEiT".
 *
 * <p>A table has {@code (2 height - 1)(2 width - 1)} rows, a factor per head in each: first for
 * keys {@code height - 1} rows below the query, and of those for keys {@code width - 1} columns to
 * the right of it.
 *
 * <p>For the queries of one column of the grid, the biases of all keys lie one after the other if
 * the table is written in the order of the keys as seen from this column. So there are {@code
 * width} such tables, rather than {@code height width} rows of biases for as many keys.
 */
public final class RelativePositionBias {
  private final float[] table; // [(2 height - 1)(2 width - 1) + others, heads]
  private final int heads;
  private final int height;
  private final int width;
  private final int columnSize;

  private RelativePositionBias(float[] table, int others, int heads, int height, int width) {
    this.table = table;
    this.heads = heads;
    this.height = height;
    this.width = width;
    this.columnSize = (2 * height - 1) * width;
    if (table.length != Math.multiplyExact(distances(height, width) + others, heads)) {
      throw new IllegalArgumentException(
          "a table of %d biases for %d heads on a grid of %d x %d"
              .formatted(table.length, heads, height, width));
    }
  }

  /** Rows of the table for a grid, the number of ways in which two tokens can lie. */
  public static int distances(int height, int width) {
    return Math.multiplyExact(2 * height - 1, 2 * width - 1);
  }

  /**
   * The bias of a grid of tokens, in the order of their rows.
   *
   * @param table {@code [distances, heads]}
   */
  public static AttentionBias ofGrid(float[] table, int heads, int height, int width) {
    return new RelativePositionBias(table, 0, heads, height, width).ofGrid();
  }

  /**
   * The bias of a class token and a grid of tokens.
   *
   * @param table {@code [distances + 3, heads]}: behind the distances, those of the class token's
   *     queries, of keys that are the class token, and of both
   */
  public static AttentionBias ofClassAndGrid(float[] table, int heads, int height, int width) {
    return new RelativePositionBias(table, 3, heads, height, width).ofClassAndGrid();
  }

  /**
   * The biases of the windows of a shifted map, in which the last row and the last column of
   * windows have tokens from opposite edges of the map that do not hear each other: Liu et al.
   * 2021, figure 4.
   *
   * @param table {@code [distances, heads]}
   * @param upper rows of the windows of the last row that don't hear those below; height if all do
   * @param left columns of the windows of the last column that don't hear those to the right; width
   *     if all do
   * @param mask what is added to the scores of keys that are not heard
   * @return for windows in neither, in the last column, in the last row, and in both
   */
  public static List<AttentionBias> ofWindows(
      float[] table, int heads, int height, int width, int upper, int left, float mask) {
    return new RelativePositionBias(table, 0, heads, height, width).ofWindows(upper, left, mask);
  }

  private AttentionBias ofGrid() {
    float[] values = new float[heads * size()];
    for (int head = 0; head < heads; head++) {
      write(head, values, head * size(), width, 0, 0);
    }
    return AttentionBias.ofRuns(values, heads, new int[] {0, height * width}, wholeStarts(0));
  }

  private AttentionBias ofClassAndGrid() {
    int size = size();
    int tokens = height * width + 1;
    int distances = distances(height, width);
    // Behind those of the grid: the class token's queries for all of it, its key, both.
    int row = size + tokens - 1 + 2;
    float[] values = new float[heads * row];
    for (int head = 0; head < heads; head++) {
      int at = head * row;
      write(head, values, at, width, 0, 0);
      Arrays.fill(values, at + size, at + row - 2, of(distances, head));
      values[at + row - 2] = of(distances + 1, head);
      values[at + row - 1] = of(distances + 2, head);
    }
    int[] starts = new int[2 * tokens];
    starts[0] = row - 1;
    starts[1] = size;
    for (int i = 0; i < height; i++) {
      for (int j = 0; j < width; j++) {
        int query = 1 + i * width + j;
        starts[2 * query] = row - 2;
        starts[2 * query + 1] = start(i, j);
      }
    }
    return AttentionBias.ofRuns(values, heads, new int[] {0, 1, tokens}, starts);
  }

  private List<AttentionBias> ofWindows(int upper, int left, float mask) {
    // Values as they are; with those left and right masked for each other; all masked.
    int size = size();
    float[] values = new float[heads * 3 * size];
    for (int head = 0; head < heads; head++) {
      int at = head * 3 * size;
      write(head, values, at, width, 0, 0);
      write(head, values, at + size, left, mask, 0);
      write(head, values, at + 2 * size, width, 0, mask);
    }
    int tokens = height * width;
    int[] whole = {0, tokens};
    int[] halves = {0, upper * width, tokens};
    AttentionBias plain = AttentionBias.ofRuns(values, heads, whole, wholeStarts(0));
    List<AttentionBias> biases = new ArrayList<>();
    biases.add(plain);
    biases.add(plain.withRuns(whole, wholeStarts(size)));
    biases.add(plain.withRuns(halves, halfStarts(upper, 0)));
    biases.add(plain.withRuns(halves, halfStarts(upper, size)));
    return biases;
  }

  private int[] wholeStarts(int part) {
    int[] starts = new int[height * width];
    for (int query = 0; query < starts.length; query++) {
      starts[query] = part + start(query / width, query % width);
    }
    return starts;
  }

  /** Of keys in the upper rows and in those below, one of which are all masked. */
  private int[] halfStarts(int upper, int part) {
    int[] starts = new int[2 * height * width];
    int masked = 2 * size();
    for (int query = 0; query < height * width; query++) {
      int i = query / width;
      int start = start(i, query % width);
      starts[2 * query] = (i < upper ? part : masked) + start;
      starts[2 * query + 1] = (i < upper ? masked : part) + start + upper * width;
    }
    return starts;
  }

  /** Values of a head: for each column of queries all rows of keys, from the farthest above on. */
  private int size() {
    return Math.multiplyExact(width, columnSize);
  }

  /**
   * Where the biases of the query in row i and column j begin, with those of the grid's first key.
   */
  private int start(int i, int j) {
    return j * columnSize + (height - 1 - i) * width;
  }

  /**
   * Writes the values of a head.
   *
   * @param left columns that don't hear those to the right, nor these them; width if all do
   * @param mask added where one does not hear the other
   * @param added to all
   */
  private void write(int head, float[] values, int at, int left, float mask, float added) {
    for (int j = 0; j < width; j++) {
      for (int below = 1 - height; below < height; below++) {
        int to = at + j * columnSize + (below + height - 1) * width;
        for (int key = 0; key < width; key++) {
          int distance = (height - 1 - below) * (2 * width - 1) + j - key + width - 1;
          boolean masked = j < left != key < left;
          values[to + key] = of(distance, head) + added + (masked ? mask : 0);
        }
      }
    }
  }

  private float of(int row, int head) {
    return table[row * heads + head];
  }
}
