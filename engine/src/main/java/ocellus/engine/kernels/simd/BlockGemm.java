package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;

import jdk.incubator.vector.FloatVector;
import ocellus.engine.Tensor;

/**
 * The product of a map in blocks of channels, each channel times a factor: row r of A is pixel r.
 */
final class BlockGemm extends Gemm {
  private float[] x;
  private int xAt;
  private int pixels;
  private float[] factors; // null for ones
  private int factorsAt;

  BlockGemm of(Tensor x, Tensor factors) {
    this.x = x.data();
    this.xAt = x.offset();
    this.pixels = x.dim(1);
    this.factors = factors == null ? null : factors.data();
    this.factorsAt = factors == null ? 0 : factors.offset();
    return this;
  }

  @Override
  void pack(int row, int count, int firstK, int endK, float[] to, int at) {
    for (int k = firstK; k < endK; k += LANES) {
      int source = xAt + (k / TILE_COLUMNS * pixels + row) * TILE_COLUMNS + k % TILE_COLUMNS;
      int target = at + packedIndex(0, count, k - firstK);
      if (factors == null) {
        for (int r = 0; r < count; r++) {
          FloatVector.fromArray(FLOATS, x, source + r * TILE_COLUMNS)
              .intoArray(to, target + r * Tiles.STRIDE);
        }
      } else {
        scale(source, k, count, Math.min(LANES, endK - k), to, target);
      }
    }
  }

  /** One vector of channels of some rows, times its factors. */
  private void scale(int source, int k, int count, int valid, float[] to, int target) {
    // What the lanes behind the last channel hold does not matter, so that any memory will do.
    FloatVector factor =
        factorsAt + k + LANES <= factors.length
            ? FloatVector.fromArray(FLOATS, factors, factorsAt + k)
            : FloatVector.fromArray(FLOATS, factors, factorsAt + k, FLOATS.indexInRange(0, valid));
    for (int r = 0; r < count; r++) {
      FloatVector.fromArray(FLOATS, x, source + r * TILE_COLUMNS)
          .mul(factor)
          .intoArray(to, target + r * Tiles.STRIDE);
    }
  }

  @Override
  boolean packsParts() {
    return true;
  }

  @Override
  void clear() {
    x = null;
    factors = null;
  }
}
