package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;

import jdk.incubator.vector.FloatVector;

/**
 * Depthwise convolution pixel by pixel: for windows that there are no {@link DepthwiseTiles} for,
 * and the starter of those that there are. The bits are the same.
 */
final class DepthwisePixels {
  private DepthwisePixels() {}

  /** See {@link DepthwiseTiles#run}. */
  static void run(
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
      int ldy) {
    for (int p = 0; p < pixels; p++) {
      int from = xo + p * stride * TILE_COLUMNS;
      pixel(kernel, kernel, x, from, row, TILE_COLUMNS, w, wo, y, yo + p * ldy);
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
      float[] w,
      int wo,
      float[] y,
      int yo) {
    FloatVector sum = FloatVector.fromArray(FLOATS, w, wo);
    int tap = wo + LANES;
    for (int ky = 0; ky < height; ky++) {
      for (int kx = 0; kx < width; kx++) {
        FloatVector v = FloatVector.fromArray(FLOATS, x, xo + ky * stepY + kx * stepX);
        sum = v.fma(FloatVector.fromArray(FLOATS, w, tap), sum);
        tap += LANES;
      }
    }
    sum.intoArray(y, yo);
  }
}
