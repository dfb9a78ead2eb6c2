package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Window;
import ocellus.engine.threads.Threads;

/**
 * Maxima and means over windows, a vector of channels at a time. A chunk is some rows of the
 * output.
 *
 * <p>The last vector of a pixel ends with the last channel; what it shares with the one before it
 * comes out the same.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
final class Pooling implements Threads.Task {
  /** Floats that are read below which a second thread is not worth waking. */
  private static final int SERIAL_FLOATS = 1 << 16;

  private static final int CHUNKS_PER_THREAD = 4;

  private boolean averages; // or the largest
  private boolean countsPadding;
  private float[] x;
  private int xAt;
  private Window window;
  private float[] y;
  private int yAt;
  private int channels;
  private int rowsPerChunk;

  // The window of the pixel in turn, as far as it is on the map, of each thread.
  private Taps[] taps = {};

  /** A rectangle of pixels of the input. */
  private static final class Taps {
    int at; // where its first pixel begins
    int rows;
    int columns;
  }

  /** Maximum over the windows; NaN wins. */
  void max(Tensor x, Window window, Tensor y, Workspace ws) {
    averages = false;
    run(x, window, y, ws);
  }

  /** Mean over the windows. */
  void average(Tensor x, Window window, boolean countsPadding, Tensor y, Workspace ws) {
    averages = true;
    this.countsPadding = countsPadding;
    run(x, window, y, ws);
  }

  private void run(Tensor x, Window window, Tensor y, Workspace ws) {
    this.x = x.data();
    this.xAt = x.offset();
    this.window = window;
    this.y = y.data();
    this.yAt = y.offset();
    this.channels = y.channels();
    int threads = ws.threads().count();
    if (taps.length < threads) {
      taps = new Taps[threads];
      for (int i = 0; i < threads; i++) {
        taps[i] = new Taps();
      }
    }
    boolean serial = (long) y.size() * window.taps() < SERIAL_FLOATS;
    int height = window.outHeight();
    int chunks = serial ? 1 : threads * CHUNKS_PER_THREAD;
    rowsPerChunk = Math.max(1, Math.ceilDiv(height, chunks));
    ws.threads().run(Math.ceilDiv(height, rowsPerChunk), this);
    this.x = null;
    this.window = null;
    this.y = null;
  }

  @Override
  public void run(int chunk, int worker) {
    int first = chunk * rowsPerChunk;
    int end = Math.min(window.outHeight(), first + rowsPerChunk);
    Taps inside = taps[worker];
    for (int oy = first; oy < end; oy++) {
      for (int ox = 0; ox < window.outWidth(); ox++) {
        clip(oy, ox, inside);
        int to = yAt + (oy * window.outWidth() + ox) * channels;
        if (averages) {
          int count = countsPadding ? window.taps() : Math.max(1, inside.rows * inside.columns);
          average(inside, count, to);
        } else {
          max(inside, to);
        }
      }
    }
  }

  /** Finds what the window of an output pixel has of the map. */
  private void clip(int oy, int ox, Taps inside) {
    int top = oy * window.strideY() - window.padTop();
    int left = ox * window.strideX() - window.padLeft();
    int dilationY = window.dilationY();
    int dilationX = window.dilationX();
    int firstY = Math.clamp(Math.ceilDiv(-top, dilationY), 0, window.kernelHeight());
    int firstX = Math.clamp(Math.ceilDiv(-left, dilationX), 0, window.kernelWidth());
    int endY =
        Math.clamp(Math.ceilDiv(window.inHeight() - top, dilationY), firstY, window.kernelHeight());
    int endX =
        Math.clamp(Math.ceilDiv(window.inWidth() - left, dilationX), firstX, window.kernelWidth());
    inside.rows = endY - firstY;
    inside.columns = endX - firstX;
    int iy = top + firstY * dilationY;
    int ix = left + firstX * dilationX;
    inside.at = xAt + (iy * window.inWidth() + ix) * channels;
  }

  private void max(Taps inside, int to) {
    int stepX = window.dilationX() * channels;
    int stepY = window.dilationY() * window.inWidth() * channels;
    int columns = inside.columns;
    for (int from = 0; from < channels && channels >= LANES; from += LANES) {
      int c = Math.min(from, channels - LANES);
      FloatVector max = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
      for (int ky = 0; ky < inside.rows; ky++) {
        int at = inside.at + ky * stepY + c;
        for (int kx = 0; kx < columns; kx++) {
          max = max.lanewise(VectorOperators.MAX, FloatVector.fromArray(FLOATS, x, at));
          at += stepX;
        }
      }
      max.intoArray(y, to + c);
    }
    for (int c = 0; c < channels && channels < LANES; c++) {
      float max = Float.NEGATIVE_INFINITY;
      for (int ky = 0; ky < inside.rows; ky++) {
        for (int kx = 0; kx < columns; kx++) {
          max = Math.max(max, x[inside.at + ky * stepY + kx * stepX + c]);
        }
      }
      y[to + c] = max;
    }
  }

  private void average(Taps inside, int count, int to) {
    int stepX = window.dilationX() * channels;
    int stepY = window.dilationY() * window.inWidth() * channels;
    int columns = inside.columns;
    for (int from = 0; from < channels && channels >= LANES; from += LANES) {
      int c = Math.min(from, channels - LANES);
      FloatVector sum = FloatVector.zero(FLOATS);
      for (int ky = 0; ky < inside.rows; ky++) {
        int at = inside.at + ky * stepY + c;
        for (int kx = 0; kx < columns; kx++) {
          sum = sum.add(FloatVector.fromArray(FLOATS, x, at));
          at += stepX;
        }
      }
      sum.div((float) count).intoArray(y, to + c);
    }
    for (int c = 0; c < channels && channels < LANES; c++) {
      float sum = 0;
      for (int ky = 0; ky < inside.rows; ky++) {
        for (int kx = 0; kx < columns; kx++) {
          sum += x[inside.at + ky * stepY + kx * stepX + c];
        }
      }
      y[to + c] = sum / count;
    }
  }
}
