package ocellus.engine.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import ocellus.engine.MapSource;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Naive;
import ocellus.engine.kernels.Packer;
import ocellus.engine.kernels.RandomData;

/** A random checkpoint for one layer, whose output is compared with a computation in double. */
final class RandomWeights {
  /**
   * Of the largest element. Single precision is good to about 1e-7 for each of a few dozen
   * operations in a row; a forgotten bias or a wrong epsilon is far off.
   */
  private static final double TOLERANCE = 5e-6;

  final RandomData random = new RandomData();
  final MapSource source = new MapSource();
  final Workspace ws = new Workspace();

  /** Adds a normally distributed tensor to the checkpoint and returns its elements. */
  float[] add(String name, int... dims) {
    return add(name, random.floats(size(dims)), dims);
  }

  /** Adds a tensor of positive numbers, for variances. */
  float[] addPositive(String name, int... dims) {
    float[] values = random.floats(size(dims));
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.1f + Math.abs(values[i]);
    }
    return add(name, values, dims);
  }

  private float[] add(String name, float[] values, int... dims) {
    long[] extents = new long[dims.length];
    for (int i = 0; i < dims.length; i++) {
      extents[i] = dims[i];
    }
    source.with(name, values, extents);
    return values;
  }

  private static int size(int... dims) {
    int size = 1;
    for (int d : dims) {
      size *= d;
    }
    return size;
  }

  WeightScope scope() {
    return WeightScope.of(source, Packer.into(Arena.ofAuto()));
  }

  void assertClose(Shape shape, double[] expected, Tensor actual) {
    assertEquals(shape, actual.shape());
    double largest = 0;
    for (double e : expected) {
      largest = Math.max(largest, Math.abs(e));
    }
    double[] values = Naive.widen(actual.toArray());
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], values[i], TOLERANCE * largest, "element " + i + ", " + random);
    }
  }
}
