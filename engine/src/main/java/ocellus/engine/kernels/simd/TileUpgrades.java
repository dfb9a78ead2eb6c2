package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.BYTES;
import static ocellus.engine.kernels.simd.Vectors.LANES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;

/**
 * The {@link Upgrade} of each of the {@link Tiles}, {@link ReadAheadTiles} and {@link WindowTiles}.
 */
final class TileUpgrades {
  private static final int MOST_VECTORS = 2;

  /**
   * The compiler takes loops as long as it has seen them: after trials of 16, tiles were slower by
   * a tenth.
   */
  private static final int TRIAL_K = 96;

  private static final Upgrade[] TILES = new Upgrade[(Tiles.MOST_ROWS + 1) * MOST_VECTORS];

  private static final Upgrade[] READ_AHEAD = new Upgrade[TILES.length];

  /** Those with a loop over the elements of a piece. */
  private static final Upgrade[] WINDOWS = new Upgrade[TILES.length];

  /** Those without. */
  private static final Upgrade[] UNROLLED = new Upgrade[TILES.length];

  static {
    for (int rows = 1; rows <= Tiles.MOST_ROWS; rows++) {
      for (int vectors = 1; vectors <= MOST_VECTORS; vectors++) {
        int i = index(rows, vectors);
        String size = rows + "x" + vectors;
        TILES[i] = upgrade("tile " + size, Tiles::large, StarterTile::rows, rows, vectors, TRIAL_K);
        READ_AHEAD[i] =
            upgrade("read-ahead " + size, readsAhead(), StarterTile::rows, rows, vectors, TRIAL_K);
        WINDOWS[i] = windows("windows " + size, rows, vectors, WindowTiles.UNROLLED + 1);
        UNROLLED[i] = windows("unrolled windows " + size, rows, vectors, WindowTiles.UNROLLED);
      }
    }
  }

  private TileUpgrades() {}

  /** Whether to take the tile of this size for a product with {@code k} terms. */
  static boolean isReady(int rows, int vectors, int k) {
    return TILES[index(rows, vectors)].isReady(work(rows, vectors, k));
  }

  /** As {@link #isReady}, of the tile that reads ahead. */
  static boolean isReadyToReadAhead(int rows, int vectors, int k) {
    return READ_AHEAD[index(rows, vectors)].isReady(work(rows, vectors, k));
  }

  /** Whether to take the tile of this size for windows of so many pieces of k terms. */
  static boolean isReadyForWindows(int rows, int vectors, int pieces, int k) {
    Upgrade[] upgrades = k == WindowTiles.UNROLLED ? UNROLLED : WINDOWS;
    return upgrades[index(rows, vectors)].isReady(work(rows, vectors, pieces * k));
  }

  private static long work(int rows, int vectors, int k) {
    return (long) rows * vectors * LANES * k;
  }

  private static int index(int rows, int vectors) {
    return rows * MOST_VECTORS + vectors - 1;
  }

  private static Upgrade windows(String name, int rows, int vectors, int k) {
    return upgrade(
        name, windows(WindowTiles::large), windows(StarterTile::windows), rows, vectors, k);
  }

  private static Upgrade upgrade(
      String name, Kernel tile, Kernel starter, int rows, int vectors, int k) {
    return new Upgrade(
        name,
        (long) rows * vectors * k,
        new Trial(tile, rows, vectors, k),
        new Trial(starter, rows, vectors, k));
  }

  /** {@link Tiles#run} and what computes the same. */
  @FunctionalInterface
  interface Kernel {
    void run(
        int rows,
        int vectors,
        float[] a,
        int ao,
        MemorySegment b,
        long bo,
        int k,
        float[] init,
        int io,
        int ldi,
        float[] c,
        int co,
        int ldc);
  }

  /** {@link WindowTiles#run} and what computes the same. */
  @FunctionalInterface
  interface WindowKernel {
    void run(
        int rows,
        int vectors,
        float[] a,
        int ao,
        int pitch,
        int pieces,
        MemorySegment b,
        long bo,
        int k,
        float[] init,
        int io,
        int ldi,
        float[] c,
        int co,
        int ldc);
  }

  /** {@link ReadAheadTiles}; what is read ahead are the operands. */
  static Kernel readsAhead() {
    int[] sink = new int[1];
    return (rows, vectors, a, ao, b, bo, k, init, io, ldi, c, co, ldc) ->
        ReadAheadTiles.large(
            rows, vectors, a, ao, b, bo, k, b, bo, BYTES, sink, init, io, ldi, c, co, ldc);
  }

  /** With windows of one piece. */
  private static Kernel windows(WindowKernel kernel) {
    return (rows, vectors, a, ao, b, bo, k, init, io, ldi, c, co, ldc) ->
        kernel.run(rows, vectors, a, ao, 0, 1, b, bo, k, init, io, ldi, c, co, ldc);
  }

  /** The time that a kernel takes for some zeros. */
  private static final class Trial implements LongSupplier {
    private final Kernel kernel;
    private final int rows;
    private final int vectors;
    private final int k;
    private float[] a;
    private MemorySegment b;
    private float[] c;

    Trial(Kernel kernel, int rows, int vectors, int k) {
      this.kernel = kernel;
      this.rows = rows;
      this.vectors = vectors;
      this.k = k;
    }

    @Override
    public long getAsLong() {
      int width = vectors * LANES;
      if (a == null) {
        a = new float[rows * Tiles.STRIDE];
        b = Arena.ofAuto().allocate((long) k * vectors * BYTES, BYTES);
        c = new float[rows * width];
      }
      return Upgrade.nanos(
          () -> kernel.run(rows, vectors, a, 0, b, 0, k, c, 0, width, c, 0, width));
    }
  }
}
