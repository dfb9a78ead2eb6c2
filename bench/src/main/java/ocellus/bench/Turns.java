package ocellus.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Programs that run in turns of some tenth of a second, so that what slows the machine down slows
 * down all of them, and each still has its caches and threads warm.
 */
final class Turns {
  private static final double MILLIS = 100;

  /**
   * Before each turn, for the threads of the one before to go to sleep: all of them spin for a
   * while after a pass, on the core that the next one needs.
   */
  private static final long REST_MILLIS = 30;

  private Turns() {}

  /**
   * @param millis of a pass of each program: the median
   * @param ceiling the median of {@link FmaCeiling}, measured between the turns
   */
  record Result(List<Double> millis, double ceiling) {}

  /**
   * Measures, after a warm-up that is not looked at.
   *
   * @param warmUpSeconds for each program
   * @param seconds for each program, rests included
   */
  static Result take(List<? extends Timed> sides, double warmUpSeconds, double seconds) {
    rounds(sides, warmUpSeconds * sides.size());
    return rounds(sides, seconds * sides.size());
  }

  /** Rounds of one turn each, at least one, for about a time. */
  private static Result rounds(List<? extends Timed> sides, double seconds) {
    List<DoubleStream.Builder> millis = new ArrayList<>();
    sides.forEach(_ -> millis.add(DoubleStream.builder()));
    DoubleStream.Builder ceiling = DoubleStream.builder();
    long start = System.nanoTime();
    do {
      for (int i = 0; i < sides.size(); i++) {
        turn(sides.get(i), millis.get(i));
      }
      rest();
      ceiling.add(FmaCeiling.sample());
    } while (System.nanoTime() - start < seconds * 1e9);
    return new Result(millis.stream().map(Turns::median).toList(), median(ceiling));
  }

  /** The first pass finds the caches as others left them; it counts only if it is the only one. */
  private static void turn(Timed side, DoubleStream.Builder millis) {
    rest();
    double[] passes = side.passes(MILLIS);
    for (int i = Math.min(1, passes.length - 1); i < passes.length; i++) {
      millis.add(passes[i]);
    }
  }

  private static void rest() {
    try {
      Thread.sleep(REST_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static double median(DoubleStream.Builder values) {
    double[] sorted = values.build().sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
