package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * The product of a dense matrix, each column of which is multiplied with a factor as it is packed.
 */
final class ScaledGemm extends Gemm {
  private float[] x;
  private int xAt;
  private int k;
  private float[] factors;
  private int factorsAt;

  ScaledGemm of(float[] x, int xAt, int k, float[] factors, int factorsAt) {
    this.x = x;
    this.xAt = xAt;
    this.k = k;
    this.factors = factors;
    this.factorsAt = factorsAt;
    return this;
  }

  @Override
  void pack(int row, int count, int firstK, int endK, float[] to, int at) {
    for (int from = firstK; from < endK; from += untilBlockEnd(from)) {
      int end = Math.min(from + untilBlockEnd(from), endK);
      int target = at + packedIndex(0, count, from - firstK) - from;
      for (int r = 0; r < count; r++) {
        scaleRow(xAt + (row + r) * k, from, end, to, target + r * Tiles.STRIDE);
      }
    }
  }

  /** Elements from (inclusive) to end (exclusive) of the row at {@code in}. */
  private void scaleRow(int in, int from, int end, float[] to, int target) {
    int i = from;
    for (; i <= end - LANES; i += LANES) {
      FloatVector.fromArray(FLOATS, x, in + i)
          .mul(FloatVector.fromArray(FLOATS, factors, factorsAt + i))
          .intoArray(to, target + i);
    }
    for (; i < end; i++) {
      to[target + i] = x[in + i] * factors[factorsAt + i];
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
