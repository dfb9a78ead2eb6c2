package ocellus.engine.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;

/**
 * Packs the matrices of one model: where to, and in which format. Not thread-safe.
 *
 * <p>Matrices that are packed one after the other are neighbours in memory, where they are not
 * large: what a network needs next begins where its last matrix ends, so that kernels can
 * {@linkplain PackedMatrix#panels read ahead}.
 */
public final class Packer {
  private static final long SLAB_BYTES = 4 << 20;

  /** From here on a matrix has memory of its own. */
  private static final long LARGE_BYTES = SLAB_BYTES / 4;

  private final Arena arena; // null: only measures
  private final WeightFormat format; // null: whatever is exact
  private final Map<WeightFormat, Long> bytes = new EnumMap<>(WeightFormat.class);
  private final Map<WeightFormat, Long> bytesAs = new EnumMap<>(WeightFormat.class);
  private long elements;

  private MemorySegment slab = MemorySegment.NULL; // what is left of it

  private Packer(Arena arena, WeightFormat format) {
    this.arena = arena;
    this.format = format;
  }

  /** Packs into an arena, each matrix in the narrowest format that holds its elements exactly. */
  public static Packer into(Arena arena) {
    return new Packer(arena, null);
  }

  /**
   * Packs into an arena, each matrix in the same format.
   *
   * @param format what elements are rounded to; null for {@link #into(Arena)}
   */
  public static Packer into(Arena arena, WeightFormat format) {
    return new Packer(arena, format);
  }

  /**
   * Packs nothing but counts what packing would take. What is built with it has all shapes and
   * cannot run, only be {@linkplain ocellus.engine.Workspace#measuring measured}.
   *
   * @param format as for {@link #into(Arena, WeightFormat)}; elements that it has to be checked for
   *     are read
   */
  public static Packer measuring(WeightFormat format) {
    return new Packer(null, format);
  }

  /**
   * The format in which a matrix is packed.
   *
   * @param exact the narrowest that holds its elements exactly
   */
  public WeightFormat format(WeightFormat exact) {
    return format == null ? exact : format;
  }

  /**
   * Packs a matrix of {@code k} rows and {@code n} columns.
   *
   * @param exact the narrowest format that holds its elements exactly
   * @throws NativeMemoryException if the system has no memory for it
   */
  public PackedMatrix pack(WeightFormat exact, int k, int n, PackedMatrix.Columns columns) {
    return pack(exact, k, k, n, columns);
  }

  /**
   * As {@link #pack(WeightFormat, int, int, PackedMatrix.Columns)}, of a matrix that is not the
   * same in all formats.
   *
   * @param wholeRows rows if it is packed in F32
   * @param halfRows rows if it is packed in 16 bits
   * @param columns of the matrix in the {@link #format} in which it is packed
   */
  public PackedMatrix pack(
      WeightFormat exact, int wholeRows, int halfRows, int n, PackedMatrix.Columns columns) {
    int k = format(exact) == WeightFormat.F32 ? wholeRows : halfRows;
    PackedMatrix matrix =
        arena == null
            ? outline(exact, k, n, columns)
            : Kernels.pack(this::allocate, format(exact), k, n, columns);
    bytes.merge(matrix.format(), matrix.bytes(), Long::sum);
    for (WeightFormat other : WeightFormat.values()) {
      int rows = other == WeightFormat.F32 ? wholeRows : halfRows;
      bytesAs.merge(other, Kernels.outline(other, rows, n).bytes(), Long::sum);
    }
    elements += (long) k * n;
    return matrix;
  }

  private PackedMatrix outline(WeightFormat exact, int k, int n, PackedMatrix.Columns columns) {
    WeightFormat target = format(exact);
    if (target != exact && target != WeightFormat.F32) {
      float[] column = new float[k];
      for (int i = 0; i < n; i++) {
        columns.read(i, column, 0); // throws where an element is out of range
      }
    }
    return Kernels.outline(target, k, n);
  }

  private MemorySegment allocate(long bytes, long alignment) {
    if (bytes >= LARGE_BYTES) {
      return claim(bytes, alignment);
    }
    if (slab.byteSize() < bytes) {
      slab = claim(SLAB_BYTES, alignment);
    }
    MemorySegment memory = slab;
    slab = slab.asSlice(Math.ceilDiv(bytes, alignment) * alignment);
    return memory;
  }

  private MemorySegment claim(long bytes, long alignment) {
    try {
      return arena.allocate(bytes, alignment);
    } catch (OutOfMemoryError e) {
      throw new NativeMemoryException(bytes, e);
    }
  }

  /** Bytes of native memory that what was packed so far takes, by format. */
  public Map<WeightFormat, Long> bytes() {
    return Map.copyOf(bytes);
  }

  /** Bytes that what was packed so far would take if all of it were in one format. */
  public long bytesAs(WeightFormat one) {
    return bytesAs.getOrDefault(one, 0L);
  }

  /** Elements of what was packed so far. */
  public long elements() {
    return elements;
  }
}
