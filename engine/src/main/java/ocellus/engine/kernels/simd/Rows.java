package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.LANES;

/** Copies of short runs of floats. */
final class Rows {
  private Rows() {}

  /**
   * Copies {@code count} floats by whole vectors where both arrays have room for it, and so may
   * overwrite up to one vector behind the target's last element.
   */
  static void copy(float[] from, int at, float[] to, int offset, int count) {
    int padded = Vectors.padded(count);
    if (padded > from.length - at || padded > to.length - offset) {
      System.arraycopy(from, at, to, offset, count);
      return;
    }
    for (int i = 0; i < count; i += LANES) {
      Vectors.load(from, at + i).intoArray(to, offset + i);
    }
  }

  /** Zeroes {@code count} floats. */
  static void clear(float[] array, int offset, int count) {
    java.util.Arrays.fill(array, offset, offset + count, 0f);
  }
}
