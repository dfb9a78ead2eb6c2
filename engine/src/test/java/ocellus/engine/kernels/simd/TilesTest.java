package ocellus.engine.kernels.simd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import ocellus.engine.kernels.VectorWidth;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every tile against the sums that it stands for, bit by bit, and the starter tile likewise. */
class TilesTest {
  /** Floats between the rows of init and c, so that what is written beside them shows. */
  private static final int GAP = 3;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7, 384})
  void tilesAndStarterGiveTheSameBits(int k) {
    assumeTrue(VectorWidth.BITS > 0, "the scalar kernels have no tiles");
    Random random = new Random(k);
    for (int rows = 1; rows <= Tiles.MOST_ROWS; rows++) {
      for (int vectors = 1; vectors <= 2; vectors++) {
        for (boolean accumulates : new boolean[] {false, true}) {
          check(random, rows, vectors, k, accumulates);
        }
      }
    }
  }

  private static void check(Random random, int rows, int vectors, int k, boolean accumulates) {
    int width = vectors * Vectors.LANES;
    int stride = width + GAP;
    float[] a = floats(random, 5 + rows * Tiles.STRIDE);
    float[] b = floats(random, (1 + k) * width);
    MemorySegment panel = Arena.ofAuto().allocate((long) b.length * Float.BYTES, 64);
    MemorySegment.copy(b, 0, panel, ValueLayout.JAVA_FLOAT, 0, b.length);
    float[] bias = floats(random, 2 + width);
    float[] before = floats(random, 1 + rows * stride);
    float[] expected = before.clone();
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < width; j++) {
        float sum = 0;
        for (int i = 0; i < k; i++) {
          sum = Math.fma(a[5 + r * Tiles.STRIDE + i], b[(1 + i) * width + j], sum);
        }
        int at = 1 + r * stride + j;
        expected[at] = sum + (accumulates ? before[at] : bias[2 + j]);
      }
    }
    for (TileUpgrades.Kernel kernel :
        new TileUpgrades.Kernel[] {
          Tiles::run, Tiles::large, TileUpgrades.readsAhead(), StarterTile::rows
        }) {
      float[] c = before.clone();
      float[] init = accumulates ? c : bias;
      int initAt = accumulates ? 1 : 2;
      int initStride = accumulates ? stride : 0;
      long at = (long) width * Float.BYTES;
      kernel.run(rows, vectors, a, 5, panel, at, k, init, initAt, initStride, c, 1, stride);
      assertArrayEquals(expected, c, rows + " x " + vectors);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 9, 21})
  void windowTilesAndStarterGiveTheSameBits(int k) {
    assumeTrue(VectorWidth.BITS > 0, "the scalar kernels have no tiles");
    Random random = new Random(k);
    for (int vectors = 1; vectors <= 2; vectors++) {
      for (int rows = 1; rows <= WindowTiles.mostRows(vectors, k); rows++) {
        checkWindows(random, rows, vectors, 3, k);
      }
    }
  }

  private static void checkWindows(Random random, int rows, int vectors, int pieces, int k) {
    int width = vectors * Vectors.LANES;
    int stride = width + GAP;
    int pitch = rows * WindowTiles.STRIDE + k;
    float[] a = floats(random, 5 + pieces * pitch);
    float[] b = floats(random, pieces * k * width);
    MemorySegment panel = Arena.ofAuto().allocate((long) b.length * Float.BYTES, 64);
    MemorySegment.copy(b, 0, panel, ValueLayout.JAVA_FLOAT, 0, b.length);
    float[] bias = floats(random, 2 + width);
    float[] before = floats(random, 1 + rows * stride);
    float[] expected = before.clone();
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < width; j++) {
        float sum = 0;
        for (int i = 0; i < pieces * k; i++) {
          int at = 5 + r * WindowTiles.STRIDE + i / k * pitch + i % k;
          sum = Math.fma(a[at], b[i * width + j], sum);
        }
        expected[1 + r * stride + j] = sum + bias[2 + j];
      }
    }
    for (TileUpgrades.WindowKernel kernel :
        new TileUpgrades.WindowKernel[] {
          WindowTiles::run, WindowTiles::large, StarterTile::windows
        }) {
      float[] c = before.clone();
      kernel.run(rows, vectors, a, 5, pitch, pieces, panel, 0, k, bias, 2, 0, c, 1, stride);
      assertArrayEquals(expected, c, rows + " x " + vectors);
    }
  }

  @Test
  void depthwiseTilesAndPixelsGiveTheSameBits() {
    assumeTrue(VectorWidth.BITS > 0, "the scalar kernels have no tiles");
    Random random = new Random(1);
    int tiles = 0;
    for (int kernel : new int[] {3, 5, 7}) {
      for (int stride = 1; stride <= 2; stride++) {
        for (int pixels = 1; pixels <= 14; pixels++) {
          if (DepthwiseTiles.largest(kernel, stride, pixels) == pixels) {
            checkDepthwise(random, kernel, stride, pixels);
            tiles++;
          }
        }
      }
    }
    assertTrue(tiles >= 5, tiles + " tiles");
  }

  private static void checkDepthwise(Random random, int kernel, int stride, int pixels) {
    int columns = Vectors.TILE_COLUMNS;
    int lanes = Vectors.LANES;
    int row = ((pixels - 1) * stride + kernel + 1) * columns;
    float[] x = floats(random, 5 + kernel * row);
    float[] w = floats(random, 2 + (1 + kernel * kernel) * lanes);
    float[] before = floats(random, 1 + pixels * (lanes + GAP));
    float[] expected = before.clone();
    for (int p = 0; p < pixels; p++) {
      for (int j = 0; j < lanes; j++) {
        float sum = w[2 + j];
        for (int tap = 0; tap < kernel * kernel; tap++) {
          int at = 5 + tap / kernel * row + (p * stride + tap % kernel) * columns + j;
          sum = Math.fma(x[at], w[2 + (1 + tap) * lanes + j], sum);
        }
        expected[1 + p * (lanes + GAP) + j] = sum;
      }
    }
    for (DepthwiseUpgrades.Kernel tiles :
        new DepthwiseUpgrades.Kernel[] {
          DepthwiseTiles::run, DepthwiseTiles::large, DepthwisePixels::run
        }) {
      float[] y = before.clone();
      tiles.run(kernel, stride, pixels, x, 5, row, w, 2, y, 1, lanes + GAP);
      assertArrayEquals(expected, y, kernel + "s" + stride + "x" + pixels);
    }
  }

  @Test
  void groupTilesAndPixelsGiveTheSameBits() {
    assumeTrue(VectorWidth.BITS > 0, "the scalar kernels have no tiles");
    Random random = new Random(1);
    int tiles = 0;
    for (int group = 1; group <= Vectors.TILE_COLUMNS; group++) {
      for (int stride = 1; stride <= 2; stride++) {
        for (int pixels = 1; pixels <= 14; pixels++) {
          if (GroupLanes.covers(group) && GroupTiles.largest(stride, pixels) == pixels) {
            checkGroups(random, group, stride, pixels);
            tiles++;
          }
        }
      }
    }
    assertTrue(tiles >= 12, tiles + " tiles");
  }

  /** Of the first vector of a panel. */
  private static void checkGroups(Random random, int group, int stride, int pixels) {
    int columns = Vectors.TILE_COLUMNS;
    int lanes = Vectors.LANES;
    int kernel = GroupTiles.KERNEL;
    int row = ((pixels - 1) * stride + kernel + 1) * columns;
    float[] x = floats(random, 5 + kernel * row);
    float[] w = floats(random, kernel * kernel * group * columns);
    float[] bias = floats(random, 3 + lanes);
    float[] before = floats(random, 1 + pixels * (lanes + GAP));
    float[] expected = before.clone();
    for (int p = 0; p < pixels; p++) {
      for (int j = 0; j < lanes; j++) {
        float sum = bias[3 + j];
        for (int ky = 0; ky < kernel; ky++) {
          for (int i = 0; i < group; i++) {
            for (int kx = 0; kx < kernel; kx++) {
              int channel = j / group * group + i;
              int at = 5 + ky * row + (p * stride + kx) * columns + channel;
              int tap = (ky * kernel + kx) * group + i;
              sum = Math.fma(x[at], w[tap * columns + j], sum);
            }
          }
        }
        expected[1 + p * (lanes + GAP) + j] = sum;
      }
    }
    MemorySegment b = MemorySegment.ofArray(new long[(w.length + 1) / 2 + 1]);
    MemorySegment.copy(w, 0, b, ValueLayout.JAVA_FLOAT_UNALIGNED, 8, w.length);
    long pitch = (long) columns * Float.BYTES;
    for (GroupUpgrades.Kernel tiles :
        new GroupUpgrades.Kernel[] {GroupTiles::run, GroupTiles::large, GroupPixels::run}) {
      float[] y = before.clone();
      float[] table = GroupLanes.of(group);
      tiles.run(stride, pixels, x, 5, row, table, group, b, 8, pitch, bias, 3, y, 1, lanes + GAP);
      assertArrayEquals(expected, y, group + " s" + stride + "x" + pixels);
    }
  }

  private static float[] floats(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
