package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;

import jdk.incubator.vector.FloatVector;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.threads.Threads;

/**
 * Division of the queries and keys of attention by their lengths, some rows per chunk.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
final class HeadNorms implements Threads.Task {
  /** The least length that is divided by: what PyTorch's {@code normalize} has. */
  private static final float SHORTEST = 1e-12f;

  private static final int FLOATS_PER_CHUNK = 1 << 14;

  private float[] qkv;
  private int qkvAt;
  private float[] factors;
  private int rows;
  private int stride;
  private int heads;
  private int width;
  private int rowsPerChunk;
  private Workspace ws;

  void run(Tensor qkv, int heads, float[] factors, Workspace ws) {
    if (qkv.size() == 0) {
      return;
    }
    this.qkv = qkv.data();
    this.qkvAt = qkv.offset();
    this.factors = factors;
    this.rows = qkv.rows();
    this.stride = qkv.channels();
    this.heads = heads;
    this.width = stride / 3 / heads;
    this.ws = ws;
    this.rowsPerChunk = Math.max(1, FLOATS_PER_CHUNK / stride);
    ws.threads().run(Math.ceilDiv(rows, rowsPerChunk), this);
    this.qkv = null;
    this.factors = null;
    this.ws = null;
  }

  @Override
  public void run(int chunk, int worker) {
    int first = chunk * rowsPerChunk;
    int end = Math.min(rows, first + rowsPerChunk);
    float[] spare = ws.scratch(worker, Workspace.FIRST_ALIGNED + LANES);
    for (int r = first; r < end; r++) {
      int q = qkvAt + r * stride;
      int k = q + heads * width;
      for (int head = 0; head < heads; head++) {
        divide(q + head * width, factors[head], spare);
        divide(k + head * width, 1, spare);
      }
    }
  }

  /** x = x factor / |x|. */
  private void divide(int at, float factor, float[] spare) {
    int whole = Vectors.whole(width);
    FloatVector squares = FloatVector.zero(Vectors.FLOATS);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, qkv, at + i);
      squares = v.fma(v, squares);
    }
    squares.intoArray(spare, Workspace.FIRST_ALIGNED);
    float sum = Vectors.sum(spare, Workspace.FIRST_ALIGNED);
    for (int i = whole; i < width; i++) {
      sum += qkv[at + i] * qkv[at + i];
    }
    float scale = factor / Math.max((float) Math.sqrt(sum), SHORTEST);
    Elementwise.scale(qkv, at, scale, qkv, at, width);
  }
}
