package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.ORDER;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Convolution in small groups pixel by pixel: for windows that there are no {@link GroupTiles} for,
 * and the starter of those that there are. The bits are the same.
 */
final class GroupPixels {
  private GroupPixels() {}

  /** See {@link GroupTiles#run}. */
  static void run(
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
      int ldy) {
    int size = GroupTiles.KERNEL;
    for (int p = 0; p < pixels; p++) {
      int from = xo + p * stride * TILE_COLUMNS;
      int to = yo + p * ldy;
      pixel(size, size, x, from, row, TILE_COLUMNS, lanes, group, b, bo, pitch, bias, io, y, to);
    }
  }

  /**
   * One output pixel, whatever the window.
   *
   * @param stepY floats from one row of the window to the next
   * @param stepX floats from one column of the window to the next
   */
  static void pixel(
      int height,
      int width,
      float[] x,
      int xo,
      int stepY,
      int stepX,
      float[] lanes,
      int group,
      MemorySegment b,
      long bo,
      long pitch,
      float[] bias,
      int io,
      float[] y,
      int yo) {
    FloatVector sum = FloatVector.fromArray(FLOATS, bias, io);
    for (int ky = 0; ky < height; ky++) {
      for (int i = 0; i < group; i++) {
        FloatVector lane = FloatVector.fromArray(FLOATS, lanes, i * LANES);
        for (int kx = 0; kx < width; kx++) {
          long at = bo + ((ky * width + kx) * group + i) * pitch;
          int from = xo + ky * stepY + kx * stepX + (i & -LANES);
          FloatVector v = lane.selectFrom(FloatVector.fromArray(FLOATS, x, from));
          sum = v.fma(FloatVector.fromMemorySegment(FLOATS, b, at, ORDER), sum);
        }
      }
    }
    sum.intoArray(y, yo);
  }
}
