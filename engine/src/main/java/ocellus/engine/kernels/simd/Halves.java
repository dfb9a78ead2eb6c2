package ocellus.engine.kernels.simd;

import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static ocellus.engine.kernels.simd.Vectors.BYTES;
import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.INTS;
import static ocellus.engine.kernels.simd.Vectors.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import ocellus.engine.kernels.WeightFormat;

/**
 * 16-bit weights, of which a vector of ints holds two vectors (see {@link
 * ocellus.engine.kernels.PackedMatrix}). They are widened exactly, and sums are formed in the order
 * of {@link Tiles}, so that results have the bits that the same weights in F32 would give.
 */
final class Halves {
  private static final int UPPER = 0xffff0000;

  // Fields of an F16 in the upper half of an int, moved to where an F32 has its fraction.
  private static final int SIGN = 0x80000000;
  private static final int MAGNITUDE = 0x0fffe000;
  private static final int LEAST_EXPONENT = 1 << 23;

  /** What the exponents of F32 are higher by. */
  private static final int BIAS = (127 - 15) << 23;

  /** The least normal F16. */
  private static final FloatVector LEAST_NORMAL = FloatVector.broadcast(FLOATS, 0x1p-14f);

  private static final FloatVector TWO = FloatVector.broadcast(FLOATS, 2);

  private Halves() {}

  /** Writes pairs of vectors as floats. */
  static void widen(
      WeightFormat format, MemorySegment from, long at, int pairs, MemorySegment to, long target) {
    if (format == WeightFormat.BF16) {
      for (int i = 0; i < pairs; i++) {
        IntVector x = load(from, at, i);
        brain(x.lanewise(LSHL, 16)).intoMemorySegment(to, target + 2L * i * BYTES, ORDER);
        brain(x).intoMemorySegment(to, target + (2L * i + 1) * BYTES, ORDER);
      }
    } else {
      for (int i = 0; i < pairs; i++) {
        IntVector x = load(from, at, i);
        half(x.lanewise(LSHL, 16)).intoMemorySegment(to, target + 2L * i * BYTES, ORDER);
        half(x).intoMemorySegment(to, target + (2L * i + 1) * BYTES, ORDER);
      }
    }
  }

  /**
   * A tile of one row, widened in registers: for a single row that takes less time than to write
   * the floats and read them again. The arguments are those of {@link Tiles#run}.
   */
  static void row(
      WeightFormat format,
      int vectors,
      float[] a,
      int ao,
      MemorySegment b,
      long bo,
      int k,
      float[] init,
      int io,
      float[] c,
      int co) {
    if (format == WeightFormat.BF16) {
      if (vectors == 2) {
        brains2(a, ao, b, bo, k, init, io, c, co);
      } else {
        brains1(a, ao, b, bo, k, init, io, c, co);
      }
    } else if (vectors == 2) {
      halves2(a, ao, b, bo, k, init, io, c, co);
    } else {
      halves1(a, ao, b, bo, k, init, io, c, co);
    }
  }

  private static void brains2(
      float[] a, int ao, MemorySegment b, long bo, int k, float[] init, int io, float[] c, int co) {
    FloatVector c0 = FloatVector.zero(FLOATS);
    FloatVector c1 = FloatVector.zero(FLOATS);
    for (int i = 0; i < k; i++) {
      IntVector x = load(b, bo, i);
      FloatVector ai = FloatVector.broadcast(FLOATS, a[ao + i]);
      c0 = ai.fma(brain(x.lanewise(LSHL, 16)), c0);
      c1 = ai.fma(brain(x), c1);
    }
    store(c0, init, io, c, co);
    store(c1, init, io + FLOATS.length(), c, co + FLOATS.length());
  }

  private static void halves2(
      float[] a, int ao, MemorySegment b, long bo, int k, float[] init, int io, float[] c, int co) {
    FloatVector c0 = FloatVector.zero(FLOATS);
    FloatVector c1 = FloatVector.zero(FLOATS);
    for (int i = 0; i < k; i++) {
      IntVector x = load(b, bo, i);
      FloatVector ai = FloatVector.broadcast(FLOATS, a[ao + i]);
      c0 = ai.fma(half(x.lanewise(LSHL, 16)), c0);
      c1 = ai.fma(half(x), c1);
    }
    store(c0, init, io, c, co);
    store(c1, init, io + FLOATS.length(), c, co + FLOATS.length());
  }

  // In a panel of one vector a pair are two rows.

  private static void brains1(
      float[] a, int ao, MemorySegment b, long bo, int k, float[] init, int io, float[] c, int co) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = 0; i < k / 2; i++) {
      IntVector x = load(b, bo, i);
      sum = FloatVector.broadcast(FLOATS, a[ao + 2 * i]).fma(brain(x.lanewise(LSHL, 16)), sum);
      sum = FloatVector.broadcast(FLOATS, a[ao + 2 * i + 1]).fma(brain(x), sum);
    }
    if (k % 2 == 1) {
      FloatVector last = brain(load(b, bo, k / 2).lanewise(LSHL, 16));
      sum = FloatVector.broadcast(FLOATS, a[ao + k - 1]).fma(last, sum);
    }
    store(sum, init, io, c, co);
  }

  private static void halves1(
      float[] a, int ao, MemorySegment b, long bo, int k, float[] init, int io, float[] c, int co) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = 0; i < k / 2; i++) {
      IntVector x = load(b, bo, i);
      sum = FloatVector.broadcast(FLOATS, a[ao + 2 * i]).fma(half(x.lanewise(LSHL, 16)), sum);
      sum = FloatVector.broadcast(FLOATS, a[ao + 2 * i + 1]).fma(half(x), sum);
    }
    if (k % 2 == 1) {
      FloatVector last = half(load(b, bo, k / 2).lanewise(LSHL, 16));
      sum = FloatVector.broadcast(FLOATS, a[ao + k - 1]).fma(last, sum);
    }
    store(sum, init, io, c, co);
  }

  private static void store(FloatVector sum, float[] init, int io, float[] c, int co) {
    sum.add(FloatVector.fromArray(FLOATS, init, io)).intoArray(c, co);
  }

  private static IntVector load(MemorySegment from, long at, int pair) {
    return IntVector.fromMemorySegment(INTS, from, at + (long) pair * BYTES, ORDER);
  }

  /** The BF16 in the upper halves of x. */
  private static FloatVector brain(IntVector x) {
    return x.and(UPPER).reinterpretAsFloats();
  }

  /**
   * The F16 in the upper halves of x, which are finite.
   *
   * <p>With the exponent rebiased, normal numbers are right. The others, which lack the leading
   * one, have come out as half of (2^-14 + value). Multiplying by 2^112 would do for both, if only
   * processors did not take a hundred times as long where a factor is denormal.
   */
  private static FloatVector half(IntVector x) {
    IntVector magnitude = x.lanewise(LSHR, 3).and(MAGNITUDE);
    FloatVector normal = magnitude.add(BIAS).reinterpretAsFloats();
    VectorMask<Float> tiny = magnitude.lt(LEAST_EXPONENT).cast(FLOATS);
    FloatVector value = normal.lanewise(FMA, TWO, LEAST_NORMAL.neg(), tiny);
    return value.reinterpretAsInts().or(x.and(SIGN)).reinterpretAsFloats();
  }
}
