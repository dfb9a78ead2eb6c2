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

  /** Floats of the copied band; half of L2 at most. */
  private static final int BAND_FLOATS = 48 << 10;

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
  private int rowsPerBand;
  private int bands;
  private int blocksPerChunk;
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
    int rowsThatFit = BAND_FLOATS / (bandWidth * LANES) - reachY;
    int most = Math.max(1, rowsThatFit / window.strideY());
    long work = (long) window.outPixels() * window.taps() * channels;
    int sharers = work < SERIAL_WORK ? 1 : threads;
    int blocks = Math.ceilDiv(channels, LANES);
    bands = Math.ceilDiv(window.outHeight(), Math.min(most, window.outHeight()));
    int wanted = sharers == 1 ? 1 : sharers * CHUNKS_PER_THREAD;
    if (bands * blocks < wanted) {
      bands = Math.min(window.outHeight(), Math.ceilDiv(wanted, blocks));
    }
    rowsPerBand = Math.ceilDiv(window.outHeight(), bands);
    bands = Math.ceilDiv(window.outHeight(), rowsPerBand);
    blocksPerChunk = Math.max(1, blocks * bands / wanted);
    return bands * Math.ceilDiv(blocks, blocksPerChunk);
  }

  @Override
  public void run(int chunk, int worker) {
    int firstRow = chunk % bands * rowsPerBand;
    int rows = Math.min(rowsPerBand, window.outHeight() - firstRow);
    int firstBlock = chunk / bands * blocksPerChunk;
    int blocks = Math.ceilDiv(channels, LANES);
    for (int b = firstBlock; b < Math.min(blocks, firstBlock + blocksPerChunk); b++) {
      // The last block overlaps the one before rather than be partly empty, where there is one
      // before.
      int channel = Math.max(0, Math.min(b * LANES, channels - LANES));
      band(channel, firstRow, rows, worker);
    }
  }

  private void band(int channel, int firstRow, int rows, int worker) {
    int taps = window.taps();
    int inRows =
        (rows - 1) * window.strideY() + (window.kernelHeight() - 1) * window.dilationY() + 1;
    int tapsAt = LANES;
    int outAt = tapsAt + taps * LANES;
    int bandAt = outAt + window.outWidth() * LANES;
    float[] scratch = ws.scratch(worker, bandAt + inRows * bandWidth * LANES);
    int valid = Math.min(LANES, channels - channel);
    copyTaps(scratch, channel, valid, tapsAt);
    copyBand(scratch, channel, valid, firstRow, inRows, bandAt);
    for (int oy = 0; oy < rows; oy++) {
      int in = bandAt + oy * window.strideY() * bandWidth * LANES;
      int out = yAt + (firstRow + oy) * window.outWidth() * channels + channel;
      if (valid == LANES) {
        row(scratch, in, tapsAt, y, out, channels);
        Activations.apply(activation, y, out, window.outWidth(), LANES, channels);
      } else {
        row(scratch, in, tapsAt, scratch, outAt, LANES);
        Activations.apply(activation, scratch, outAt, 1, window.outWidth() * LANES, 0);
        for (int ox = 0; ox < window.outWidth(); ox++) {
          System.arraycopy(scratch, outAt + ox * LANES, y, out + ox * channels, valid);
        }
      }
    }
  }

  /** The bias at 0, then the taps, each as one vector. */
  private void copyTaps(float[] scratch, int channel, int valid, int tapsAt) {
    Arrays.fill(scratch, 0, tapsAt + window.taps() * LANES, 0f);
    if (bias != null) {
      System.arraycopy(bias, channel, scratch, 0, valid);
    }
    for (int tap = 0; tap < window.taps(); tap++) {
      System.arraycopy(w, tap * channels + channel, scratch, tapsAt + tap * LANES, valid);
    }
  }

  /** The inputs of the band, each pixel one vector, with zeros for what is outside of the map. */
  private void copyBand(
      float[] scratch, int channel, int valid, int firstRow, int inRows, int bandAt) {
    int top = firstRow * window.strideY() - window.padTop();
    int from = Math.min(window.padLeft(), bandWidth);
    int until = Math.clamp(window.inWidth() + window.padLeft(), from, bandWidth);
    for (int r = 0; r < inRows; r++) {
      int target = bandAt + r * bandWidth * LANES;
      int iy = top + r;
      if (iy < 0 || iy >= window.inHeight()) {
        Rows.clear(scratch, target, bandWidth * LANES);
        continue;
      }
      Rows.clear(scratch, target, from * LANES);
      Rows.clear(scratch, target + until * LANES, (bandWidth - until) * LANES);
      int source = xAt + (iy * window.inWidth() + from - window.padLeft()) * channels + channel;
      if (valid == LANES) {
        for (int ix = from; ix < until; ix++) {
          Vectors.load(x, source).intoArray(scratch, target + ix * LANES);
          source += channels;
        }
      } else {
        for (int ix = from; ix < until; ix++) {
          Elementwise.loadPart(x, source, valid).intoArray(scratch, target + ix * LANES);
          source += channels;
        }
      }
    }
  }

  /** One row of output pixels. */
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
