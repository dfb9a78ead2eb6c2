package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.LANES;

import java.util.Arrays;

/**
 * Copies of short runs of floats, for which {@link System#arraycopy} takes longer to start than to
 * copy.
 */
final class Rows {
  private Rows() {}

  /**
   * Copies {@code rows} runs of {@code count} floats by whole vectors where both arrays have room
   * for it, and so may overwrite up to one vector behind the last element of each run.
   *
   * @param fromStride floats from one run to the next in {@code from}
   * @param toStride floats from one run to the next in {@code to}
   */
  static void copy(
      float[] from,
      int at,
      int fromStride,
      float[] to,
      int offset,
      int toStride,
      int rows,
      int count) {
    int last = rows - 1;
    int padded = Vectors.padded(count);
    boolean room =
        at + last * fromStride + padded <= from.length
            && offset + last * toStride + padded <= to.length;
    for (int r = 0; r < rows; r++) {
      int source = at + r * fromStride;
      int target = offset + r * toStride;
      if (room) {
        for (int i = 0; i < count; i += LANES) {
          Vectors.load(from, source + i).intoArray(to, target + i);
        }
      } else {
        System.arraycopy(from, source, to, target, count);
      }
    }
  }

  /** Zeroes {@code count} floats. */
  static void clear(float[] array, int offset, int count) {
    Arrays.fill(array, offset, offset + count, 0f);
  }
}
