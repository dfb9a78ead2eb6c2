package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Window;
import ocellus.engine.threads.Threads;

/**
 * Depthwise convolution, one panel of channels and one band of output rows at a time.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
final class Depthwise implements Threads.Task {
  private static final long SERIAL_WORK = 1 << 17;

  /** Floats of a band: some in L1, all in L2. */
  private static final int BAND_FLOATS = 16 << 10;

  private static final int CHUNKS_PER_THREAD = 4;

  private static final int TAPS_AT = Workspace.FIRST_ALIGNED;

  private final DepthwiseBand band = new DepthwiseBand();
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
    this.band.of(window);
    ws.threads().run(plan(ws.threads().count()), this);
    this.x = null;
    this.w = null;
    this.bias = null;
    this.y = null;
    this.window = null;
    this.ws = null;
    this.band.clear();
  }

  private int plan(int threads) {
    int panels = Math.ceilDiv(channels, TILE_COLUMNS);
    int most = band.outputRowsOf(BAND_FLOATS / band.rowFloats());
    bands = Math.ceilDiv(window.outHeight(), most);
    long work = (long) window.outPixels() * window.taps() * channels;
    if (threads > 1 && work > SERIAL_WORK) {
      int wanted = Math.ceilDiv(threads * CHUNKS_PER_THREAD, panels);
      bands = Math.clamp(wanted, bands, window.outHeight());
    }
    rowsPerBand = Math.ceilDiv(window.outHeight(), bands);
    bands = Math.ceilDiv(window.outHeight(), rowsPerBand);
    return bands * panels;
  }

  @Override
  public void run(int chunk, int worker) {
    int first = chunk % bands * rowsPerBand;
    int rows = Math.min(rowsPerBand, window.outHeight() - first);
    int channel = chunk / bands * TILE_COLUMNS;
    int valid = Math.min(TILE_COLUMNS, channels - channel);
    int inRows = band.rowsFor(rows);
    // Scratch: bias and taps of each vector, a row of outputs, the band.
    int outAt = TAPS_AT + Vectors.TILE_VECTORS * band.tapFloats();
    int bandAt = outAt + window.outWidth() * TILE_COLUMNS;
    float[] scratch = ws.scratch(worker, bandAt + inRows * band.rowFloats() + LANES);
    for (int v = 0; v * LANES < valid; v++) {
      band.copyTaps(
          w, bias, channels, channel + v * LANES, scratch, TAPS_AT + v * band.tapFloats());
    }
    for (int r = 0; r < inRows; r++) {
      int at = bandAt + r * band.rowFloats();
      band.copyRow(x, xAt, channels, channel, valid, band.mapRow(first, r), scratch, at);
    }
    for (int oy = 0; oy < rows; oy++) {
      int in = bandAt + oy * window.strideY() * band.rowFloats();
      int out = yAt + (first + oy) * window.outWidth() * channels + channel;
      outputRow(scratch, in, outAt, out, valid);
    }
  }

  /** One row of output pixels of one panel. */
  private void outputRow(float[] scratch, int in, int outAt, int out, int valid) {
    boolean direct = activation == Activation.IDENTITY && valid % LANES == 0;
    float[] to = direct ? y : scratch;
    int at = direct ? out : outAt;
    int stride = direct ? channels : TILE_COLUMNS;
    for (int v = 0; v * LANES < valid; v++) {
      int lane = v * LANES;
      band.outputRow(
          scratch, in + lane, scratch, TAPS_AT + v * band.tapFloats(), to, at + lane, stride);
    }
    if (!direct) {
      Activations.applyPanel(activation, scratch, outAt, window.outWidth(), valid, TILE_COLUMNS);
      Rows.store(scratch, outAt, TILE_COLUMNS, y, out, channels, window.outWidth(), valid);
    }
  }
}
