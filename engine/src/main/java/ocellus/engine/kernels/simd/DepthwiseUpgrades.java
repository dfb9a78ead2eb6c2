package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.MOST_PIXELS;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;

import java.util.function.LongSupplier;

/** The {@link Upgrade} of each of the {@link DepthwiseTiles} from pixels computed one by one. */
final class DepthwiseUpgrades {
  private static final int LARGEST_KERNEL = 7;
  private static final int LARGEST_STRIDE = 2;

  private static final Upgrade[] ALL =
      new Upgrade[(LARGEST_KERNEL + 1) * (LARGEST_STRIDE + 1) * (MOST_PIXELS + 1)];

  static {
    for (int kernel = 1; kernel <= LARGEST_KERNEL; kernel++) {
      for (int stride = 1; stride <= LARGEST_STRIDE; stride++) {
        for (int pixels = 1; pixels <= MOST_PIXELS; pixels++) {
          if (DepthwiseTiles.largest(kernel, stride, pixels) == pixels) {
            LongSupplier tile = new Trial(DepthwiseTiles::run, kernel, stride, pixels);
            LongSupplier starter = new Trial(DepthwisePixels::run, kernel, stride, pixels);
            long vectors = (long) kernel * kernel * pixels;
            String name = "depthwise " + kernel + "s" + stride + "x" + pixels;
            ALL[index(kernel, stride, pixels)] = new Upgrade(name, vectors, tile, starter);
          }
        }
      }
    }
  }

  private DepthwiseUpgrades() {}

  /** Whether to take the tile of so many pixels, of which there is one, rather than the pixels. */
  static boolean isReady(int kernel, int stride, int pixels) {
    long work = (long) kernel * kernel * pixels * LANES;
    return ALL[index(kernel, stride, pixels)].isReady(work);
  }

  private static int index(int kernel, int stride, int pixels) {
    return (kernel * (LARGEST_STRIDE + 1) + stride) * (MOST_PIXELS + 1) + pixels;
  }

  /** {@link DepthwiseTiles#run} and what computes the same. */
  @FunctionalInterface
  interface Kernel {
    void run(
        int kernel,
        int stride,
        int pixels,
        float[] x,
        int xo,
        int row,
        float[] w,
        int wo,
        float[] y,
        int yo,
        int ldy);
  }

  /** The time that a kernel takes for some zeros. */
  private static final class Trial implements LongSupplier {
    private final Kernel tiles;
    private final int kernel;
    private final int stride;
    private final int pixels;
    private float[] x;
    private float[] w;
    private float[] y;

    Trial(Kernel tiles, int kernel, int stride, int pixels) {
      this.tiles = tiles;
      this.kernel = kernel;
      this.stride = stride;
      this.pixels = pixels;
    }

    @Override
    public long getAsLong() {
      int row = ((pixels - 1) * stride + kernel) * TILE_COLUMNS;
      if (x == null) {
        x = new float[kernel * row];
        w = new float[(1 + kernel * kernel) * LANES];
        y = new float[pixels * LANES];
      }
      return Upgrade.nanos(() -> tiles.run(kernel, stride, pixels, x, 0, row, w, 0, y, 0, LANES));
    }
  }
}
