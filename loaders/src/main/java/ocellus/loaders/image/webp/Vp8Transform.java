package ocellus.loaders.image.webp;

/** The inverse transforms: RFC 6386, section 14. Not thread-safe. */
final class Vp8Transform {
  private final int[] sums = new int[Vp8Tokens.BLOCK];

  /** Makes the DCs of 16 blocks, each 16 apart in {@code out}. */
  void walshHadamard(short[] in, short[] out) {
    for (int i = 0; i < 4; i++) {
      int a0 = in[i] + in[12 + i];
      int a1 = in[4 + i] + in[8 + i];
      int a2 = in[4 + i] - in[8 + i];
      int a3 = in[i] - in[12 + i];
      sums[i] = a0 + a1;
      sums[8 + i] = a0 - a1;
      sums[4 + i] = a3 + a2;
      sums[12 + i] = a3 - a2;
    }
    for (int i = 0; i < 4; i++) {
      int dc = sums[4 * i] + 3;
      int a0 = dc + sums[4 * i + 3];
      int a1 = sums[4 * i + 1] + sums[4 * i + 2];
      int a2 = sums[4 * i + 1] - sums[4 * i + 2];
      int a3 = dc - sums[4 * i + 3];
      out[64 * i] = (short) ((a0 + a1) >> 3);
      out[64 * i + 16] = (short) ((a3 + a2) >> 3);
      out[64 * i + 32] = (short) ((a0 - a1) >> 3);
      out[64 * i + 48] = (short) ((a3 - a2) >> 3);
    }
  }

  /** Adds a block's transformed coefficients to its prediction. */
  void add(short[] in, int from, byte[] samples, int at, int stride) {
    for (int i = 0; i < 4; i++) {
      int a = in[from + i] + in[from + 8 + i];
      int b = in[from + i] - in[from + 8 + i];
      int c = less(in[from + 4 + i]) - more(in[from + 12 + i]);
      int d = more(in[from + 4 + i]) + less(in[from + 12 + i]);
      sums[i] = a + d;
      sums[4 + i] = b + c;
      sums[8 + i] = b - c;
      sums[12 + i] = a - d;
    }
    for (int y = 0; y < 4; y++) {
      int row = at + y * stride;
      int dc = sums[4 * y] + 4;
      int a = dc + sums[4 * y + 2];
      int b = dc - sums[4 * y + 2];
      int c = less(sums[4 * y + 1]) - more(sums[4 * y + 3]);
      int d = more(sums[4 * y + 1]) + less(sums[4 * y + 3]);
      add(samples, row, a + d);
      add(samples, row + 1, b + c);
      add(samples, row + 2, b - c);
      add(samples, row + 3, a - d);
    }
  }

  private static void add(byte[] samples, int at, int sum) {
    samples[at] = (byte) Math.clamp((samples[at] & 0xff) + (sum >> 3), 0, 255);
  }

  /** Times the square root of 2 and the cosine of 22.5 degrees. */
  private static int more(int value) {
    return ((value * 20091) >> 16) + value;
  }

  /** Times the square root of 2 and the sine of 22.5 degrees. */
  private static int less(int value) {
    return (value * 35468) >> 16;
  }
}
