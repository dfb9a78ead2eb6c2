package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;

import java.util.Arrays;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.Window;
import ocellus.engine.threads.Threads;

/**
 * Convolution of few channels, such as the first of a network: {@code y = activation(x * w +
 * bias)}. The tiles multiply windows where they are in the image (see {@link WindowTiles}), so that
 * none is gathered. Where windows leave the image, the rows of a band are copied into zeros first.
 *
 * <p>The chunks of a parallel region are bands of output rows.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
final class WindowConv implements Threads.Task {
  /** Multiply-adds below which a second thread is not worth waking. */
  private static final long SERIAL_WORK = 1 << 20;

  /** Where scratch begins, with the bias. */
  private static final int BIAS_AT = Workspace.FIRST_ALIGNED;

  /** Floats of a band's input and output: all in L2, and some in L1. */
  private static final int BAND_FLOATS = 16 << 10;

  private static final int CHUNKS_PER_THREAD = 4;

  private Workspace ws;
  private float[] x;
  private int xAt;
  private int channels;
  private Window window;
  private PackedMatrix w;
  private Panels panels;
  private float[] bias;
  private Activation activation;
  private float[] y;
  private int yAt;

  // The plan.
  private boolean inside; // no window leaves the image
  private int rowFloats; // of an input row of a band
  private int columns; // of the output, in whole vectors
  private int rowsPerBand;
  private int bands;

  /** Whether there are tiles for windows that move like this over so many channels. */
  static boolean canRun(Window window, int channels) {
    return window.strideX() * channels == WindowTiles.STRIDE
        && window.dilationX() == 1
        && window.kernelWidth() * channels <= PackedProduct.MOST_K;
  }

  void run(
      Tensor x,
      Window window,
      PackedMatrix w,
      float[] bias,
      Activation activation,
      Tensor y,
      Workspace ws) {
    if (y.size() == 0) {
      return;
    }
    this.ws = ws;
    this.x = x.data();
    this.xAt = x.offset();
    this.channels = x.channels();
    this.window = window;
    this.w = w;
    this.panels = Panels.of(ws);
    this.bias = bias;
    this.activation = activation;
    this.y = y.data();
    this.yAt = y.offset();
    plan(ws.threads().count());
    ws.threads().run(bands, this);
    this.x = null;
    this.window = null;
    this.w = null;
    this.panels = null;
    this.bias = null;
    this.y = null;
    this.ws = null;
  }

  private void plan(int threads) {
    int height = window.outHeight();
    int reachX = (window.outWidth() - 1) * window.strideX() + window.kernelWidth();
    inside =
        window.padTop() == 0
            && window.padLeft() == 0
            && reachX <= window.inWidth()
            && inputRows(height) <= window.inHeight();
    rowFloats = (inside ? window.inWidth() : reachX) * channels;
    columns = Vectors.padded(w.n());
    int floatsPerRow = window.strideY() * rowFloats + window.outWidth() * columns;
    bands = Math.ceilDiv(height, Math.clamp(BAND_FLOATS / floatsPerRow, 1, height));
    long work = (long) window.outPixels() * w.k() * w.n();
    if (threads > 1 && work > SERIAL_WORK) {
      bands = Math.clamp((long) threads * CHUNKS_PER_THREAD, bands, Math.max(bands, height));
    }
    rowsPerBand = Math.ceilDiv(height, bands);
    bands = Math.ceilDiv(height, rowsPerBand);
  }

  /** Rows of the image that so many rows of the output see. */
  private int inputRows(int outputRows) {
    return (outputRows - 1) * window.strideY()
        + (window.kernelHeight() - 1) * window.dilationY()
        + 1;
  }

  @Override
  public void run(int chunk, int worker) {
    int first = chunk * rowsPerBand;
    int rows = Math.min(rowsPerBand, window.outHeight() - first);
    int width = window.outWidth();
    // Scratch: the bias, a row of the output, the band of the input.
    int outAt = BIAS_AT + columns;
    int bandAt = outAt + width * columns;
    int inRows = inputRows(rows);
    float[] scratch = ws.scratch(worker, bandAt + (inside ? 0 : inRows * rowFloats));
    Arrays.fill(scratch, BIAS_AT, outAt, 0f);
    if (bias != null) {
      System.arraycopy(bias, 0, scratch, BIAS_AT, w.n());
    }
    int top = first * window.strideY() - window.padTop();
    if (!inside) {
      copyBand(top, inRows, scratch, bandAt);
    }
    float[] in = inside ? x : scratch;
    int inAt = inside ? xAt + top * rowFloats : bandAt;
    boolean direct = columns == w.n();
    for (int oy = 0; oy < rows; oy++) {
      int from = inAt + oy * window.strideY() * rowFloats;
      int to = yAt + (first + oy) * width * w.n();
      if (direct) {
        outputRow(in, from, scratch, y, to, worker);
        Activations.apply(activation, y, to, 1, width * columns, 0);
      } else {
        outputRow(in, from, scratch, scratch, outAt, worker);
        Activations.apply(activation, scratch, outAt, 1, width * columns, 0);
        Rows.storeSideBySide(scratch, outAt, columns, y, to, width, w.n());
      }
    }
  }

  /** Rows {@code top}.. of the image, with zeros around it. */
  private void copyBand(int top, int rows, float[] to, int at) {
    int from = Math.min(window.padLeft() * channels, rowFloats);
    int until =
        Math.clamp((long) (window.padLeft() + window.inWidth()) * channels, from, rowFloats);
    for (int r = 0; r < rows; r++) {
      int target = at + r * rowFloats;
      int iy = top + r;
      if (iy < 0 || iy >= window.inHeight()) {
        Rows.clear(to, target, rowFloats);
      } else {
        Rows.clear(to, target, from);
        System.arraycopy(
            x, xAt + iy * window.inWidth() * channels, to, target + from, until - from);
        Rows.clear(to, target + until, rowFloats - until);
      }
    }
  }

  /** One row of the output before the activation, {@code columns} floats a pixel. */
  private void outputRow(float[] in, int from, float[] bias, float[] out, int to, int worker) {
    int width = window.outWidth();
    int run = window.kernelWidth() * channels;
    int pitch = window.dilationY() * rowFloats;
    int mostPieces = PackedProduct.MOST_K / run;
    for (int p = 0; p < w.panelCount(); p++) {
      Panels.Panel panel = panels.open(worker, w, p);
      int column = p * TILE_COLUMNS;
      int tiles = Math.ceilDiv(width, WindowTiles.mostRows(w.panelWidth(p) / LANES, run));
      for (int t = 0; t < tiles; t++) {
        int ox = PackedProduct.tileStart(width, tiles, t);
        int count = PackedProduct.tileStart(width, tiles, t + 1) - ox;
        int at = to + ox * columns + column;
        float[] init = bias;
        int initAt = BIAS_AT + column;
        int initStride = 0;
        for (int ky = 0; ky < window.kernelHeight(); ky += mostPieces) {
          panel.multiplyWindows(
              count,
              in,
              from + ox * WindowTiles.STRIDE + ky * pitch,
              pitch,
              Math.min(mostPieces, window.kernelHeight() - ky),
              ky * run,
              run,
              init,
              initAt,
              initStride,
              out,
              at,
              columns);
          init = out;
          initAt = at;
          initStride = columns;
        }
      }
    }
  }
}
