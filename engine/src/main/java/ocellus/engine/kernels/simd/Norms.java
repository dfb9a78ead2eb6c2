package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;

import jdk.incubator.vector.FloatVector;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.threads.Threads;

/**
 * Layer, root-mean-square and simple normalisation, some rows per chunk.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
final class Norms implements Threads.Task {
  /** Which of the three: the terms that one has and the others have not. */
  enum Kind {
    LAYER,
    RMS,
    SIMPLE
  }

  private static final int FLOATS_PER_CHUNK = 1 << 14;

  private Kind kind;
  private float[] x;
  private int xAt;
  private float[] weight;
  private float[] bias;
  private double epsilon;
  private float[] y;
  private int yAt;
  private int rows;
  private int channels;
  private int rowsPerChunk;
  private Workspace ws;

  void run(
      Kind kind, Tensor x, float[] weight, float[] bias, double epsilon, Tensor y, Workspace ws) {
    this.kind = kind;
    this.x = x.data();
    this.xAt = x.offset();
    this.weight = weight;
    this.bias = bias;
    this.epsilon = epsilon;
    this.y = y.data();
    this.yAt = y.offset();
    this.rows = x.rows();
    this.channels = x.channels();
    this.ws = ws;
    if (x.size() > 0) {
      this.rowsPerChunk = Math.max(1, FLOATS_PER_CHUNK / channels);
      ws.threads().run(Math.ceilDiv(rows, rowsPerChunk), this);
    }
    this.x = null;
    this.y = null;
    this.weight = null;
    this.bias = null;
    this.ws = null;
  }

  @Override
  public void run(int chunk, int worker) {
    int first = chunk * rowsPerChunk;
    int end = Math.min(rows, first + rowsPerChunk);
    float[] spare = ws.scratch(worker, LANES);
    for (int r = first; r < end; r++) {
      int in = xAt + r * channels;
      float mean = kind == Kind.RMS ? 0 : (float) (sum(x, in, channels, spare) / channels);
      int degreesOfFreedom = kind == Kind.SIMPLE ? channels - 1 : channels;
      double variance = squares(x, in, channels, mean, spare) / degreesOfFreedom;
      float scale = (float) (1 / Math.sqrt(variance + epsilon));
      normalise(in, yAt + r * channels, kind == Kind.LAYER ? mean : 0, scale);
    }
  }

  // Two accumulators hide the latency of the addition.

  private static double sum(float[] x, int at, int count, float[] spare) {
    FloatVector s0 = FloatVector.zero(Vectors.FLOATS);
    FloatVector s1 = s0;
    int i = 0;
    for (; i <= count - 2 * LANES; i += 2 * LANES) {
      s0 = s0.add(FloatVector.fromArray(FLOATS, x, at + i));
      s1 = s1.add(FloatVector.fromArray(FLOATS, x, at + i + LANES));
    }
    s0.add(s1).intoArray(spare, 0);
    double sum = Vectors.sum(spare, 0);
    for (; i < count; i++) {
      sum += x[at + i];
    }
    return sum;
  }

  /** Sum of (x - mean)^2. */
  private static double squares(float[] x, int at, int count, float mean, float[] spare) {
    FloatVector s0 = FloatVector.zero(Vectors.FLOATS);
    FloatVector s1 = s0;
    int i = 0;
    for (; i <= count - 2 * LANES; i += 2 * LANES) {
      FloatVector d0 = FloatVector.fromArray(FLOATS, x, at + i).sub(mean);
      FloatVector d1 = FloatVector.fromArray(FLOATS, x, at + i + LANES).sub(mean);
      s0 = d0.fma(d0, s0);
      s1 = d1.fma(d1, s1);
    }
    s0.add(s1).intoArray(spare, 0);
    double sum = Vectors.sum(spare, 0);
    for (; i < count; i++) {
      double d = x[at + i] - mean;
      sum += d * d;
    }
    return sum;
  }

  private void normalise(int in, int out, float mean, float scale) {
    int whole = Vectors.whole(channels);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, in + i).sub(mean).mul(scale);
      if (weight != null) {
        v = v.mul(FloatVector.fromArray(FLOATS, weight, i));
      }
      if (bias != null) {
        v = v.add(FloatVector.fromArray(FLOATS, bias, i));
      }
      v.intoArray(y, out + i);
    }
    for (int i = whole; i < channels; i++) {
      float v = (x[in + i] - mean) * scale;
      v = weight == null ? v : v * weight[i];
      y[out + i] = bias == null ? v : v + bias[i];
    }
  }
}
