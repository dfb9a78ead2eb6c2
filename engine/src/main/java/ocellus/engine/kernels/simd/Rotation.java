package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;

import jdk.incubator.vector.FloatVector;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.threads.Threads;

/**
 * Rotation of the halves of queries and keys, some tokens per chunk.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
final class Rotation implements Threads.Task {
  private static final int FLOATS_PER_CHUNK = 1 << 14;

  private float[] x;
  private int xAt;
  private float[] cosines;
  private float[] sines;
  private int heads;
  private int rows;
  private int channels; // of a row: queries, keys and values
  private int half; // of a head
  private int rowsPerChunk;

  void run(Tensor qkv, int heads, float[] cosines, float[] sines, Workspace ws) {
    this.x = qkv.data();
    this.xAt = qkv.offset();
    this.cosines = cosines;
    this.sines = sines;
    this.heads = heads;
    this.rows = qkv.rows();
    this.channels = qkv.channels();
    this.half = channels / 3 / heads / 2;
    if (qkv.size() > 0) {
      this.rowsPerChunk = Math.max(1, FLOATS_PER_CHUNK / channels);
      ws.threads().run(Math.ceilDiv(rows, rowsPerChunk), this);
    }
    this.x = null;
    this.cosines = null;
    this.sines = null;
  }

  @Override
  public void run(int chunk, int worker) {
    int first = chunk * rowsPerChunk;
    int end = Math.min(rows, first + rowsPerChunk);
    for (int r = first; r < end; r++) {
      int angle = r * half;
      int at = xAt + r * channels;
      for (int head = 0; head < 2 * heads; head++) { // of queries, then of keys
        rotate(at + head * 2 * half, angle);
      }
    }
  }

  private void rotate(int at, int angle) {
    int whole = Vectors.whole(half);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector a = FloatVector.fromArray(FLOATS, x, at + i);
      FloatVector b = FloatVector.fromArray(FLOATS, x, at + half + i);
      FloatVector cos = FloatVector.fromArray(FLOATS, cosines, angle + i);
      FloatVector sin = FloatVector.fromArray(FLOATS, sines, angle + i);
      a.mul(cos).sub(b.mul(sin)).intoArray(x, at + i);
      b.mul(cos).add(a.mul(sin)).intoArray(x, at + half + i);
    }
    for (int i = whole; i < half; i++) {
      float a = x[at + i];
      float b = x[at + half + i];
      float cos = cosines[angle + i];
      float sin = sines[angle + i];
      x[at + i] = a * cos - b * sin;
      x[at + half + i] = b * cos + a * sin;
    }
  }
}
