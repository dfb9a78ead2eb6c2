package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Window;
import ocellus.engine.threads.Threads;

/**
 * Depthwise convolution, one vector of channels and one band of output rows at a time.
 *
 * <p>The band's inputs are first copied together, padding and all, into pixels of one vector each:
 * the copy is one load and one store for up to 49 multiplications, and rids the kernel of borders,
 * of channel tails, of unaligned loads and of strides unknown to the compiler.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
final class Depthwise implements Threads.Task {
  private static final long SERIAL_WORK = 1 << 17;

  /** Floats of the copied band: some in L1, all in L2. */
  private static final int BAND_FLOATS = 16 << 10;

  private static final int CHUNKS_PER_THREAD = 4;

  private float[] x;
  private int xAt;
  private Window window;
  private float[] w;
  private float[] bias;
  private Activation activation;
  private float[] y;
  private int yAt;
  private int channels;
  private Workspace ws;

  // The plan.
  private int blocks; // vectors of channels
  private int rowsPerBand;
  private int bands;
  private int bandWidth; // pixels of a copied row

  void run(
      Tensor x,
      Window window,
      float[] w,
      float[] bias,
      Activation activation,
      Tensor y,
      Workspace ws) {
    if (y.size() == 0) {
      return;
    }
    this.x = x.data();
    this.xAt = x.offset();
    this.window = window;
    this.w = w;
    this.bias = bias;
    this.activation = activation;
    this.y = y.data();
    this.yAt = y.offset();
    this.channels = x.channels();
    this.ws = ws;
    int chunks = plan(ws.threads().count());
    ws.threads().run(chunks, this);
    this.x = null;
    this.w = null;
    this.bias = null;
    this.y = null;
    this.window = null;
  }

  private int plan(int threads) {
    int reachX = (window.kernelWidth() - 1) * window.dilationX();
    int reachY = (window.kernelHeight() - 1) * window.dilationY();
    bandWidth = (window.outWidth() - 1) * window.strideX() + reachX + 1;
    blocks = Math.ceilDiv(channels, LANES);
    int rowsThatFit = BAND_FLOATS / (bandWidth * LANES) - reachY;
    int most = Math.clamp(rowsThatFit / window.strideY(), 1, window.outHeight());
    bands = Math.ceilDiv(window.outHeight(), most);
    long work = (long) window.outPixels() * window.taps() * channels;
    if (threads > 1 && work > SERIAL_WORK) {
      int wanted = Math.ceilDiv(threads * CHUNKS_PER_THREAD, blocks);
      bands = Math.clamp(wanted, bands, window.outHeight());
    }
    rowsPerBand = Math.ceilDiv(window.outHeight(), bands);
    bands = Math.ceilDiv(window.outHeight(), rowsPerBand);
    return bands * blocks;
  }

  @Override
  public void run(int chunk, int worker) {
    int firstRow = chunk % bands * rowsPerBand;
    int rows = Math.min(rowsPerBand, window.outHeight() - firstRow);
    // The last block overlaps the one before rather than be partly empty, where there is one
    // before: what is computed twice is the same twice.
    int channel = Math.max(0, Math.min(chunk / bands * LANES, channels - LANES));
    int reachY = (window.kernelHeight() - 1) * window.dilationY();
    int inRows = (rows - 1) * window.strideY() + reachY + 1;
    // Scratch: the bias, the taps, a row of outputs, the band.
    int tapsAt = LANES;
    int outAt = tapsAt + window.taps() * LANES;
    int bandAt = outAt + window.outWidth() * LANES;
    float[] scratch = ws.scratch(worker, bandAt + inRows * bandWidth * LANES);
    copyTaps(scratch, channel, tapsAt);
    copyBand(scratch, channel, firstRow, inRows, bandAt);
    for (int oy = 0; oy < rows; oy++) {
      int in = bandAt + oy * window.strideY() * bandWidth * LANES;
      int out = yAt + (firstRow + oy) * window.outWidth() * channels + channel;
      outputRow(scratch, in, tapsAt, outAt, out);
    }
  }

  /** Channels of every block: a vector, but for maps of fewer channels. */
  private int valid() {
    return Math.min(LANES, channels);
  }

  /** One row of output pixels of one block. */
  private void outputRow(float[] scratch, int in, int tapsAt, int outAt, int out) {
    if (activation == Activation.IDENTITY && valid() == LANES) {
      row(scratch, in, tapsAt, y, out, channels);
      return;
    }
    row(scratch, in, tapsAt, scratch, outAt, LANES);
    Activations.apply(activation, scratch, outAt, 1, window.outWidth() * LANES, 0);
    if (valid() == LANES) {
      for (int ox = 0; ox < window.outWidth(); ox++) {
        Vectors.load(scratch, outAt + ox * LANES).intoArray(y, out + ox * channels);
      }
    } else {
      for (int ox = 0; ox < window.outWidth(); ox++) {
        System.arraycopy(scratch, outAt + ox * LANES, y, out + ox * channels, channels);
      }
    }
  }

  /** The bias at 0, then the taps, each as one vector. */
  private void copyTaps(float[] scratch, int channel, int tapsAt) {
    int valid = valid();
    Arrays.fill(scratch, 0, tapsAt + window.taps() * LANES, 0f);
    if (bias != null) {
      System.arraycopy(bias, channel, scratch, 0, valid);
    }
    for (int tap = 0; tap < window.taps(); tap++) {
      System.arraycopy(w, tap * channels + channel, scratch, tapsAt + tap * LANES, valid);
    }
  }

  /** The inputs of the band, each pixel one vector, with zeros for what is outside of the map. */
  private void copyBand(float[] scratch, int channel, int firstRow, int inRows, int bandAt) {
    int top = firstRow * window.strideY() - window.padTop();
    int from = Math.min(window.padLeft(), bandWidth);
    int until = Math.clamp(window.inWidth() + window.padLeft(), from, bandWidth);
    for (int r = 0; r < inRows; r++) {
      int iy = top + r;
      int target = bandAt + r * bandWidth * LANES;
      if (iy < 0 || iy >= window.inHeight()) {
        Rows.clear(scratch, target, bandWidth * LANES);
        continue;
      }
      Rows.clear(scratch, target, from * LANES);
      Rows.clear(scratch, target + until * LANES, (bandWidth - until) * LANES);
      int source = xAt + (iy * window.inWidth() + from - window.padLeft()) * channels + channel;
      copyPixels(source, scratch, target + from * LANES, until - from);
    }
  }

  private void copyPixels(int source, float[] scratch, int target, int pixels) {
    if (valid() == LANES) {
      for (int i = 0; i < pixels; i++) {
        Vectors.load(x, source + i * channels).intoArray(scratch, target + i * LANES);
      }
    } else {
      for (int i = 0; i < pixels; i++) {
        Elementwise.loadPart(x, source + i * channels, channels)
            .intoArray(scratch, target + i * LANES);
      }
    }
  }

  /** One row of output pixels before the activation. */
  private void row(float[] scratch, int in, int tapsAt, float[] out, int at, int stride) {
    int width = window.outWidth();
    int kernel = window.kernelWidth();
    int sx = window.strideX();
    boolean square =
        kernel == window.kernelHeight() && window.dilationX() == 1 && window.dilationY() == 1;
    int largest = square ? DepthwiseTiles.largest(kernel, sx, width) : 0;
    if (largest == 0) {
      for (int ox = 0; ox < width; ox++) {
        pixel(scratch, in + ox * sx * LANES, tapsAt, out, at + ox * stride);
      }
      return;
    }
    for (int done = 0; done < width; ) {
      int tile = DepthwiseTiles.largest(kernel, sx, width - done);
      if (tile == 0) {
        // A few pixels are left: the largest tile once more, over pixels that are computed already.
        tile = largest;
        done = width - tile;
      }
      DepthwiseTiles.run(
          kernel,
          sx,
          tile,
          scratch,
          in + done * sx * LANES,
          bandWidth * LANES,
          scratch,
          tapsAt,
          scratch,
          0,
          out,
          at + done * stride,
          stride);
      done += tile;
    }
  }

  /** One output pixel, whatever the window. */
  private void pixel(float[] scratch, int in, int tapsAt, float[] out, int to) {
    FloatVector sum = Vectors.load(scratch, 0);
    int tap = tapsAt;
    for (int ky = 0; ky < window.kernelHeight(); ky++) {
      int from = in + ky * window.dilationY() * bandWidth * LANES;
      for (int kx = 0; kx < window.kernelWidth(); kx++) {
        FloatVector v = Vectors.load(scratch, from + kx * window.dilationX() * LANES);
        sum = v.fma(Vectors.load(scratch, tap), sum);
        tap += LANES;
      }
    }
    sum.intoArray(out, to);
  }
}
