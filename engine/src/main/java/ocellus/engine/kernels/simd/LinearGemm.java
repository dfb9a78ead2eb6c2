package ocellus.engine.kernels.simd;

/** The product of a dense matrix: row r of A is row r of x. */
final class LinearGemm extends Gemm {
  private float[] x;
  private int xAt;
  private int k;

  LinearGemm of(float[] x, int xAt, int k) {
    this.x = x;
    this.xAt = xAt;
    this.k = k;
    return this;
  }

  @Override
  void pack(int row, int count, int firstK, int endK, float[] to, int at) {
    for (int from = firstK; from < endK; from += untilBlockEnd(from)) {
      int length = Math.min(untilBlockEnd(from), endK - from);
      int target = at + packedIndex(0, count, from - firstK);
      Rows.copy(x, xAt + row * k + from, k, to, target, Tiles.STRIDE, count, length);
    }
  }

  @Override
  boolean packsParts() {
    return true;
  }

  @Override
  void clear() {
    x = null;
  }
}
