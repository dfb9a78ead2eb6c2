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

  private final Arena arena;
  private final WeightFormat format; // null: whatever is exact
  private final Map<WeightFormat, Long> bytes = new EnumMap<>(WeightFormat.class);

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
   */
  public PackedMatrix pack(WeightFormat exact, int k, int n, PackedMatrix.Columns columns) {
    PackedMatrix matrix = Kernels.pack(this::allocate, format(exact), k, n, columns);
    bytes.merge(matrix.format(), matrix.bytes(), Long::sum);
    return matrix;
  }

  private MemorySegment allocate(long bytes, long alignment) {
    if (bytes >= LARGE_BYTES) {
      return arena.allocate(bytes, alignment);
    }
    if (slab.byteSize() < bytes) {
      slab = arena.allocate(SLAB_BYTES, alignment);
    }
    MemorySegment memory = slab;
    slab = slab.asSlice(Math.ceilDiv(bytes, alignment) * alignment);
    return memory;
  }

  /** Bytes of native memory that what was packed so far takes, by format. */
  public Map<WeightFormat, Long> bytes() {
    return Map.copyOf(bytes);
  }
}
