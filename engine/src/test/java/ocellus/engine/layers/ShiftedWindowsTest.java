package ocellus.engine.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ocellus.engine.kernels.AttentionWindows;
import ocellus.engine.kernels.RandomData;
import ocellus.engine.layers.ShiftedWindows.Axis;
import ocellus.engine.layers.ShiftedWindows.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Against the definition: the map is moved, padded and cut, and its places are labelled. */
class ShiftedWindowsTest {
  private static final int PADDING = -1;

  @ParameterizedTest
  @CsvSource({
    "8, 8, 4, 4, 2, 2, SHIFT_FIRST",
    "8, 8, 4, 4, 0, 0, SHIFT_FIRST",
    "7, 10, 4, 4, 2, 2, SHIFT_FIRST",
    "7, 10, 4, 4, 2, 2, PADDING_FIRST",
    "5, 6, 3, 3, 1, 1, PADDING_FIRST",
    "6, 3, 3, 3, 1, 0, SHIFT_FIRST",
    "2, 2, 4, 4, 2, 2, SHIFT_FIRST",
    "6, 10, 2, 5, 1, 2, SHIFT_FIRST",
    "14, 14, 7, 7, 3, 3, SHIFT_FIRST",
  })
  void windowsAreThoseOfTheMovedMap(
      int height, int width, int rows, int columns, int down, int right, Order order) {
    var windows =
        new ShiftedWindows(
            new Axis(height, rows, down, order), new Axis(width, columns, right, order));
    float[] table = new RandomData().floats(RelativePositionBias.distances(rows, columns));
    AttentionWindows actual = windows.attention(table, 1);
    int[][] moved = moved(height, width, rows, columns, down, right, order);
    int across = moved[0].length / columns;
    assertEquals(moved.length / rows * across, actual.count());
    assertEquals(height * width, actual.outputs());
    int tokens = rows * columns;
    for (int w = 0; w < actual.count(); w++) {
      int top = w / across * rows;
      int left = w % across * columns;
      for (int query = 0; query < tokens; query++) {
        int token = moved[top + query / columns][left + query % columns];
        assertEquals(token == PADDING ? height * width : token, actual.row(w, query));
        int region =
            region(
                top + query / columns, left + query % columns, moved, rows, columns, down, right);
        for (int key = 0; key < tokens; key++) {
          int other =
              region(top + key / columns, left + key % columns, moved, rows, columns, down, right);
          int dy = query / columns - key / columns + rows - 1;
          int dx = query % columns - key % columns + columns - 1;
          float bias = table[dy * (2 * columns - 1) + dx] + (region == other ? 0 : -100);
          assertEquals(bias, actual.bias(w).at(0, query, key));
        }
      }
    }
  }

  /** The token at each place after shift and padding. */
  private static int[][] moved(
      int height, int width, int rows, int columns, int down, int right, Order order) {
    int paddedHeight = (height + rows - 1) / rows * rows;
    int paddedWidth = (width + columns - 1) / columns * columns;
    boolean padFirst = order == Order.PADDING_FIRST;
    int cycleY = padFirst ? paddedHeight : height;
    int cycleX = padFirst ? paddedWidth : width;
    int[][] moved = new int[paddedHeight][paddedWidth];
    for (int y = 0; y < paddedHeight; y++) {
      for (int x = 0; x < paddedWidth; x++) {
        int fromY = y < cycleY ? (y + down) % cycleY : y;
        int fromX = x < cycleX ? (x + right) % cycleX : x;
        moved[y][x] = fromY < height && fromX < width ? fromY * width + fromX : PADDING;
      }
    }
    return moved;
  }

  /**
   * The region of a place, of three by three: before the last window, within it, and shifted in.
   */
  private static int region(int y, int x, int[][] map, int rows, int columns, int down, int right) {
    int i = down > 0 && y >= map.length - down ? 2 : y >= map.length - rows ? 1 : 0;
    int width = map[0].length;
    int j = right > 0 && x >= width - right ? 2 : x >= width - columns ? 1 : 0;
    return i * 3 + j;
  }

  @ParameterizedTest
  @EnumSource
  void axesThatMakeNoWindowsAreRefused(Order order) {
    assertThrows(IllegalArgumentException.class, () -> new Axis(0, 4, 0, order));
    assertThrows(IllegalArgumentException.class, () -> new Axis(4, 0, 0, order));
    assertThrows(IllegalArgumentException.class, () -> new Axis(4, 4, 4, order));
    assertThrows(IllegalArgumentException.class, () -> new Axis(4, 4, -1, order));
  }

  @Test
  void paddingIsWhereWindowsDoNotFit() {
    Axis fits = new Axis(8, 4, 2, Order.SHIFT_FIRST);
    Axis doesNot = new Axis(9, 4, 2, Order.SHIFT_FIRST);
    assertEquals(false, new ShiftedWindows(fits, fits).isPadded());
    assertEquals(true, new ShiftedWindows(fits, doesNot).isPadded());
    assertEquals(true, new ShiftedWindows(doesNot, fits).isPadded());
  }
}
