package ocellus.engine;

/**
 * The last few hundred shapes that a workspace has met, so that a pass makes none again that the
 * one before has made. A set-associative cache: the oldest shape of a full set is forgotten. Not
 * thread-safe.
 */
final class Shapes {
  private static final int SET_BITS = 6;
  private static final int SETS = 1 << SET_BITS;

  /** 2^32 divided by it, odd: Knuth's multiplier for hashing. */
  private static final int GOLDEN_RATIO = 0x9E3779B9;

  private static final int WAYS = 8;

  private final Shape[] cache = new Shape[SETS * WAYS];

  /** The shape with these extents, negative ones left out. */
  Shape of(int d0, int d1, int d2) {
    int set = set(d0, d1, d2) * WAYS;
    for (int i = set; i < set + WAYS && cache[i] != null; i++) {
      if (is(cache[i], d0, d1, d2)) {
        return cache[i];
      }
    }
    Shape shape = d1 < 0 ? Shape.of(d0) : d2 < 0 ? Shape.of(d0, d1) : Shape.of(d0, d1, d2);
    System.arraycopy(cache, set, cache, set + 1, WAYS - 1);
    cache[set] = shape;
    return shape;
  }

  /** Of the upper bits of a product: many extents are powers of two, and differ in no others. */
  private static int set(int d0, int d1, int d2) {
    int hash = ((d0 * 31 + d1) * 31 + d2) * GOLDEN_RATIO;
    return hash >>> (Integer.SIZE - SET_BITS);
  }

  private static boolean is(Shape shape, int d0, int d1, int d2) {
    return d1 < 0 ? shape.is(d0) : d2 < 0 ? shape.is(d0, d1) : shape.is(d0, d1, d2);
  }
}
