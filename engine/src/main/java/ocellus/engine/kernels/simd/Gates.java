package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.LANES;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.threads.Threads;

/**
 * Gated linear units, some rows per chunk: the gate is copied to where the result goes, where it is
 * activated and multiplied while it is in the cache.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
final class Gates implements Threads.Task {
  private static final int FLOATS_PER_CHUNK = 1 << 14;

  private Activation activation;
  private float[] x;
  private int xAt;
  private float[] y;
  private int yAt;
  private int rows;
  private int channels; // of the result
  private int rowsPerChunk;
  private Workspace ws;

  void run(Tensor x, Activation activation, Tensor y, Workspace ws) {
    this.activation = activation;
    this.x = x.data();
    this.xAt = x.offset();
    this.y = y.data();
    this.yAt = y.offset();
    this.rows = y.rows();
    this.channels = y.channels();
    this.ws = ws;
    if (y.size() > 0) {
      this.rowsPerChunk = Math.max(1, FLOATS_PER_CHUNK / channels);
      ws.threads().run(Math.ceilDiv(rows, rowsPerChunk), this);
    }
    this.x = null;
    this.y = null;
    this.ws = null;
  }

  @Override
  public void run(int chunk, int worker) {
    int first = chunk * rowsPerChunk;
    int end = Math.min(rows, first + rowsPerChunk);
    float[] spare = ws.scratch(worker, LANES);
    for (int r = first; r < end; r++) {
      int gate = xAt + r * 2 * channels;
      int out = yAt + r * channels;
      System.arraycopy(x, gate, y, out, channels);
      Activations.apply(activation, y, out, channels, spare);
      Elementwise.product(y, out, x, gate + channels, y, out, channels);
    }
  }
}
