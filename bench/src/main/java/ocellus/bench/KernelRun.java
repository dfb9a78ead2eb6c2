package ocellus.bench;

import java.lang.foreign.Arena;
import java.util.Random;
import ocellus.engine.Tensor;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.WarmUp;
import ocellus.engine.kernels.WeightFormat;

/**
 * What the kernel benchmarks share: random operands, and the check that the kernel is right at all.
 */
final class KernelRun {
  /** Sums of a few thousand terms in another order, relative to the largest result. */
  private static final double TOLERANCE = 1e-5;

  private static final long SEED = 42;

  static {
    // Or small ones would be measured while their starters still stand in for them.
    WarmUp.passed();
  }

  private KernelRun() {}

  static float[] random(int size) {
    Random random = new Random(SEED + size);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  static Tensor randomTensor(long... dims) {
    Tensor tensor = Tensor.zeros(dims);
    System.arraycopy(random(tensor.size()), 0, tensor.data(), 0, tensor.size());
    return tensor;
  }

  /** Random weights of k inputs and n outputs. */
  static PackedMatrix randomMatrix(Arena arena, int k, int n) {
    float[] weight = random(k * n); // [n, k]
    return Kernels.pack(
        arena,
        WeightFormat.F32,
        k,
        n,
        (column, to, at) -> System.arraycopy(weight, column * k, to, at, k));
  }

  /** Fails unless both agree: a benchmark of a wrong kernel is worth nothing. */
  static void requireEqual(Tensor actual, Tensor expected) {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.size(); i++) {
      largest = Math.max(largest, Math.abs(expected.data()[i]));
      difference = Math.max(difference, Math.abs(actual.data()[i] - expected.data()[i]));
    }
    if (!(difference <= TOLERANCE * largest)) {
      throw new IllegalStateException(
          "the kernel is off by " + difference + " of " + largest + "; it is not worth measuring");
    }
  }
}
