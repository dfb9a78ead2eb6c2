package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;

import jdk.incubator.vector.FloatVector;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.threads.Threads;

/**
 * {@code y = activation(y + x factors)}, some rows per chunk, each sum with one rounding.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
final class ScaledSum implements Threads.Task {
  private static final int FLOATS_PER_CHUNK = 1 << 14;

  private Tensor x;
  private Tensor factors;
  private Activation activation;
  private Tensor y;
  private Workspace ws;
  private int rowsPerChunk;

  void run(Tensor x, Tensor factors, Activation activation, Tensor y, Workspace ws) {
    if (x.size() == 0) {
      return;
    }
    this.x = x;
    this.factors = factors;
    this.activation = activation;
    this.y = y;
    this.ws = ws;
    this.rowsPerChunk = Math.max(1, FLOATS_PER_CHUNK / x.channels());
    ws.threads().run(Math.ceilDiv(x.rows(), rowsPerChunk), this);
    this.x = null;
    this.factors = null;
    this.y = null;
    this.ws = null;
  }

  @Override
  public void run(int chunk, int worker) {
    int channels = x.channels();
    int first = chunk * rowsPerChunk;
    int rows = Math.min(rowsPerChunk, x.rows() - first);
    int from = x.offset() + first * channels;
    int to = y.offset() + first * channels;
    for (int r = 0; r < rows; r++) {
      add(x.data(), from + r * channels, y.data(), to + r * channels, channels);
    }
    Activations.apply(activation, y.data(), to, rows * channels, ws.scratch(worker, LANES));
  }

  private void add(float[] a, int from, float[] sum, int to, int channels) {
    float[] scale = factors.data();
    int at = factors.offset();
    int whole = Vectors.whole(channels);
    for (int c = 0; c < whole; c += LANES) {
      FloatVector.fromArray(FLOATS, a, from + c)
          .fma(
              FloatVector.fromArray(FLOATS, scale, at + c),
              FloatVector.fromArray(FLOATS, sum, to + c))
          .intoArray(sum, to + c);
    }
    for (int c = whole; c < channels; c++) {
      sum[to + c] = Math.fma(a[from + c], scale[at + c], sum[to + c]);
    }
  }
}
