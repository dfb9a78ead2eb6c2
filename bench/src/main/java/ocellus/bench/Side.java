package ocellus.bench;

import java.util.Arrays;

/**
 * One of the programs that are compared, with a model, an input and a number of threads. Not
 * thread-safe.
 */
interface Side extends Timed, AutoCloseable {
  /** What tables call it. */
  String name();

  /** The logits of the first image, or the features where there are none; of the first text. */
  float[] logits();

  @Override
  void close();

  /** The {@link #passes} of a program that runs in this process. */
  static double[] time(Runnable pass, double millis) {
    double[] times = new double[16];
    int count = 0;
    double spent = 0;
    do {
      if (count == times.length) {
        times = Arrays.copyOf(times, 2 * count);
      }
      long start = System.nanoTime();
      pass.run();
      times[count] = (System.nanoTime() - start) / 1e6;
      spent += times[count++];
    } while (spent < millis);
    return Arrays.copyOf(times, count);
  }
}
