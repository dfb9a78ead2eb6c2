package ocellus.engine.kernels;

import java.util.Random;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;

/**
 * Random inputs of a test. The seed is new in each run, unless the property {@value #PROPERTY}
 * gives it, and is part of {@link #toString()} for the message of a failure.
 */
public final class RandomData {
  static final String PROPERTY = "ocellus.testSeed";

  /** What the numbers are like. */
  enum Kind {
    /** Normally distributed, standard deviation 1. */
    NORMAL,
    /** Mostly about 1e-3, one in twenty about 1e4. */
    OUTLIERS,
    /** Normal, but for a NaN, an infinity or a negative infinity here and there. */
    SPECIAL,
    /** Too small for a normalised float. */
    DENORMAL
  }

  /** Of special data, one element in about this many is special. */
  private static final int SPECIAL_EVERY = 701;

  private final long seed;
  private final Random random;

  public RandomData() {
    this.seed = Long.getLong(PROPERTY, System.nanoTime());
    this.random = new Random(seed);
  }

  /** Normally distributed, standard deviation 1. */
  public float[] floats(int size) {
    return floats(Kind.NORMAL, size);
  }

  float[] floats(Kind kind, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
      switch (kind) {
        case NORMAL, SPECIAL -> {}
        case OUTLIERS -> values[i] *= random.nextInt(20) == 0 ? 1e4f : 1e-3f;
        case DENORMAL -> values[i] *= Float.MIN_NORMAL / 16;
      }
    }
    if (kind == Kind.SPECIAL) {
      sprinkle(values);
    }
    return values;
  }

  private void sprinkle(float[] values) {
    for (int i = random.nextInt(SPECIAL_EVERY);
        i < values.length;
        i += 1 + random.nextInt(2 * SPECIAL_EVERY)) {
      values[i] =
          switch (random.nextInt(3)) {
            case 0 -> Float.NaN;
            case 1 -> Float.POSITIVE_INFINITY;
            default -> Float.NEGATIVE_INFINITY;
          };
    }
  }

  /** A normally distributed tensor somewhere within a larger array of NaN. */
  public Tensor tensor(int... dims) {
    return tensor(Kind.NORMAL, dims);
  }

  Tensor tensor(Kind kind, int... dims) {
    long[] extents = new long[dims.length];
    for (int i = 0; i < dims.length; i++) {
      extents[i] = dims[i];
    }
    Shape shape = Shape.of(extents);
    return Guarded.tensor(floats(kind, (int) shape.size()), shape);
  }

  @Override
  public String toString() {
    return "-D" + PROPERTY + "=" + seed;
  }
}
