package ocellus.loaders.image.jpeg;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import ocellus.engine.kernels.VectorWidth;

/** The vectors of this package. Constants, so that the compiler sees one shape everywhere. */
final class Lanes {
  static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED.withShape(shape(1));
  static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED.withShape(shape(1));
  static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED.withShape(shape(1));

  /** Half a vector, as many as {@link #INTS}. */
  static final VectorSpecies<Short> INT_MANY_SHORTS = SHORTS.withShape(shape(2));

  /** Half a vector, as many as {@link #SHORTS}. */
  static final VectorSpecies<Byte> SHORT_MANY_BYTES =
      ByteVector.SPECIES_PREFERRED.withShape(shape(2));

  static final int COUNT = INTS.length();

  /**
   * Lanes of the longest vectors of the shortest numbers: room behind arrays that they run over.
   */
  static final int MOST = 64;

  private Lanes() {}

  private static VectorShape shape(int part) {
    return VectorShape.forBitSize(VectorWidth.BITS / part);
  }
}
