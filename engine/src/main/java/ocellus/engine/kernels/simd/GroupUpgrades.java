package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.BYTES;
import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.MOST_PIXELS;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;

/** The {@link Upgrade} of each of the {@link GroupTiles} from pixels computed one by one. */
final class GroupUpgrades {
  private static final int LARGEST_STRIDE = 2;

  private static final int TAPS = GroupTiles.KERNEL * GroupTiles.KERNEL;

  private static final Upgrade[] ALL = new Upgrade[(LARGEST_STRIDE + 1) * (MOST_PIXELS + 1)];

  static {
    for (int stride = 1; stride <= LARGEST_STRIDE; stride++) {
      for (int pixels = 1; pixels <= MOST_PIXELS; pixels++) {
        if (GroupTiles.largest(stride, pixels) == pixels) {
          LongSupplier tile = new Trial(GroupTiles::large, stride, pixels);
          LongSupplier starter = new Trial(GroupPixels::run, stride, pixels);
          long vectors = (long) TAPS * Trial.GROUP * pixels;
          String name = "groups s" + stride + "x" + pixels;
          ALL[index(stride, pixels)] = new Upgrade(name, vectors, tile, starter);
        }
      }
    }
  }

  private GroupUpgrades() {}

  /** Whether to take the tile of so many pixels, of which there is one, rather than the pixels. */
  static boolean isReady(int stride, int pixels, int group) {
    return ALL[index(stride, pixels)].isReady((long) TAPS * group * pixels * LANES);
  }

  private static int index(int stride, int pixels) {
    return stride * (MOST_PIXELS + 1) + pixels;
  }

  /** {@link GroupTiles#run} and what computes the same. */
  @FunctionalInterface
  interface Kernel {
    void run(
        int stride,
        int pixels,
        float[] x,
        int xo,
        int row,
        float[] lanes,
        int group,
        MemorySegment b,
        long bo,
        long pitch,
        float[] bias,
        int io,
        float[] y,
        int yo,
        int ldy);
  }

  /** The time that a kernel takes for some zeros, in the largest groups. */
  private static final class Trial implements LongSupplier {
    private static final int GROUP = LANES / 2;

    private final Kernel kernel;
    private final int stride;
    private final int pixels;
    private float[] x;
    private MemorySegment b;
    private float[] y;

    Trial(Kernel kernel, int stride, int pixels) {
      this.kernel = kernel;
      this.stride = stride;
      this.pixels = pixels;
    }

    @Override
    public long getAsLong() {
      int row = ((pixels - 1) * stride + GroupTiles.KERNEL) * TILE_COLUMNS;
      if (x == null) {
        x = new float[GroupTiles.KERNEL * row];
        b = Arena.ofAuto().allocate((long) TAPS * GROUP * BYTES, BYTES);
        y = new float[pixels * LANES];
      }
      float[] lanes = GroupLanes.of(GROUP);
      return Upgrade.nanos(
          () ->
              kernel.run(stride, pixels, x, 0, row, lanes, GROUP, b, 0, BYTES, x, 0, y, 0, LANES));
    }
  }
}
