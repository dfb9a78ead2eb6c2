package ocellus.engine.kernels.simd;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import ocellus.engine.kernels.VectorWidth;

/** The vectors of this process. Constants, so that the compiler sees one shape everywhere. */
final class Vectors {
  static final VectorSpecies<Float> FLOATS =
      VectorSpecies.of(float.class, VectorShape.forBitSize(VectorWidth.BITS));
  static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);
  static final int LANES = FLOATS.length();

  /** Bytes of a vector. */
  static final int BYTES = LANES * Float.BYTES;

  static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /**
   * Whether a tile can count on 32 vector registers: AVX-512 at any width, and everything but x86.
   */
  private static final boolean MANY_REGISTERS =
      FloatVector.SPECIES_PREFERRED.vectorBitSize() == 512
          || !System.getProperty("os.arch").equals("amd64");

  /**
   * Vectors of a tile. As many accumulators as registers allow, and rows rather than columns, since
   * the broadcast of an element costs nothing on top of its multiplication: 14 x 2 of 32 registers,
   * 12 x 1 of 16, 8 x 2 of 4 lanes.
   */
  static final int TILE_VECTORS = MANY_REGISTERS ? 2 : 1;

  /** Rows of a tile. */
  static final int TILE_ROWS = MANY_REGISTERS ? LANES == 4 ? 8 : 14 : 12;

  /** Pixels of a tile of depthwise convolution, at most. */
  static final int MOST_PIXELS = MANY_REGISTERS ? 14 : 7;

  /** Columns of a tile, and of a panel of packed weights. */
  static final int TILE_COLUMNS = TILE_VECTORS * LANES;

  private static final VectorShuffle<Float> ROTATE_8 = VectorShuffle.iota(FLOATS, 8, 1, true);
  private static final VectorShuffle<Float> ROTATE_4 = VectorShuffle.iota(FLOATS, 4, 1, true);
  private static final VectorShuffle<Float> ROTATE_2 = VectorShuffle.iota(FLOATS, 2, 1, true);
  private static final VectorShuffle<Float> ROTATE_1 = VectorShuffle.iota(FLOATS, 1, 1, true);

  private Vectors() {}

  /**
   * Sum of the lanes, halves upon halves.
   *
   * <p>Not {@code reduceLanes}, which leaves the order open: it changes, and with it the last bits,
   * when the caller is compiled.
   */
  static float sum(FloatVector v) {
    FloatVector s = v;
    if (LANES > 8) {
      s = s.add(s.rearrange(ROTATE_8));
    }
    if (LANES > 4) {
      s = s.add(s.rearrange(ROTATE_4));
    }
    s = s.add(s.rearrange(ROTATE_2));
    return s.add(s.rearrange(ROTATE_1)).lane(0);
  }

  /** The largest lane, unless some are NaN. */
  static float largest(FloatVector v) {
    FloatVector m = v;
    if (LANES > 8) {
      m = larger(m, m.rearrange(ROTATE_8));
    }
    if (LANES > 4) {
      m = larger(m, m.rearrange(ROTATE_4));
    }
    m = larger(m, m.rearrange(ROTATE_2));
    return larger(m, m.rearrange(ROTATE_1)).lane(0);
  }

  /** Where b is larger, b; else, and where either is NaN, a. */
  static FloatVector larger(FloatVector a, FloatVector b) {
    return a.blend(b, b.compare(VectorOperators.GT, a));
  }

  /** The largest multiple of the vector length that is at most {@code n}. */
  static int whole(int n) {
    return n & -LANES;
  }

  /** {@code n} rounded up to a multiple of the vector length. */
  static int padded(int n) {
    return (n + LANES - 1) & -LANES;
  }

  static FloatVector load(float[] array, int index) {
    return FloatVector.fromArray(FLOATS, array, index);
  }

  static IntVector bits(FloatVector x) {
    return x.reinterpretAsInts();
  }
}
