package ocellus.engine.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.scalar.ScalarKernels;
import ocellus.engine.threads.Threads;

/**
 * Runs a kernel of the set in use and its scalar mirror on the same inputs and compares.
 *
 * <p>Also checked at each comparison: teams of 1, 2, 3 and 5 threads give the same bits, inputs
 * stay as they are, nothing is written beside the output, and nothing is read from beside the
 * inputs or from memory of the workspace before it was written (all of which is NaN).
 */
final class KernelParity {
  static final KernelSet SCALAR = new ScalarKernels();

  private static final List<Workspace> WORKSPACES =
      IntStream.of(1, 2, 3, 5).mapToObj(n -> new Workspace(Threads.of(n))).toList();

  private static final int POISONED = 1 << 16;

  private KernelParity() {}

  /** One call, apart from whose kernels, what output and which workspace. */
  @FunctionalInterface
  interface Call {
    void on(KernelSet kernels, Tensor y, Workspace ws);
  }

  /** Floats in a vector of the kernels in use. */
  static int lanes() {
    return Math.max(4, VectorWidth.BITS / Float.SIZE);
  }

  /** Extents at which loops over vectors go wrong: nothing, one, around a vector, primes. */
  static IntStream extents() {
    int lanes = lanes();
    return IntStream.of(
            0,
            1,
            2,
            3,
            7,
            13,
            31,
            61,
            127,
            lanes - 1,
            lanes,
            lanes + 1,
            2 * lanes - 1,
            2 * lanes,
            2 * lanes + 1,
            4 * lanes,
            4 * lanes + 3)
        .sorted()
        .distinct();
  }

  /** As {@link #extents()}, without 0. */
  static IntStream positiveExtents() {
    return extents().filter(n -> n > 0);
  }

  /**
   * Compares.
   *
   * @param what the case, for the message, with the seed of its data
   * @param initial what the output holds beforehand
   * @param inputs what must not change
   * @param bounds the largest error of each element, apart from the rounding of the scalar result
   */
  static void check(String what, Tensor initial, List<Tensor> inputs, double[] bounds, Call call) {
    Tensor expected = Guarded.copy(initial);
    call.on(SCALAR, expected, new Workspace());
    List<float[]> before = new ArrayList<>();
    inputs.forEach(input -> before.add(input.data().clone()));
    Tensor first = null;
    for (Workspace ws : WORKSPACES) {
      String where = what + ", " + ws.threads().count() + " threads";
      poison(ws);
      Tensor actual = Guarded.copy(initial);
      call.on(Kernels.active(), actual, ws);
      Guarded.assertIntact(actual, where);
      for (int i = 0; i < before.size(); i++) {
        Guarded.assertIntact(inputs.get(i), where + ": input " + i);
        assertEquals(-1, firstChange(before.get(i), inputs.get(i).data()), where + ": input " + i);
      }
      if (first == null) {
        first = actual;
        compare(where, expected.toArray(), actual.toArray(), bounds);
      } else {
        assertEquals(-1, firstChange(first.toArray(), actual.toArray()), where + ": other bits");
      }
    }
  }

  private static void poison(Workspace ws) {
    for (int worker = 0; worker < ws.threads().count(); worker++) {
      Arrays.fill(ws.scratch(worker, 0), Float.NaN);
    }
    Mark mark = ws.mark();
    Tensor top = ws.tensor(POISONED);
    Arrays.fill(top.data(), Float.NaN);
    ws.release(mark);
  }

  private static void compare(String what, float[] expected, float[] actual, double[] bounds) {
    for (int i = 0; i < expected.length; i++) {
      double bound = boundAt(expected[i], bounds[i]);
      boolean same = Float.compare(expected[i], actual[i]) == 0 || expected[i] == actual[i];
      boolean close = Math.abs((double) expected[i] - actual[i]) <= bound;
      if (!same && !(close && Float.isFinite(actual[i]) && Float.isFinite(expected[i]))) {
        fail(
            "%s: element %d of %d is %s, should be %s within %.3g"
                .formatted(what, i, expected.length, actual[i], expected[i], bound));
      }
    }
  }

  private static double boundAt(float expected, double bound) {
    double magnitude = Math.abs((double) expected);
    // No bound follows from infinite terms; a finite result of them is a limit of an activation.
    double arithmetic =
        Double.isFinite(bound) ? bound : ErrorBound.ACTIVATION * Math.max(1, magnitude);
    return arithmetic + ErrorBound.ROUNDOFF * magnitude;
  }

  /** Where the first other bit is (all NaNs being alike), or -1. */
  private static int firstChange(float[] before, float[] after) {
    for (int i = 0; i < before.length; i++) {
      if (Float.floatToIntBits(before[i]) != Float.floatToIntBits(after[i])) {
        return i;
      }
    }
    return -1;
  }
}
