package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Window;
import ocellus.engine.threads.Threads;

/**
 * Convolution of which a panel of output channels sees the same channels of the input and no
 * others: one panel and one {@link DepthwiseBand} of output rows at a time.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
abstract class BandConv implements Threads.Task {
  private static final long SERIAL_WORK = 1 << 17;

  /** Floats of a band: some in L1, all in L2. */
  private static final int BAND_FLOATS = 16 << 10;

  private static final int CHUNKS_PER_THREAD = 4;

  private static final int WEIGHTS_AT = Workspace.FIRST_ALIGNED;

  /** What an output row is computed from. */
  final DepthwiseBand band = new DepthwiseBand();

  private float[] x;
  private int xAt;
  private Window window;
  private float[] residual; // null for none
  private int residualAt;
  private Activation activation;
  private float[] y;
  private int yAt;
  private int channels;
  private Workspace ws;

  // The plan.
  private int rowsPerBand;
  private int bands;

  /** Terms of the sum that an output is. */
  abstract int terms();

  /** Floats of scratch that {@link #open} writes. */
  abstract int weightFloats();

  /**
   * Brings the weights of the panel that begins with {@code channel} and has {@code valid} channels
   * to where they are read, {@link #weightFloats} of them to the scratch at {@code at}.
   */
  abstract void open(int channel, int valid, float[] scratch, int at, int worker);

  /**
   * One row of output pixels of a vector of the open panel, before the activation.
   *
   * @param v which vector of the panel
   * @param in where the first pixel of its first input row is in the scratch
   * @param weightsAt as {@code at} in {@link #open}
   * @param stride floats from one output pixel to the next
   */
  abstract void outputRow(
      int v, float[] scratch, int in, int weightsAt, float[] to, int at, int stride, int worker);

  /**
   * Convolves.
   *
   * @param residual null for none
   */
  final void convolve(
      Tensor x, Window window, Tensor residual, Activation activation, Tensor y, Workspace ws) {
    if (y.size() == 0) {
      return;
    }
    this.x = x.data();
    this.xAt = x.offset();
    this.window = window;
    this.residual = residual == null ? null : residual.data();
    this.residualAt = residual == null ? 0 : residual.offset();
    this.activation = activation;
    this.y = y.data();
    this.yAt = y.offset();
    this.channels = x.channels();
    this.ws = ws;
    this.band.of(window);
    ws.threads().run(plan(ws.threads().count()), this);
    this.x = null;
    this.residual = null;
    this.y = null;
    this.window = null;
    this.ws = null;
    this.band.clear();
  }

  private int plan(int threads) {
    int panels = Math.ceilDiv(channels, TILE_COLUMNS);
    int most = band.outputRowsOf(BAND_FLOATS / band.rowFloats());
    bands = Math.ceilDiv(window.outHeight(), most);
    long work = (long) window.outPixels() * terms() * channels;
    if (threads > 1 && work > SERIAL_WORK) {
      int wanted = Math.ceilDiv(threads * CHUNKS_PER_THREAD, panels);
      bands = Math.clamp(wanted, bands, Math.max(bands, window.outHeight()));
    }
    rowsPerBand = Math.ceilDiv(window.outHeight(), bands);
    bands = Math.ceilDiv(window.outHeight(), rowsPerBand);
    return bands * panels;
  }

  @Override
  public final void run(int chunk, int worker) {
    int first = chunk % bands * rowsPerBand;
    int rows = Math.min(rowsPerBand, window.outHeight() - first);
    int channel = chunk / bands * TILE_COLUMNS;
    int valid = Math.min(TILE_COLUMNS, channels - channel);
    int inRows = band.rowsFor(rows);
    // Scratch: weights, a row of outputs, the band.
    int outAt = WEIGHTS_AT + weightFloats();
    int bandAt = outAt + window.outWidth() * TILE_COLUMNS;
    float[] scratch = ws.scratch(worker, bandAt + inRows * band.rowFloats() + LANES);
    open(channel, valid, scratch, WEIGHTS_AT, worker);
    for (int r = 0; r < inRows; r++) {
      int at = bandAt + r * band.rowFloats();
      band.copyRow(x, xAt, channels, channel, valid, band.mapRow(first, r), scratch, at);
    }
    for (int oy = 0; oy < rows; oy++) {
      int in = bandAt + oy * window.strideY() * band.rowFloats();
      int out = (first + oy) * window.outWidth() * channels + channel;
      panelRow(scratch, in, outAt, out, valid, worker);
    }
  }

  /** One row of output pixels of one panel, which begins with element {@code out} of y. */
  private void panelRow(float[] scratch, int in, int outAt, int out, int valid, int worker) {
    boolean direct = activation == Activation.IDENTITY && residual == null && valid % LANES == 0;
    float[] to = direct ? y : scratch;
    int at = direct ? yAt + out : outAt;
    int stride = direct ? channels : TILE_COLUMNS;
    for (int v = 0; v * LANES < valid; v++) {
      int lane = v * LANES;
      outputRow(v, scratch, in + lane, WEIGHTS_AT, to, at + lane, stride, worker);
    }
    if (!direct) {
      int width = window.outWidth();
      if (residual != null) {
        Rows.add(residual, residualAt + out, channels, scratch, outAt, TILE_COLUMNS, width, valid);
      }
      Activations.applyPanel(activation, scratch, outAt, width, valid, TILE_COLUMNS);
      Rows.store(scratch, outAt, TILE_COLUMNS, y, yAt + out, channels, width, valid);
    }
  }
}
