package ocellus.engine.kernels.simd;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import ocellus.engine.kernels.VectorWidth;

/** The vectors of this process. Constants, so that the compiler sees one shape everywhere. */
final class Vectors {
  static final VectorSpecies<Float> FLOATS =
      VectorSpecies.of(float.class, VectorShape.forBitSize(VectorWidth.BITS));
  static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);
  static final int LANES = FLOATS.length();

  /**
   * Whether vectors of this length can be gathered: on x86 since AVX2. Where they can not, the
   * Vector API does it lane by lane, far slower than plain code.
   */
  static final boolean GATHERS = LANES >= 8;

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

  private Vectors() {}

  /**
   * Sum of the lanes of a vector that was stored at {@code at} and is destroyed, halves upon
   * halves.
   *
   * <p>Not {@code reduceLanes}, which leaves the order open: it changes, and with it the last bits,
   * when the caller is compiled. Not of a vector that is passed, which becomes an object wherever
   * the call is not inlined.
   */
  static float sum(float[] lanes, int at) {
    for (int half = LANES / 2; half > 0; half /= 2) {
      for (int i = at; i < at + half; i++) {
        lanes[i] += lanes[i + half];
      }
    }
    return lanes[at];
  }

  /** The largest lane of a vector that was stored, unless some are NaN. */
  static float largest(float[] lanes, int at) {
    float largest = lanes[at];
    for (int i = at + 1; i < at + LANES; i++) {
      largest = lanes[i] > largest ? lanes[i] : largest;
    }
    return largest;
  }

  /** The largest multiple of the vector length that is at most {@code n}. */
  static int whole(int n) {
    return n & -LANES;
  }

  /** {@code n} rounded up to a multiple of the vector length. */
  static int padded(int n) {
    return (n + LANES - 1) & -LANES;
  }

  static IntVector bits(FloatVector x) {
    return x.reinterpretAsInts();
  }
}
