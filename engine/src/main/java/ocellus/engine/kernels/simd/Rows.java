package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

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
          FloatVector.fromArray(FLOATS, from, source + i).intoArray(to, target + i);
        }
      } else {
        System.arraycopy(from, source, to, target, count);
      }
    }
  }

  /** Copies {@code rows} runs of {@code count} floats and nothing behind them. */
  static void store(
      float[] from,
      int at,
      int fromStride,
      float[] to,
      int offset,
      int toStride,
      int rows,
      int count) {
    int whole = Vectors.whole(count);
    VectorMask<Float> tail = FLOATS.indexInRange(whole, count);
    for (int r = 0; r < rows; r++) {
      int source = at + r * fromStride;
      int target = offset + r * toStride;
      for (int i = 0; i < whole; i += LANES) {
        FloatVector.fromArray(FLOATS, from, source + i).intoArray(to, target + i);
      }
      if (whole < count) {
        FloatVector.fromArray(FLOATS, from, source + whole, tail)
            .intoArray(to, target + whole, tail);
      }
    }
  }

  /**
   * As {@link #store}, of runs that follow each other without gaps in {@code to}: what a whole
   * vector writes behind its run is overwritten by the next, so that no mask is needed.
   */
  static void storeSideBySide(
      float[] from, int at, int fromStride, float[] to, int offset, int rows, int count) {
    int overhang = Vectors.padded(count) - count;
    int masked = count == 0 ? 0 : Math.min(rows, Math.ceilDiv(overhang, count));
    int free = rows - masked; // what these write too much is within the rows behind them
    copy(from, at, fromStride, to, offset, count, free, count);
    store(
        from, at + free * fromStride, fromStride, to, offset + free * count, count, masked, count);
  }

  /** Adds {@code rows} runs of {@code count} floats to others. */
  static void add(
      float[] from,
      int at,
      int fromStride,
      float[] to,
      int offset,
      int toStride,
      int rows,
      int count) {
    int whole = Vectors.whole(count);
    VectorMask<Float> tail = FLOATS.indexInRange(whole, count);
    for (int r = 0; r < rows; r++) {
      int source = at + r * fromStride;
      int target = offset + r * toStride;
      for (int i = 0; i < whole; i += LANES) {
        FloatVector.fromArray(FLOATS, from, source + i)
            .add(FloatVector.fromArray(FLOATS, to, target + i))
            .intoArray(to, target + i);
      }
      if (whole < count) {
        FloatVector.fromArray(FLOATS, from, source + whole, tail)
            .add(FloatVector.fromArray(FLOATS, to, target + whole, tail))
            .intoArray(to, target + whole, tail);
      }
    }
  }

  /** Zeroes {@code count} floats. */
  static void clear(float[] array, int offset, int count) {
    Arrays.fill(array, offset, offset + count, 0f);
  }
}
