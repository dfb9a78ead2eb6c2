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

  private final long seed;
  private final Random random;

  public RandomData() {
    this.seed = Long.getLong(PROPERTY, System.nanoTime());
    this.random = new Random(seed);
  }

  /** Normally distributed, standard deviation 1. */
  public float[] floats(int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Mostly about 1e-3, some 1e4: what a sum in float loses digits on. */
  public float[] outliers(int size) {
    float[] values = floats(size);
    for (int i = 0; i < size; i++) {
      values[i] *= random.nextInt(20) == 0 ? 1e4f : 1e-3f;
    }
    return values;
  }

  /** Uniformly distributed. */
  public float[] floats(int size, float from, float to) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = from + (to - from) * random.nextFloat();
    }
    return values;
  }

  /** A normally distributed tensor somewhere within a larger array of NaN. */
  public Tensor tensor(int... dims) {
    long[] extents = new long[dims.length];
    for (int i = 0; i < dims.length; i++) {
      extents[i] = dims[i];
    }
    Shape shape = Shape.of(extents);
    return Guarded.tensor(floats((int) shape.size()), shape);
  }

  /** Less than {@code bound}. */
  public int index(int bound) {
    return random.nextInt(bound);
  }

  @Override
  public String toString() {
    return "-D" + PROPERTY + "=" + seed;
  }
}
