package ocellus.engine;

/**
 * The last few hundred shapes that a workspace has met, so that a pass makes none again that the
 * one before has made. A set-associative cache: the oldest shape of a full set is forgotten. Not
 * thread-safe.
 */
final class Shapes {
  private static final int SETS = 64;
  private static final int WAYS = 8;

  private final Shape[] cache = new Shape[SETS * WAYS];

  /** The shape with these extents, negative ones left out. */
  Shape of(int d0, int d1, int d2) {
    int set = Math.floorMod((d0 * 31 + d1) * 31 + d2, SETS) * WAYS;
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

  private static boolean is(Shape shape, int d0, int d1, int d2) {
    return d1 < 0 ? shape.is(d0) : d2 < 0 ? shape.is(d0, d1) : shape.is(d0, d1, d2);
  }
}
