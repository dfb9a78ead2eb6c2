package ocellus.bench;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * How many multiply-adds one core can do: a loop whose operands never leave the registers. What the
 * kernels reach is given as a fraction of it, so that it means something on another machine, or on
 * the same machine in another minute.
 */
final class FmaCeiling {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  /** Enough independent chains to hide the latency of an FMA on two ports. */
  private static final int CHAINS = 12;

  // Short calls, so that the chains are compiled as a method and not only as a loop that is entered
  // anew, slowly, at each call.
  private static final int STEPS = 2_000;
  private static final int CALLS = 100;

  private static final int WARM_UP_CALLS = 10_000;
  private static final int TRIALS = 60;
  private static final int SAMPLE_TRIALS = 5;

  private FmaCeiling() {}

  /** Multiply-adds per second, the best of some trials; takes some 100 milliseconds. */
  static double multiplyAddsPerSecond() {
    trial(WARM_UP_CALLS);
    return best(TRIALS);
  }

  /** As {@link #multiplyAddsPerSecond}, which has to be called first; takes some 3 milliseconds. */
  static double sample() {
    return best(SAMPLE_TRIALS);
  }

  private static double best(int trials) {
    double best = 0;
    for (int trial = 0; trial < trials; trial++) {
      best = Math.max(best, trial(CALLS));
    }
    return best;
  }

  private static double trial(int calls) {
    long start = System.nanoTime();
    for (int call = 0; call < calls; call++) {
      if (Float.isNaN(chains(STEPS))) {
        throw new AssertionError("the chains converge");
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return (double) CHAINS * SPECIES.length() * STEPS * calls / seconds;
  }

  private static float chains(int steps) {
    FloatVector a = FloatVector.broadcast(SPECIES, 0.999f);
    FloatVector b = FloatVector.broadcast(SPECIES, 0.001f);
    FloatVector c0 = FloatVector.broadcast(SPECIES, 0f);
    FloatVector c1 = c0.add(1f);
    FloatVector c2 = c0.add(2f);
    FloatVector c3 = c0.add(3f);
    FloatVector c4 = c0.add(4f);
    FloatVector c5 = c0.add(5f);
    FloatVector c6 = c0.add(6f);
    FloatVector c7 = c0.add(7f);
    FloatVector c8 = c0.add(8f);
    FloatVector c9 = c0.add(9f);
    FloatVector c10 = c0.add(10f);
    FloatVector c11 = c0.add(11f);
    for (int i = 0; i < steps; i++) {
      c0 = c0.fma(a, b);
      c1 = c1.fma(a, b);
      c2 = c2.fma(a, b);
      c3 = c3.fma(a, b);
      c4 = c4.fma(a, b);
      c5 = c5.fma(a, b);
      c6 = c6.fma(a, b);
      c7 = c7.fma(a, b);
      c8 = c8.fma(a, b);
      c9 = c9.fma(a, b);
      c10 = c10.fma(a, b);
      c11 = c11.fma(a, b);
    }
    FloatVector sum = c0.add(c1).add(c2).add(c3).add(c4).add(c5);
    sum = sum.add(c6).add(c7).add(c8).add(c9).add(c10).add(c11);
    return sum.reduceLanes(VectorOperators.ADD);
  }
}
