package ocellus.loaders.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import ocellus.engine.kernels.VectorWidth;

/**
 * Resizes the columns of eight rows at once, one in each lane of a vector: all have the same
 * weights. For that, the bytes of eight rows that are one above the other are brought side by side.
 * Not thread-safe.
 */
final class VectorColumns {
  /** Rows that are resized together. */
  static final int ROWS = 8;

  private static final int CHANNELS = RgbImage.CHANNELS;
  private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_64;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_256;
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long LOW_BYTES = 0x00ff00ff00ff00ffL;
  private static final long LOW_SHORTS = 0x0000ffff0000ffffL;
  private static final long LOW_INT = 0xffffffffL;

  private final ResampleWeights columns;

  /** Bytes of a row that the new columns depend on, and where they start. */
  private final int length;

  private final int start;

  /** {@code [length, ROWS]} */
  private final byte[] beside;

  /** {@code [new columns, CHANNELS, ROWS]} */
  private final int[] levels;

  /**
   * @param columns weights that {@link #canResize}
   */
  VectorColumns(ResampleWeights columns) {
    this.columns = columns;
    this.start = columns.begin() * CHANNELS;
    this.length = (columns.end() - columns.begin()) * CHANNELS;
    this.beside = new byte[Math.multiplyExact(length, ROWS)];
    this.levels = new int[Math.multiplyExact(columns.length(), CHANNELS * ROWS)];
  }

  /** Whether vectors and rows are long enough. */
  static boolean canResize(ResampleWeights columns) {
    return VectorWidth.BITS >= INTS.vectorBitSize()
        && !columns.isIdentity()
        && (columns.end() - columns.begin()) * CHANNELS >= ROWS;
  }

  /**
   * Resizes the columns of rows {@code y}, {@code y + 1} and so on.
   *
   * @param in rows of {@code stride} bytes
   * @param last the row that stands in for those that follow it
   */
  void resize(byte[] in, int stride, int y, int last) {
    int step1 = offset(y + 1, last, stride);
    int step2 = offset(y + 2, last, stride);
    int step3 = offset(y + 3, last, stride);
    int step4 = offset(y + 4, last, stride);
    int step5 = offset(y + 5, last, stride);
    int step6 = offset(y + 6, last, stride);
    int step7 = offset(y + 7, last, stride);
    int step0 = offset(y, last, stride);
    for (int i = 0; i < length; i += ROWS) {
      // The last eight columns overlap those before.
      int at = Math.min(i, length - ROWS);
      long a = (long) EIGHT.get(in, step0 + at);
      long b = (long) EIGHT.get(in, step1 + at);
      long c = (long) EIGHT.get(in, step2 + at);
      long d = (long) EIGHT.get(in, step3 + at);
      long e = (long) EIGHT.get(in, step4 + at);
      long f = (long) EIGHT.get(in, step5 + at);
      long g = (long) EIGHT.get(in, step6 + at);
      long h = (long) EIGHT.get(in, step7 + at);
      long abEven = (a & LOW_BYTES) | (b & LOW_BYTES) << 8;
      long abOdd = (a >>> 8 & LOW_BYTES) | (b & ~LOW_BYTES);
      long cdEven = (c & LOW_BYTES) | (d & LOW_BYTES) << 8;
      long cdOdd = (c >>> 8 & LOW_BYTES) | (d & ~LOW_BYTES);
      long efEven = (e & LOW_BYTES) | (f & LOW_BYTES) << 8;
      long efOdd = (e >>> 8 & LOW_BYTES) | (f & ~LOW_BYTES);
      long ghEven = (g & LOW_BYTES) | (h & LOW_BYTES) << 8;
      long ghOdd = (g >>> 8 & LOW_BYTES) | (h & ~LOW_BYTES);
      putColumns(at, abEven, cdEven, efEven, ghEven);
      putColumns(at + 1, abOdd, cdOdd, efOdd, ghOdd);
    }
    multiply();
  }

  private int offset(int y, int last, int stride) {
    return Math.min(y, last) * stride + start;
  }

  /**
   * Puts down columns {@code at}, {@code at + 2}, {@code at + 4} and {@code at + 6}.
   *
   * @param ab of each, the bytes of the first two rows, in turns
   * @param cd of the next two, and so on
   */
  private void putColumns(int at, long ab, long cd, long ef, long gh) {
    long upper04 = (ab & LOW_SHORTS) | (cd & LOW_SHORTS) << 16;
    long upper26 = (ab >>> 16 & LOW_SHORTS) | (cd & ~LOW_SHORTS);
    long lower04 = (ef & LOW_SHORTS) | (gh & LOW_SHORTS) << 16;
    long lower26 = (ef >>> 16 & LOW_SHORTS) | (gh & ~LOW_SHORTS);
    EIGHT.set(beside, at * ROWS, (upper04 & LOW_INT) | lower04 << 32);
    EIGHT.set(beside, (at + 2) * ROWS, (upper26 & LOW_INT) | lower26 << 32);
    EIGHT.set(beside, (at + 4) * ROWS, upper04 >>> 32 | (lower04 & ~LOW_INT));
    EIGHT.set(beside, (at + 6) * ROWS, upper26 >>> 32 | (lower26 & ~LOW_INT));
  }

  private void multiply() {
    int[] weights = columns.fixedPointWeights();
    int begin = columns.begin();
    IntVector half = IntVector.broadcast(INTS, Resampler.HALF);
    for (int x = 0; x < columns.length(); x++) {
      int w = columns.offset(x);
      int p = (columns.first(x) - begin) * CHANNELS * ROWS;
      IntVector r = half;
      IntVector g = half;
      IntVector b = half;
      for (int last = w + columns.count(x); w < last; w++, p += CHANNELS * ROWS) {
        int weight = weights[w];
        r = r.add(samples(p).mul(weight));
        g = g.add(samples(p + ROWS).mul(weight));
        b = b.add(samples(p + 2 * ROWS).mul(weight));
      }
      int to = x * CHANNELS * ROWS;
      clipped(r).intoArray(levels, to);
      clipped(g).intoArray(levels, to + ROWS);
      clipped(b).intoArray(levels, to + 2 * ROWS);
    }
  }

  private IntVector samples(int at) {
    ByteVector bytes = ByteVector.fromArray(BYTES, beside, at);
    return (IntVector) bytes.convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
  }

  private static IntVector clipped(IntVector sums) {
    return sums.lanewise(VectorOperators.ASHR, ResampleWeights.PRECISION_BITS).max(0).min(255);
  }

  /** Copies what {@link #resize} has made of the row that was {@code index} further down. */
  void copyRow(int index, int[] row) {
    for (int i = 0, from = index; i < row.length; i++, from += ROWS) {
      row[i] = levels[from];
    }
  }
}
