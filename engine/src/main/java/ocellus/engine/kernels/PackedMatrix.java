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
 * columns. The last one is as narrow as {@link #granule()} permits, its columns beyond n are zero.
 * A panel is stored row by row, {@code [k][width]}, one panel after the other. Immutable; usable
 * until the arena that it was packed into is closed, by the threads that the arena admits: teams
 * need a shared or automatic one.
 */
public final class PackedMatrix {
  private static final long ALIGNMENT = 64;

  private final MemorySegment panels;
  private final int k;
  private final int n;
  private final int panelWidth;
  private final int granule;

  private PackedMatrix(MemorySegment panels, int k, int n, int panelWidth, int granule) {
    this.panels = panels;
    this.k = k;
    this.n = n;
    this.panelWidth = panelWidth;
    this.granule = granule;
  }

  /** Gives the columns of the matrix one by one: the rows of a layer's {@code [out, in]} weight. */
  @FunctionalInterface
  public interface Columns {
    /**
     * Writes the {@code k} elements of column {@code index} to {@code target}, from {@code offset}.
     */
    void read(int index, float[] target, int offset);
  }

  /**
   * Packs a matrix.
   *
   * @param panelWidth a multiple of {@code granule}
   */
  static PackedMatrix pack(
      Arena arena, int k, int n, int panelWidth, int granule, Columns columns) {
    long floats = Math.multiplyExact((long) Math.ceilDiv(n, granule) * granule, k);
    MemorySegment panels = arena.allocate(floats * Float.BYTES, ALIGNMENT);
    PackedMatrix packed = new PackedMatrix(panels, k, n, panelWidth, granule);
    float[] rows = new float[Math.multiplyExact(panelWidth, k)];
    float[] panel = new float[rows.length];
    for (int p = 0; p < packed.panelCount(); p++) {
      int first = p * panelWidth;
      int width = packed.panelWidth(p);
      int valid = Math.min(width, n - first);
      for (int j = 0; j < valid; j++) {
        columns.read(first + j, rows, j * k);
      }
      Arrays.fill(rows, valid * k, width * k, 0f);
      transpose(rows, panel, width, k);
      MemorySegment.copy(
          panel,
          0,
          panels,
          ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.nativeOrder()),
          packed.panelOffset(p),
          width * k);
    }
    return packed;
  }

  /** A matrix that takes no memory and can't be multiplied by, only asked for its extents. */
  public static PackedMatrix unpacked(int k, int n) {
    return new PackedMatrix(MemorySegment.NULL, k, n, 1, 1);
  }

  private static void transpose(float[] from, float[] to, int rows, int columns) {
    for (int c = 0; c < columns; c++) {
      for (int r = 0; r < rows; r++) {
        to[c * rows + r] = from[r * columns + c];
      }
    }
  }

  /** The panels, 64-byte aligned, in native byte order. */
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

  /** Columns of every panel but the last. */
  public int panelWidth() {
    return panelWidth;
  }

  /** What the width of every panel is a multiple of. */
  public int granule() {
    return granule;
  }

  public int panelCount() {
    return Math.ceilDiv(n, panelWidth);
  }

  /** Columns of panel {@code p}, including those that fill it up. */
  public int panelWidth(int p) {
    int left = n - p * panelWidth;
    return left >= panelWidth ? panelWidth : Math.ceilDiv(left, granule) * granule;
  }

  /** Byte offset of panel {@code p}. */
  public long panelOffset(int p) {
    return (long) p * panelWidth * k * Float.BYTES;
  }

  /** Bytes of native memory. */
  public long bytes() {
    return panels.byteSize();
  }
}
