package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;

/**
 * Rows that go through two layers some at a time, so that what the first writes is still in the
 * cache when the second reads it.
 */
public final class Bands {
  /** Floats that one thread writes and reads again: a quarter of an L2 of 2 MB. */
  private static final int FLOATS = 128 << 10;

  /** Weights of both layers that stay in L2 from one band to the next. */
  private static final int MOST_WEIGHTS = 320 << 10;

  private Bands() {}

  /**
   * @param rows of all bands
   * @param width floats that the first layer writes for each row
   * @param weights of both layers; if they are many, they would be read again for each band
   * @return rows of a band, but for the last; all of them if they are hardly more
   */
  static int rows(int rows, int width, long weights, int threads) {
    if (weights > MOST_WEIGHTS) {
      return rows;
    }
    int most = Math.max(1, FLOATS / width) * threads;
    return rows <= most + most / 2 ? rows : Math.ceilDiv(rows, Math.ceilDiv(rows, most));
  }

  /**
   * {@code y = first(x) + residual}, with the activation of {@code first} behind the sum, and
   * {@code z = second(y)}: two pointwise convolutions, the same as one after the other.
   *
   * @param x {@code [height, width, in]}
   * @param residual of y's shape, or null
   * @param y {@code [height, width, first.out]}; may be {@code residual}, but not {@code x}
   * @param z {@code [height, width, second.out]}; may be {@code x} if it has its shape
   */
  public static void forward(
      Conv2d first, Tensor x, Tensor residual, Tensor y, Conv2d second, Tensor z, Workspace ws) {
    int pixels = x.dim(0) * x.dim(1);
    int width = first.outChannels();
    long weights = (long) width * (x.dim(2) + second.outChannels());
    int band = rows(pixels, width, weights, ws.threads().count());
    for (int from = 0; from < pixels; from += band) {
      int count = Math.min(band, pixels - from);
      Mark mark = ws.mark();
      Tensor added = residual == null ? null : pixels(residual, from, count, ws);
      Tensor sum = pixels(y, from, count, ws);
      first.forward(pixels(x, from, count, ws), added, sum, ws);
      second.forward(sum, null, pixels(z, from, count, ws), ws);
      ws.release(mark);
    }
  }

  /** Some pixels of a map, {@code [1, count, channels]}. */
  private static Tensor pixels(Tensor map, int from, int count, Workspace ws) {
    int channels = map.dim(2);
    return ws.view(map, from * channels, 1, count, channels);
  }
}
