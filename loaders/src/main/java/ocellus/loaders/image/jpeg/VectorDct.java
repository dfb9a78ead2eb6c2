package ocellus.loaders.image.jpeg;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_I2L;
import static ocellus.loaders.image.jpeg.InverseDct.CENTER;
import static ocellus.loaders.image.jpeg.InverseDct.CONSTANT_BITS;
import static ocellus.loaders.image.jpeg.InverseDct.F_0_298;
import static ocellus.loaders.image.jpeg.InverseDct.F_0_390;
import static ocellus.loaders.image.jpeg.InverseDct.F_0_541;
import static ocellus.loaders.image.jpeg.InverseDct.F_0_765;
import static ocellus.loaders.image.jpeg.InverseDct.F_0_899;
import static ocellus.loaders.image.jpeg.InverseDct.F_1_175;
import static ocellus.loaders.image.jpeg.InverseDct.F_1_501;
import static ocellus.loaders.image.jpeg.InverseDct.F_1_847;
import static ocellus.loaders.image.jpeg.InverseDct.F_1_961;
import static ocellus.loaders.image.jpeg.InverseDct.F_2_053;
import static ocellus.loaders.image.jpeg.InverseDct.F_2_562;
import static ocellus.loaders.image.jpeg.InverseDct.F_3_072;

import java.util.Arrays;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link InverseDct} of a group of blocks at once, one in each lane, where nothing overflows. Not
 * thread-safe.
 */
final class VectorDct {
  /**
   * If the coefficients of no column, multiplied by their steps, have a sum of absolute values
   * beyond it, sums of two are below 2^15 in both passes: a pass multiplies by at most sqrt(2), the
   * first one by four besides.
   */
  private static final int SAFE_SUM = 2900;

  /** Such sums are below 2^31 if the steps are not larger. */
  private static final int LARGEST_STEP = 8000;

  private static final int EDGE = Component.EDGE;
  private static final int L = Lanes.COUNT;

  /** Rows and columns of blocks that have low frequencies only. */
  private static final int FEW = EDGE / 2;

  private static final int SHIFT_1 = CONSTANT_BITS - InverseDct.PASS_BITS;
  private static final int SHIFT_2 = CONSTANT_BITS + InverseDct.PASS_BITS + 3;

  /** From a row of values to the next, and from one value to the next: all lanes. */
  private static final int LINE = EDGE * L;

  /** Rounds the first pass. */
  private static final int ROUND_1 = 1 << (SHIFT_1 - 1);

  /** Rounds the second pass and moves its results to 0 to 255. */
  private static final int ROUND_2 = (1 << (SHIFT_2 - 1)) + (CENTER << SHIFT_2);

  private final int[] steps;

  private final boolean possible;
  private final int[] work = new int[Frame.BLOCK * L];

  /**
   * @param quantisation step sizes in natural order
   */
  VectorDct(int[] quantisation) {
    possible = Arrays.stream(quantisation).max().orElseThrow() <= LARGEST_STEP;
    steps = quantisation.clone();
  }

  /**
   * Transforms a group of blocks.
   *
   * @param offset where the group begins in a row of {@link Coefficients}
   * @param at where its first sample goes
   * @param stride from one row of samples to the next
   * @return whether it did; if not, numbers are too large and there are no samples
   */
  boolean group(short[] coefficients, int offset, byte[] samples, int at, int stride) {
    if (!possible) {
      return false;
    }
    int edge = isLow(coefficients, offset) ? FEW : EDGE;
    for (int lane = 0; lane < Coefficients.LANES; lane += L) {
      if (dequantise(coefficients, offset + lane, edge) > SAFE_SUM) {
        return false;
      }
      if (edge == FEW) {
        transformFew(FEW, L, LINE, ROUND_1, SHIFT_1);
        transformFew(EDGE, LINE, L, ROUND_2, SHIFT_2);
      } else {
        transform(EDGE, L, LINE, ROUND_1, SHIFT_1);
        transform(EDGE, LINE, L, ROUND_2, SHIFT_2);
      }
      pack(samples, at + lane * EDGE, stride);
    }
    return true;
  }

  /** Whether only the first four coefficients of the first four rows are not zero. */
  private static boolean isLow(short[] coefficients, int offset) {
    int line = EDGE * Coefficients.LANES;
    var any = ShortVector.zero(Lanes.SHORTS);
    for (int row = 0; row < FEW; row++) {
      int end = offset + (row + 1) * line;
      for (int at = end - line / 2; at < end; at += Lanes.SHORTS.length()) {
        any = any.or(ShortVector.fromArray(Lanes.SHORTS, coefficients, at));
      }
    }
    int end = offset + Coefficients.GROUP;
    for (int at = offset + FEW * line; at < end; at += Lanes.SHORTS.length()) {
      any = any.or(ShortVector.fromArray(Lanes.SHORTS, coefficients, at));
    }
    return any.compare(VectorOperators.EQ, 0).allTrue();
  }

  /** Multiplies by the step sizes. Returns the largest sum of absolute values in a column. */
  private int dequantise(short[] coefficients, int offset, int edge) {
    var largest = IntVector.zero(Lanes.INTS);
    for (int column = 0; column < edge; column++) {
      var sum = IntVector.zero(Lanes.INTS);
      for (int row = 0; row < edge; row++) {
        int place = row * EDGE + column;
        var value =
            ShortVector.fromArray(
                    Lanes.INT_MANY_SHORTS, coefficients, offset + place * Coefficients.LANES)
                .castShape(Lanes.INTS, 0)
                .reinterpretAsInts()
                .mul(steps[place]);
        value.intoArray(work, place * L);
        sum = sum.add(value.abs());
      }
      largest = largest.max(sum);
    }
    return largest.reduceLanes(VectorOperators.MAX);
  }

  /**
   * A pass over the rows or columns of the blocks, in place.
   *
   * @param lines how many
   * @param pitch from one to the next
   * @param step from one value of a line to the next
   */
  private void transform(int lines, int pitch, int step, int round, int shift) {
    for (int line = 0; line < lines; line++) {
      int at = line * pitch;
      var in0 = IntVector.fromArray(Lanes.INTS, work, at);
      var in1 = IntVector.fromArray(Lanes.INTS, work, at + step);
      var in2 = IntVector.fromArray(Lanes.INTS, work, at + 2 * step);
      var in3 = IntVector.fromArray(Lanes.INTS, work, at + 3 * step);
      var in4 = IntVector.fromArray(Lanes.INTS, work, at + 4 * step);
      var in5 = IntVector.fromArray(Lanes.INTS, work, at + 5 * step);
      var in6 = IntVector.fromArray(Lanes.INTS, work, at + 6 * step);
      var in7 = IntVector.fromArray(Lanes.INTS, work, at + 7 * step);
      var z26 = in2.add(in6).mul(F_0_541);
      var even2 = z26.sub(in6.mul(F_1_847));
      var even3 = z26.add(in2.mul(F_0_765));
      var even0 = in0.add(in4).lanewise(LSHL, CONSTANT_BITS).add(round);
      var even1 = in0.sub(in4).lanewise(LSHL, CONSTANT_BITS).add(round);
      var sum73 = in7.add(in3);
      var sum51 = in5.add(in1);
      var z5 = sum73.add(sum51).mul(F_1_175);
      var z3 = z5.sub(sum73.mul(F_1_961));
      var z4 = z5.sub(sum51.mul(F_0_390));
      var z71 = in7.add(in1).mul(F_0_899);
      var z53 = in5.add(in3).mul(F_2_562);
      var odd0 = in7.mul(F_0_298).sub(z71).add(z3);
      var odd1 = in5.mul(F_2_053).sub(z53).add(z4);
      var odd2 = in3.mul(F_3_072).sub(z53).add(z3);
      var odd3 = in1.mul(F_1_501).sub(z71).add(z4);
      var outer = even0.add(even3);
      var inner = even0.sub(even3);
      var second = even1.add(even2);
      var third = even1.sub(even2);
      outer.add(odd3).lanewise(ASHR, shift).intoArray(work, at);
      second.add(odd2).lanewise(ASHR, shift).intoArray(work, at + step);
      third.add(odd1).lanewise(ASHR, shift).intoArray(work, at + 2 * step);
      inner.add(odd0).lanewise(ASHR, shift).intoArray(work, at + 3 * step);
      inner.sub(odd0).lanewise(ASHR, shift).intoArray(work, at + 4 * step);
      third.sub(odd1).lanewise(ASHR, shift).intoArray(work, at + 5 * step);
      second.sub(odd2).lanewise(ASHR, shift).intoArray(work, at + 6 * step);
      outer.sub(odd3).lanewise(ASHR, shift).intoArray(work, at + 7 * step);
    }
  }

  /** {@link #transform} where only the first four values of a line are not zero. */
  private void transformFew(int lines, int pitch, int step, int round, int shift) {
    for (int line = 0; line < lines; line++) {
      int at = line * pitch;
      var in0 = IntVector.fromArray(Lanes.INTS, work, at);
      var in1 = IntVector.fromArray(Lanes.INTS, work, at + step);
      var in2 = IntVector.fromArray(Lanes.INTS, work, at + 2 * step);
      var in3 = IntVector.fromArray(Lanes.INTS, work, at + 3 * step);
      var even2 = in2.mul(F_0_541);
      var even3 = in2.mul(F_0_541 + F_0_765);
      var even = in0.lanewise(LSHL, CONSTANT_BITS).add(round);
      var z5 = in3.add(in1).mul(F_1_175);
      var z3 = z5.sub(in3.mul(F_1_961));
      var z4 = z5.sub(in1.mul(F_0_390));
      var odd0 = z3.sub(in1.mul(F_0_899));
      var odd1 = z4.sub(in3.mul(F_2_562));
      var odd2 = z3.add(in3.mul(F_3_072 - F_2_562));
      var odd3 = z4.add(in1.mul(F_1_501 - F_0_899));
      var outer = even.add(even3);
      var inner = even.sub(even3);
      var second = even.add(even2);
      var third = even.sub(even2);
      outer.add(odd3).lanewise(ASHR, shift).intoArray(work, at);
      second.add(odd2).lanewise(ASHR, shift).intoArray(work, at + step);
      third.add(odd1).lanewise(ASHR, shift).intoArray(work, at + 2 * step);
      inner.add(odd0).lanewise(ASHR, shift).intoArray(work, at + 3 * step);
      inner.sub(odd0).lanewise(ASHR, shift).intoArray(work, at + 4 * step);
      third.sub(odd1).lanewise(ASHR, shift).intoArray(work, at + 5 * step);
      second.sub(odd2).lanewise(ASHR, shift).intoArray(work, at + 6 * step);
      outer.sub(odd3).lanewise(ASHR, shift).intoArray(work, at + 7 * step);
    }
  }

  /** Puts the eight samples of a row of each block together in one lane. */
  private void pack(byte[] samples, int at, int stride) {
    for (int row = 0; row < EDGE; row++) {
      int from = row * LINE;
      var low = IntVector.zero(Lanes.INTS);
      var high = IntVector.zero(Lanes.INTS);
      for (int i = 0; i < FEW; i++) {
        var left = IntVector.fromArray(Lanes.INTS, work, from + i * L).max(0).min(255);
        var right = IntVector.fromArray(Lanes.INTS, work, from + (FEW + i) * L).max(0).min(255);
        low = low.or(left.lanewise(LSHL, 8 * i));
        high = high.or(right.lanewise(LSHL, 8 * i));
      }
      int to = at + row * stride;
      low.convertShape(ZERO_EXTEND_I2L, Lanes.LONGS, 0)
          .reinterpretAsLongs()
          .or(
              high.convertShape(ZERO_EXTEND_I2L, Lanes.LONGS, 0)
                  .reinterpretAsLongs()
                  .lanewise(LSHL, 32))
          .reinterpretAsBytes()
          .intoArray(samples, to);
      low.convertShape(ZERO_EXTEND_I2L, Lanes.LONGS, 1)
          .reinterpretAsLongs()
          .or(
              high.convertShape(ZERO_EXTEND_I2L, Lanes.LONGS, 1)
                  .reinterpretAsLongs()
                  .lanewise(LSHL, 32))
          .reinterpretAsBytes()
          .intoArray(samples, to + EDGE * L / 2);
    }
  }
}
