package ocellus.engine.kernels;

import java.lang.foreign.Arena;
import java.util.EnumMap;
import java.util.Map;

/** Packs the matrices of one model: where to, and in which format. Not thread-safe. */
public final class Packer {
  private final Arena arena;
  private final WeightFormat format; // null: whatever is exact
  private final Map<WeightFormat, Long> bytes = new EnumMap<>(WeightFormat.class);

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
    PackedMatrix matrix = Kernels.pack(arena, format(exact), k, n, columns);
    bytes.merge(matrix.format(), matrix.bytes(), Long::sum);
    return matrix;
  }

  /** Bytes of native memory that what was packed so far takes, by format. */
  public Map<WeightFormat, Long> bytes() {
    return Map.copyOf(bytes);
  }
}
