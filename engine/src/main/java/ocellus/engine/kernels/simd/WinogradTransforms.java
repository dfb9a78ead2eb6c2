package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * The transforms of {@link ocellus.engine.kernels.Winograd}, of as many channels at once as a
 * vector has lanes: first the columns of a tile, into some scratch, then the rows.
 */
final class WinogradTransforms {
  /** Vectors of scratch that a transform takes. */
  static final int SPARE = 36;

  // F4's points are 0, a, -a, b, -b and infinity. All of these are exact.
  private static final float A = 0.625f;
  private static final float B = 1.5f;
  private static final float A2 = A * A;
  private static final float B2 = B * B;
  private static final float A3 = A2 * A;
  private static final float B3 = B2 * B;

  private WinogradTransforms() {}

  /**
   * B^T d B of some channels of a tile of 4x4 pixels.
   *
   * @param x has the first channel of the tile's first pixel at {@code at}
   * @param rowStride floats from one pixel to the one below
   * @param stride floats from one pixel to the next
   * @param to gets element i of the result, row by row, at {@code toAt + slots[slot + i step]};
   *     also has the scratch, at {@code spare}
   */
  static void input2(
      float[] x,
      int at,
      int rowStride,
      int stride,
      int channels,
      float[] to,
      int spare,
      int toAt,
      int[] slots,
      int slot,
      int step) {
    for (int c = 0; c < channels; c += LANES) {
      for (int j = 0; j < 4; j++) {
        int from = at + c + j * stride;
        FloatVector d0 = FloatVector.fromArray(FLOATS, x, from);
        FloatVector d1 = FloatVector.fromArray(FLOATS, x, from + rowStride);
        FloatVector d2 = FloatVector.fromArray(FLOATS, x, from + 2 * rowStride);
        FloatVector d3 = FloatVector.fromArray(FLOATS, x, from + 3 * rowStride);
        int out = spare + j * LANES;
        d2.sub(d0).intoArray(to, out);
        d2.add(d1).intoArray(to, out + 4 * LANES);
        d2.sub(d1).intoArray(to, out + 8 * LANES);
        d3.sub(d1).intoArray(to, out + 12 * LANES);
      }
      int out = toAt + c;
      for (int i = 0; i < 4; i++) {
        int in = spare + 4 * i * LANES;
        FloatVector d0 = FloatVector.fromArray(FLOATS, to, in);
        FloatVector d1 = FloatVector.fromArray(FLOATS, to, in + LANES);
        FloatVector d2 = FloatVector.fromArray(FLOATS, to, in + 2 * LANES);
        FloatVector d3 = FloatVector.fromArray(FLOATS, to, in + 3 * LANES);
        int s = slot + 4 * i * step;
        d2.sub(d0).intoArray(to, out + slots[s]);
        d2.add(d1).intoArray(to, out + slots[s + step]);
        d2.sub(d1).intoArray(to, out + slots[s + 2 * step]);
        d3.sub(d1).intoArray(to, out + slots[s + 3 * step]);
      }
    }
  }

  /** As {@link #input2}, of a tile of 6x6 pixels. */
  static void input4(
      float[] x,
      int at,
      int rowStride,
      int stride,
      int channels,
      float[] to,
      int spare,
      int toAt,
      int[] slots,
      int slot,
      int step) {
    FloatVector a = FloatVector.broadcast(FLOATS, A);
    FloatVector b = FloatVector.broadcast(FLOATS, B);
    FloatVector minusA2 = FloatVector.broadcast(FLOATS, -A2);
    FloatVector minusB2 = FloatVector.broadcast(FLOATS, -B2);
    FloatVector minusSum = FloatVector.broadcast(FLOATS, -A2 - B2);
    FloatVector product = FloatVector.broadcast(FLOATS, A2 * B2);
    for (int c = 0; c < channels; c += LANES) {
      for (int j = 0; j < 6; j++) {
        int from = at + c + j * stride;
        FloatVector d0 = FloatVector.fromArray(FLOATS, x, from);
        FloatVector d1 = FloatVector.fromArray(FLOATS, x, from + rowStride);
        FloatVector d2 = FloatVector.fromArray(FLOATS, x, from + 2 * rowStride);
        FloatVector d3 = FloatVector.fromArray(FLOATS, x, from + 3 * rowStride);
        FloatVector d4 = FloatVector.fromArray(FLOATS, x, from + 4 * rowStride);
        FloatVector d5 = FloatVector.fromArray(FLOATS, x, from + 5 * rowStride);
        FloatVector evenA = d2.fma(minusB2, d4);
        FloatVector oddA = d1.fma(minusB2, d3).mul(a);
        FloatVector evenB = d2.fma(minusA2, d4);
        FloatVector oddB = d1.fma(minusA2, d3).mul(b);
        int out = spare + j * LANES;
        d0.fma(product, d2.fma(minusSum, d4)).intoArray(to, out);
        evenA.add(oddA).intoArray(to, out + 6 * LANES);
        evenA.sub(oddA).intoArray(to, out + 12 * LANES);
        evenB.add(oddB).intoArray(to, out + 18 * LANES);
        evenB.sub(oddB).intoArray(to, out + 24 * LANES);
        d1.fma(product, d3.fma(minusSum, d5)).intoArray(to, out + 30 * LANES);
      }
      int out = toAt + c;
      for (int i = 0; i < 6; i++) {
        int in = spare + 6 * i * LANES;
        FloatVector d0 = FloatVector.fromArray(FLOATS, to, in);
        FloatVector d1 = FloatVector.fromArray(FLOATS, to, in + LANES);
        FloatVector d2 = FloatVector.fromArray(FLOATS, to, in + 2 * LANES);
        FloatVector d3 = FloatVector.fromArray(FLOATS, to, in + 3 * LANES);
        FloatVector d4 = FloatVector.fromArray(FLOATS, to, in + 4 * LANES);
        FloatVector d5 = FloatVector.fromArray(FLOATS, to, in + 5 * LANES);
        FloatVector evenA = d2.fma(minusB2, d4);
        FloatVector oddA = d1.fma(minusB2, d3).mul(a);
        FloatVector evenB = d2.fma(minusA2, d4);
        FloatVector oddB = d1.fma(minusA2, d3).mul(b);
        int s = slot + 6 * i * step;
        d0.fma(product, d2.fma(minusSum, d4)).intoArray(to, out + slots[s]);
        evenA.add(oddA).intoArray(to, out + slots[s + step]);
        evenA.sub(oddA).intoArray(to, out + slots[s + 2 * step]);
        evenB.add(oddB).intoArray(to, out + slots[s + 3 * step]);
        evenB.sub(oddB).intoArray(to, out + slots[s + 4 * step]);
        d1.fma(product, d3.fma(minusSum, d5)).intoArray(to, out + slots[s + 5 * step]);
      }
    }
  }

  /**
   * A^T m A plus a bias: 2x2 pixels.
   *
   * @param s has element i of m, row by row, at {@code at + i step}, the bias at {@code bias} and
   *     the scratch at {@code spare}; gets the pixels, {@code columns} floats each, at {@code out}
   * @param columns whole vectors
   */
  static void output2(float[] s, int at, int step, int columns, int bias, int spare, int out) {
    for (int c = 0; c < columns; c += LANES) {
      for (int j = 0; j < 4; j++) {
        int from = at + c + j * step;
        FloatVector m0 = FloatVector.fromArray(FLOATS, s, from);
        FloatVector m1 = FloatVector.fromArray(FLOATS, s, from + 4 * step);
        FloatVector m2 = FloatVector.fromArray(FLOATS, s, from + 8 * step);
        FloatVector m3 = FloatVector.fromArray(FLOATS, s, from + 12 * step);
        int to = spare + j * LANES;
        m0.add(m1.add(m2)).intoArray(s, to);
        m3.add(m1.sub(m2)).intoArray(s, to + 4 * LANES);
      }
      FloatVector shift = FloatVector.fromArray(FLOATS, s, bias + c);
      for (int i = 0; i < 2; i++) {
        int in = spare + 4 * i * LANES;
        FloatVector m0 = FloatVector.fromArray(FLOATS, s, in);
        FloatVector m1 = FloatVector.fromArray(FLOATS, s, in + LANES);
        FloatVector m2 = FloatVector.fromArray(FLOATS, s, in + 2 * LANES);
        FloatVector m3 = FloatVector.fromArray(FLOATS, s, in + 3 * LANES);
        int to = out + 2 * i * columns + c;
        m0.add(m1.add(m2)).add(shift).intoArray(s, to);
        m3.add(m1.sub(m2)).add(shift).intoArray(s, to + columns);
      }
    }
  }

  /** As {@link #output2}, 4x4 pixels. */
  static void output4(float[] s, int at, int step, int columns, int bias, int spare, int out) {
    FloatVector a = FloatVector.broadcast(FLOATS, A);
    FloatVector b = FloatVector.broadcast(FLOATS, B);
    FloatVector a2 = FloatVector.broadcast(FLOATS, A2);
    FloatVector b2 = FloatVector.broadcast(FLOATS, B2);
    FloatVector a3 = FloatVector.broadcast(FLOATS, A3);
    FloatVector b3 = FloatVector.broadcast(FLOATS, B3);
    for (int c = 0; c < columns; c += LANES) {
      for (int j = 0; j < 6; j++) {
        int from = at + c + j * step;
        FloatVector m0 = FloatVector.fromArray(FLOATS, s, from);
        FloatVector m1 = FloatVector.fromArray(FLOATS, s, from + 6 * step);
        FloatVector m2 = FloatVector.fromArray(FLOATS, s, from + 12 * step);
        FloatVector m3 = FloatVector.fromArray(FLOATS, s, from + 18 * step);
        FloatVector m4 = FloatVector.fromArray(FLOATS, s, from + 24 * step);
        FloatVector m5 = FloatVector.fromArray(FLOATS, s, from + 30 * step);
        FloatVector evenA = m1.add(m2);
        FloatVector oddA = m1.sub(m2);
        FloatVector evenB = m3.add(m4);
        FloatVector oddB = m3.sub(m4);
        int to = spare + j * LANES;
        m0.add(evenA.add(evenB)).intoArray(s, to);
        oddA.fma(a, oddB.mul(b)).intoArray(s, to + 6 * LANES);
        evenA.fma(a2, evenB.mul(b2)).intoArray(s, to + 12 * LANES);
        oddA.fma(a3, oddB.fma(b3, m5)).intoArray(s, to + 18 * LANES);
      }
      FloatVector shift = FloatVector.fromArray(FLOATS, s, bias + c);
      for (int i = 0; i < 4; i++) {
        int in = spare + 6 * i * LANES;
        FloatVector m0 = FloatVector.fromArray(FLOATS, s, in);
        FloatVector m1 = FloatVector.fromArray(FLOATS, s, in + LANES);
        FloatVector m2 = FloatVector.fromArray(FLOATS, s, in + 2 * LANES);
        FloatVector m3 = FloatVector.fromArray(FLOATS, s, in + 3 * LANES);
        FloatVector m4 = FloatVector.fromArray(FLOATS, s, in + 4 * LANES);
        FloatVector m5 = FloatVector.fromArray(FLOATS, s, in + 5 * LANES);
        FloatVector evenA = m1.add(m2);
        FloatVector oddA = m1.sub(m2);
        FloatVector evenB = m3.add(m4);
        FloatVector oddB = m3.sub(m4);
        int to = out + 4 * i * columns + c;
        m0.add(evenA.add(evenB)).add(shift).intoArray(s, to);
        oddA.fma(a, oddB.mul(b)).add(shift).intoArray(s, to + columns);
        evenA.fma(a2, evenB.mul(b2)).add(shift).intoArray(s, to + 2 * columns);
        oddA.fma(a3, oddB.fma(b3, m5)).add(shift).intoArray(s, to + 3 * columns);
      }
    }
  }
}
