package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;

import jdk.incubator.vector.FloatVector;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.threads.Threads;

/**
 * Sums of the rows of a matrix under several sets of weights. A chunk is a few columns of all sums,
 * so that these columns are in the cache for all but the first.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
final class WeightedSums implements Threads.Task {
  private static final int COLUMNS_PER_CHUNK = 4 * LANES;

  /** Terms that are added up one after the other, before the result is added to what there is. */
  private static final int BLOCK = 256;

  private float[] weights;
  private int weightsAt;
  private float[] x;
  private int xAt;
  private float[] y;
  private int yAt;
  private int sums;
  private int rows;
  private int columns;

  void run(Tensor weights, Tensor x, Tensor y, Workspace ws) {
    this.weights = weights.data();
    this.weightsAt = weights.offset();
    this.x = x.data();
    this.xAt = x.offset();
    this.y = y.data();
    this.yAt = y.offset();
    this.sums = y.rows();
    this.rows = x.rows();
    this.columns = y.channels();
    ws.threads().run(Math.ceilDiv(columns, COLUMNS_PER_CHUNK), this);
    this.weights = null;
    this.x = null;
    this.y = null;
  }

  @Override
  public void run(int chunk, int worker) {
    int first = chunk * COLUMNS_PER_CHUNK;
    int end = Math.min(columns, first + COLUMNS_PER_CHUNK);
    for (int s = 0; s < sums; s++) {
      int c = first;
      for (; c <= end - LANES; c += LANES) {
        vector(weightsAt + s * rows, xAt + c, yAt + s * columns + c);
      }
      for (; c < end; c++) {
        y[yAt + s * columns + c] = single(weightsAt + s * rows, xAt + c);
      }
    }
  }

  /** The sums of as many columns as there are lanes; two accumulators hide the latency. */
  private void vector(int weight, int from, int to) {
    FloatVector total = FloatVector.zero(FLOATS);
    for (int block = 0; block < rows; block += BLOCK) {
      int end = Math.min(rows, block + BLOCK);
      FloatVector s0 = FloatVector.zero(FLOATS);
      FloatVector s1 = s0;
      int r = block;
      for (; r < end - 1; r += 2) {
        int at = from + r * columns;
        FloatVector w0 = FloatVector.broadcast(FLOATS, weights[weight + r]);
        FloatVector w1 = FloatVector.broadcast(FLOATS, weights[weight + r + 1]);
        s0 = FloatVector.fromArray(FLOATS, x, at).fma(w0, s0);
        s1 = FloatVector.fromArray(FLOATS, x, at + columns).fma(w1, s1);
      }
      if (r < end) {
        FloatVector w0 = FloatVector.broadcast(FLOATS, weights[weight + r]);
        s0 = FloatVector.fromArray(FLOATS, x, from + r * columns).fma(w0, s0);
      }
      total = total.add(s0.add(s1));
    }
    total.intoArray(y, to);
  }

  private float single(int weight, int from) {
    double sum = 0;
    for (int r = 0; r < rows; r++) {
      sum += (double) weights[weight + r] * x[from + r * columns];
    }
    return (float) sum;
  }
}
