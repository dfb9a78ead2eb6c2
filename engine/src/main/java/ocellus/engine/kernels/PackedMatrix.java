package ocellus.engine.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The right-hand side of a matrix product, in native memory, in the order in which the kernels read
 * it.
 *
 * <p>The matrix of {@code k} rows and {@code n} columns is cut into panels of {@link #panelWidth()}
 * columns, the last one filled up with zeros; a panel is stored row by row: {@code
 * [panels][k][width]}. Immutable; usable until the arena that it was packed into is closed, by the
 * threads that the arena admits: teams need a shared or automatic one.
 */
public final class PackedMatrix {
  private static final long ALIGNMENT = 64;

  private final MemorySegment panels;
  private final int k;
  private final int n;
  private final int panelWidth;

  private PackedMatrix(MemorySegment panels, int k, int n, int panelWidth) {
    this.panels = panels;
    this.k = k;
    this.n = n;
    this.panelWidth = panelWidth;
  }

  /** Gives the columns of the matrix one by one: the rows of a layer's {@code [out, in]} weight. */
  @FunctionalInterface
  public interface Columns {
    /**
     * Writes the {@code k} elements of column {@code index} to {@code target}, from {@code offset}.
     */
    void read(int index, float[] target, int offset);
  }

  static PackedMatrix pack(Arena arena, int k, int n, int panelWidth, Columns columns) {
    int count = Math.ceilDiv(n, panelWidth);
    long floats = Math.multiplyExact((long) count * panelWidth, k);
    MemorySegment panels = arena.allocate(floats * Float.BYTES, ALIGNMENT);
    float[] panel = new float[Math.multiplyExact(panelWidth, k)];
    float[] transposed = new float[panel.length];
    for (int p = 0; p < count; p++) {
      int width = Math.min(panelWidth, n - p * panelWidth);
      Arrays.fill(panel, 0);
      for (int j = 0; j < width; j++) {
        columns.read(p * panelWidth + j, panel, j * k);
      }
      transpose(panel, transposed, panelWidth, k);
      MemorySegment.copy(
          transposed,
          0,
          panels,
          ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.nativeOrder()),
          (long) p * panel.length * Float.BYTES,
          panel.length);
    }
    return new PackedMatrix(panels, k, n, panelWidth);
  }

  /** A matrix that takes no memory and can't be multiplied by, only asked for its extents. */
  public static PackedMatrix unpacked(int k, int n) {
    return new PackedMatrix(MemorySegment.NULL, k, n, 1);
  }

  private static void transpose(float[] from, float[] to, int rows, int columns) {
    for (int c = 0; c < columns; c++) {
      for (int r = 0; r < rows; r++) {
        to[c * rows + r] = from[r * columns + c];
      }
    }
  }

  /** {@code [panels][k][panelWidth]}, 64-byte aligned, native byte order. */
  public MemorySegment panels() {
    return panels;
  }

  /** Rows: the length of the dot products. */
  public int k() {
    return k;
  }

  /** Columns, without those that fill up the last panel. */
  public int n() {
    return n;
  }

  public int panelWidth() {
    return panelWidth;
  }

  public int panelCount() {
    return Math.ceilDiv(n, panelWidth);
  }

  /** Bytes of native memory. */
  public long bytes() {
    return panels.byteSize();
  }
}
