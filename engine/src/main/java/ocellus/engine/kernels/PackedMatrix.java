package ocellus.engine.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The right-hand side of a matrix product, in native memory, in the order in which the kernels read
 * it.
 *
 * <p>The matrix of {@code k} rows and {@code n} columns is cut into panels of {@link #panelWidth()}
 * columns. The last one is as narrow as {@link #granule()} permits, its columns beyond n are zero.
 * A panel is stored row by row, {@code [k][width]}, one panel after the other.
 *
 * <p>16-bit elements go by pairs of granules, of which a panel is a sequence (in F32, a granule is
 * a vector): element j of granules 2i and 2i + 1 are the lower and the upper half of int j of pair
 * i. A panel with an odd number of granules has one of zeros more. So one vector of ints holds two
 * vectors of weights, whatever the width of the panel.
 *
 * <p>Immutable; usable until the arena that it was packed into is closed, by the threads that the
 * arena admits: teams need a shared or automatic one.
 */
public final class PackedMatrix {
  private static final long ALIGNMENT = 64;

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.nativeOrder());
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.nativeOrder());

  private final MemorySegment panels;
  private final long bytes;
  private final WeightFormat format;
  private final int k;
  private final int n;
  private final int panelWidth;
  private final int granule;

  private PackedMatrix(
      MemorySegment panels,
      long bytes,
      WeightFormat format,
      int k,
      int n,
      int panelWidth,
      int granule) {
    this.panels = panels;
    this.bytes = bytes;
    this.format = format;
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
   * @param memory may give more than it is asked for
   * @param format which {@linkplain WeightFormat#holds holds} all elements
   * @param panelWidth a multiple of {@code granule}
   */
  static PackedMatrix pack(
      SegmentAllocator memory,
      WeightFormat format,
      int k,
      int n,
      int panelWidth,
      int granule,
      Columns columns) {
    long bytes = outline(format, k, n, panelWidth, granule).bytes();
    MemorySegment panels = memory.allocate(bytes, ALIGNMENT);
    PackedMatrix packed = new PackedMatrix(panels, bytes, format, k, n, panelWidth, granule);
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
      packed.store(panel, p);
    }
    return packed;
  }

  /**
   * What {@link #pack} would return, without elements: it takes none of the bytes that it tells.
   */
  static PackedMatrix outline(WeightFormat format, int k, int n, int panelWidth, int granule) {
    PackedMatrix empty = new PackedMatrix(MemorySegment.NULL, 0, format, k, n, panelWidth, granule);
    int last = empty.panelCount() - 1;
    long bytes = last < 0 ? 0 : empty.panelOffset(last) + empty.panelBytes(empty.panelWidth(last));
    return new PackedMatrix(MemorySegment.NULL, bytes, format, k, n, panelWidth, granule);
  }

  /** A matrix that takes no memory and can't be multiplied by, only asked for its extents. */
  public static PackedMatrix unpacked(int k, int n) {
    return new PackedMatrix(MemorySegment.NULL, 0, WeightFormat.F32, k, n, 1, 1);
  }

  private static void transpose(float[] from, float[] to, int rows, int columns) {
    for (int c = 0; c < columns; c++) {
      for (int r = 0; r < rows; r++) {
        to[c * rows + r] = from[r * columns + c];
      }
    }
  }

  /** Writes a panel, given as floats {@code [k][width]}, to where it belongs. */
  private void store(float[] panel, int p) {
    int count = panelWidth(p) * k;
    if (format == WeightFormat.F32) {
      MemorySegment.copy(panel, 0, panels, FLOAT, panelOffset(p), count);
      return;
    }
    int[] pairs = new int[(int) (panelBytes(panelWidth(p)) / Integer.BYTES)];
    short[] elements = new short[2 * pairs.length];
    format.narrow(panel, elements, count);
    for (int i = 0; i < pairs.length; i += granule) {
      for (int j = i; j < i + granule; j++) {
        pairs[j] = Short.toUnsignedInt(elements[i + j]) | (elements[i + j + granule] << 16);
      }
    }
    MemorySegment.copy(pairs, 0, panels, INT, panelOffset(p), pairs.length);
  }

  /**
   * Copies the elements of column {@code index} to {@code target}, from {@code offset}, as the
   * format has rounded them.
   */
  public void read(int index, float[] target, int offset) {
    int p = index / panelWidth;
    int width = panelWidth(p);
    long base = panelOffset(p);
    for (int i = 0; i < k; i++) {
      long element = (long) i * width + index % panelWidth;
      target[offset + i] =
          format == WeightFormat.F32
              ? panels.get(FLOAT, base + element * Float.BYTES)
              : format.widen(half(base, element));
    }
  }

  /** The 16 bits of an element of the panel at {@code base}. */
  private short half(long base, long element) {
    long vector = element / granule;
    long pair = vector / 2 * granule + element % granule;
    int both = panels.get(INT, base + pair * Integer.BYTES);
    return (short) (vector % 2 == 0 ? both : both >>> 16);
  }

  /** What the elements are stored as. */
  public WeightFormat format() {
    return format;
  }

  /**
   * The panels, 64-byte aligned, in native byte order. Behind them there may be more memory, with
   * the matrices that were packed next: to be read ahead of their use, never to be relied on.
   */
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
    return p * panelBytes(panelWidth);
  }

  private long panelBytes(int width) {
    if (format == WeightFormat.F32) {
      return (long) width * k * Float.BYTES;
    }
    return Math.ceilDiv((long) width / granule * k, 2) * granule * Integer.BYTES;
  }

  /** Elements, including those that fill up the last panel. */
  public long elements() {
    return (long) Math.ceilDiv(n, granule) * granule * k;
  }

  /** Bytes of native memory. */
  public long bytes() {
    return bytes;
  }
}
