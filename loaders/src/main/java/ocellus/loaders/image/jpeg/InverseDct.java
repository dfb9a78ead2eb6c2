package ocellus.loaders.image.jpeg;

import java.util.Arrays;

/**
 * Coefficients to samples: the accurate integer transform of libjpeg (Loeffler, Ligtenberg and
 * Moschytz 1989, scaled by 2^13), block by block.
 *
 * <p>Coefficients that no encoder writes overflow. They do so as in libjpeg-turbo's SIMD code for
 * x86: products and sums of two wrap around at 16 bits, results of the first pass saturate there.
 * Not thread-safe.
 */
final class InverseDct {
  static final int CONSTANT_BITS = 13;

  /** Further bits that the first pass keeps. */
  static final int PASS_BITS = 2;

  // sqrt(2) times sums of cosines, as named in the paper, in 13 bits.
  static final int F_0_298 = 2446;
  static final int F_0_390 = 3196;
  static final int F_0_541 = 4433;
  static final int F_0_765 = 6270;
  static final int F_0_899 = 7373;
  static final int F_1_175 = 9633;
  static final int F_1_501 = 12299;
  static final int F_1_847 = 15137;
  static final int F_1_961 = 16069;
  static final int F_2_053 = 16819;
  static final int F_2_562 = 20995;
  static final int F_3_072 = 25172;

  /** Sample of a block of zeros. */
  static final int CENTER = 128;

  private static final int EDGE = Component.EDGE;
  private static final int SHIFT_1 = CONSTANT_BITS - PASS_BITS;
  private static final int SHIFT_2 = CONSTANT_BITS + PASS_BITS + 3;

  private final int[] quantisation;
  private final int[] work = new int[Frame.BLOCK];

  /**
   * @param quantisation step sizes in natural order
   */
  InverseDct(int[] quantisation) {
    this.quantisation = quantisation;
  }

  /**
   * Transforms a block.
   *
   * @param offset where it begins in a row of {@link Coefficients}
   * @param at where its first sample goes
   * @param stride from one row of samples to the next
   */
  void block(short[] coefficients, int offset, byte[] samples, int at, int stride) {
    boolean flat = true;
    for (int column = 0; column < EDGE; column++) {
      int place = offset + column * Coefficients.LANES;
      if (isFlat(coefficients, place)) {
        int value = (short) (coefficients[place] * quantisation[column]) << PASS_BITS;
        Arrays.fill(work, EDGE * column, EDGE * column + EDGE, saturate(value));
      } else {
        flat = false;
        column(coefficients, place, column);
      }
    }
    if (flat) {
      // Then, and only then, the reference wraps around where it else saturates.
      for (int column = 0; column < EDGE; column++) {
        int place = offset + column * Coefficients.LANES;
        int value = (short) ((coefficients[place] * quantisation[column]) << PASS_BITS);
        Arrays.fill(work, EDGE * column, EDGE * column + EDGE, value);
      }
    }
    for (int row = 0; row < EDGE; row++) {
      row(row, samples, at + row * stride);
    }
  }

  private static boolean isFlat(short[] coefficients, int place) {
    int any = 0;
    for (int row = 1; row < EDGE; row++) {
      any |= coefficients[place + row * EDGE * Coefficients.LANES];
    }
    return any == 0;
  }

  /** First pass: {@code work[8 column + row]} is four times what the column transforms to. */
  private void column(short[] coefficients, int place, int column) {
    int in0 = value(coefficients, place, column, 0);
    int in1 = value(coefficients, place, column, 1);
    int in2 = value(coefficients, place, column, 2);
    int in3 = value(coefficients, place, column, 3);
    int in4 = value(coefficients, place, column, 4);
    int in5 = value(coefficients, place, column, 5);
    int in6 = value(coefficients, place, column, 6);
    int in7 = value(coefficients, place, column, 7);
    int even2 = in2 * F_0_541 + in6 * (F_0_541 - F_1_847);
    int even3 = in2 * (F_0_541 + F_0_765) + in6 * F_0_541;
    int even0 = ((short) (in0 + in4) << CONSTANT_BITS) + (1 << (SHIFT_1 - 1));
    int even1 = ((short) (in0 - in4) << CONSTANT_BITS) + (1 << (SHIFT_1 - 1));
    int sum73 = (short) (in7 + in3);
    int sum51 = (short) (in5 + in1);
    int z3 = sum73 * (F_1_175 - F_1_961) + sum51 * F_1_175;
    int z4 = sum73 * F_1_175 + sum51 * (F_1_175 - F_0_390);
    int odd0 = in7 * (F_0_298 - F_0_899) - in1 * F_0_899 + z3;
    int odd1 = in5 * (F_2_053 - F_2_562) - in3 * F_2_562 + z4;
    int odd2 = in3 * (F_3_072 - F_2_562) - in5 * F_2_562 + z3;
    int odd3 = in1 * (F_1_501 - F_0_899) - in7 * F_0_899 + z4;
    int to = EDGE * column;
    work[to] = saturate((even0 + even3 + odd3) >> SHIFT_1);
    work[to + 1] = saturate((even1 + even2 + odd2) >> SHIFT_1);
    work[to + 2] = saturate((even1 - even2 + odd1) >> SHIFT_1);
    work[to + 3] = saturate((even0 - even3 + odd0) >> SHIFT_1);
    work[to + 4] = saturate((even0 - even3 - odd0) >> SHIFT_1);
    work[to + 5] = saturate((even1 - even2 - odd1) >> SHIFT_1);
    work[to + 6] = saturate((even1 + even2 - odd2) >> SHIFT_1);
    work[to + 7] = saturate((even0 + even3 - odd3) >> SHIFT_1);
  }

  private int value(short[] coefficients, int place, int column, int row) {
    int step = quantisation[EDGE * row + column];
    return (short) (coefficients[place + row * EDGE * Coefficients.LANES] * step);
  }

  /** Second pass: a row of samples. */
  private void row(int row, byte[] samples, int at) {
    int in0 = work[row];
    int in1 = work[EDGE + row];
    int in2 = work[2 * EDGE + row];
    int in3 = work[3 * EDGE + row];
    int in4 = work[4 * EDGE + row];
    int in5 = work[5 * EDGE + row];
    int in6 = work[6 * EDGE + row];
    int in7 = work[7 * EDGE + row];
    int even2 = in2 * F_0_541 + in6 * (F_0_541 - F_1_847);
    int even3 = in2 * (F_0_541 + F_0_765) + in6 * F_0_541;
    int even0 = ((short) (in0 + in4) << CONSTANT_BITS) + (1 << (SHIFT_2 - 1));
    int even1 = ((short) (in0 - in4) << CONSTANT_BITS) + (1 << (SHIFT_2 - 1));
    int sum73 = (short) (in7 + in3);
    int sum51 = (short) (in5 + in1);
    int z3 = sum73 * (F_1_175 - F_1_961) + sum51 * F_1_175;
    int z4 = sum73 * F_1_175 + sum51 * (F_1_175 - F_0_390);
    int odd0 = in7 * (F_0_298 - F_0_899) - in1 * F_0_899 + z3;
    int odd1 = in5 * (F_2_053 - F_2_562) - in3 * F_2_562 + z4;
    int odd2 = in3 * (F_3_072 - F_2_562) - in5 * F_2_562 + z3;
    int odd3 = in1 * (F_1_501 - F_0_899) - in7 * F_0_899 + z4;
    samples[at] = sample((even0 + even3 + odd3) >> SHIFT_2);
    samples[at + 1] = sample((even1 + even2 + odd2) >> SHIFT_2);
    samples[at + 2] = sample((even1 - even2 + odd1) >> SHIFT_2);
    samples[at + 3] = sample((even0 - even3 + odd0) >> SHIFT_2);
    samples[at + 4] = sample((even0 - even3 - odd0) >> SHIFT_2);
    samples[at + 5] = sample((even1 - even2 - odd1) >> SHIFT_2);
    samples[at + 6] = sample((even1 + even2 - odd2) >> SHIFT_2);
    samples[at + 7] = sample((even0 + even3 - odd3) >> SHIFT_2);
  }

  private static int saturate(int value) {
    return Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, value));
  }

  private static byte sample(int value) {
    return (byte) (Math.max(-CENTER, Math.min(CENTER - 1, value)) + CENTER);
  }
}
