package ocellus.loaders.image.jpeg;

import java.util.function.BooleanSupplier;
import ocellus.engine.kernels.VectorWidth;
import ocellus.engine.threads.Background;

/**
 * Decides when vector code takes over from plain code that computes the same.
 *
 * <p>A vector operation that is not compiled takes a microsecond, so one picture, or a few, are
 * decoded sooner without. After that a background thread runs the vector code until it is measured
 * to be faster than the plain one. Thread-safe.
 */
final class Vectorised implements BooleanSupplier {
  /** Blocks after which more can be expected: three or four photographs of half a megapixel. */
  private static final long ENOUGH_BLOCKS = 1 << 16;

  /** Pairs of trials, a millisecond apart at least, before it is given up. */
  private static final int MOST_TRIALS = 5000;

  /** Blocks, and pixels of a row, of a trial. */
  private static final int TRIAL = 256;

  /** Counts of several threads may get lost, which only delays. */
  private static long blocks;

  private static boolean requested;

  /** Written once; whoever does not see it yet takes the plain code. */
  private static boolean ready;

  private final short[] coefficients = new short[TRIAL * Frame.BLOCK];
  private final byte[] samples = new byte[TRIAL * Frame.BLOCK];
  private final byte[] rgb = new byte[4 * TRIAL];
  private final int[] steps = new int[Frame.BLOCK];
  private final VectorDct vectors = new VectorDct(steps);
  private final InverseDct plain = new InverseDct(steps);
  private final short[] sums = new short[2 * TRIAL];
  private final long[] pixels = new long[TRIAL];
  private int trials;

  private Vectorised() {}

  /**
   * Whether to take vectors for so many blocks, which count as work of the plain code if not.
   *
   * <p>To be asked once a picture, so that compilers see one path.
   */
  static boolean isReady(long more) {
    if (!ready && VectorWidth.BITS != 0) {
      blocks += more;
      if (blocks >= ENOUGH_BLOCKS) {
        request();
      }
    }
    return ready;
  }

  private static synchronized void request() {
    if (!requested) {
      requested = true;
      Background.submit(new Vectorised());
    }
  }

  /** One trial; returns whether it was the last. */
  @Override
  public boolean getAsBoolean() {
    long start = System.nanoTime();
    withVectors();
    long between = System.nanoTime();
    withoutVectors();
    long end = System.nanoTime();
    if (between - start < end - between) {
      ready = true;
      return true;
    }
    return ++trials == MOST_TRIALS;
  }

  private void withVectors() {
    for (int at = 0; at < coefficients.length; at += Coefficients.GROUP) {
      vectors.group(coefficients, at, samples, at / Component.EDGE, samples.length / 8);
    }
    VectorRows.blend(samples, 0, TRIAL, TRIAL, sums);
    VectorRows.widen(samples, 0, TRIAL, sums);
    VectorRows.spread(sums, TRIAL, 8, 7, 4, samples);
    VectorRows.ycc(samples, 0, samples, TRIAL, samples, 2 * TRIAL, TRIAL, pixels);
    VectorRows.write(pixels, TRIAL, rgb, 0);
  }

  private void withoutVectors() {
    for (int block = 0; block < TRIAL; block++) {
      plain.block(coefficients, Coefficients.offset(block), samples, 8 * block, samples.length / 8);
    }
  }
}
