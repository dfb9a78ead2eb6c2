package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.threads.Threads;

/**
 * Lengths of the columns of a matrix, some columns per chunk.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
final class ChannelLengths implements Threads.Task {
  /**
   * Vectors of columns that are summed at once: as many accumulators hide the latency of the sums.
   */
  private static final int VECTORS = 8;

  private static final int COLUMNS = VECTORS * LANES;

  /** Rows whose squares are summed before they are added to the others. */
  private static final int BLOCK = 256;

  /** Elements below which a second thread is not worth waking. */
  private static final int SERIAL_SIZE = 1 << 17;

  private float[] x;
  private int xAt;
  private float[] y;
  private int yAt;
  private int rows;
  private int channels;

  void run(Tensor x, Tensor y, Workspace ws) {
    this.x = x.data();
    this.xAt = x.offset();
    this.y = y.data();
    this.yAt = y.offset();
    this.rows = x.rows();
    this.channels = x.channels();
    Threads threads = x.size() < SERIAL_SIZE ? Threads.SERIAL : ws.threads();
    threads.run(Math.ceilDiv(channels, COLUMNS), this);
    this.x = null;
    this.y = null;
  }

  @Override
  public void run(int chunk, int worker) {
    int first = chunk * COLUMNS;
    int end = Math.min(channels, first + COLUMNS);
    Arrays.fill(y, yAt + first, yAt + end, 0f);
    for (int row = 0; row < rows; row += BLOCK) {
      int count = Math.min(BLOCK, rows - row);
      int c = first;
      if (end - first == COLUMNS) {
        addColumns(row, count, c);
        c = end;
      }
      for (; c <= end - LANES; c += LANES) {
        addVector(row, count, c);
      }
      for (; c < end; c++) {
        addColumn(row, count, c);
      }
    }
    for (int i = yAt + first; i < yAt + end; i++) {
      y[i] = (float) Math.sqrt(y[i]);
    }
  }

  private void addColumns(int row, int count, int c) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector s4 = s0;
    FloatVector s5 = s0;
    FloatVector s6 = s0;
    FloatVector s7 = s0;
    int from = xAt + row * channels + c;
    for (int r = 0; r < count; r++, from += channels) {
      FloatVector v0 = FloatVector.fromArray(FLOATS, x, from);
      FloatVector v1 = FloatVector.fromArray(FLOATS, x, from + LANES);
      FloatVector v2 = FloatVector.fromArray(FLOATS, x, from + 2 * LANES);
      FloatVector v3 = FloatVector.fromArray(FLOATS, x, from + 3 * LANES);
      s0 = v0.fma(v0, s0);
      s1 = v1.fma(v1, s1);
      s2 = v2.fma(v2, s2);
      s3 = v3.fma(v3, s3);
      FloatVector v4 = FloatVector.fromArray(FLOATS, x, from + 4 * LANES);
      FloatVector v5 = FloatVector.fromArray(FLOATS, x, from + 5 * LANES);
      FloatVector v6 = FloatVector.fromArray(FLOATS, x, from + 6 * LANES);
      FloatVector v7 = FloatVector.fromArray(FLOATS, x, from + 7 * LANES);
      s4 = v4.fma(v4, s4);
      s5 = v5.fma(v5, s5);
      s6 = v6.fma(v6, s6);
      s7 = v7.fma(v7, s7);
    }
    int to = yAt + c;
    FloatVector.fromArray(FLOATS, y, to).add(s0).intoArray(y, to);
    FloatVector.fromArray(FLOATS, y, to + LANES).add(s1).intoArray(y, to + LANES);
    FloatVector.fromArray(FLOATS, y, to + 2 * LANES).add(s2).intoArray(y, to + 2 * LANES);
    FloatVector.fromArray(FLOATS, y, to + 3 * LANES).add(s3).intoArray(y, to + 3 * LANES);
    FloatVector.fromArray(FLOATS, y, to + 4 * LANES).add(s4).intoArray(y, to + 4 * LANES);
    FloatVector.fromArray(FLOATS, y, to + 5 * LANES).add(s5).intoArray(y, to + 5 * LANES);
    FloatVector.fromArray(FLOATS, y, to + 6 * LANES).add(s6).intoArray(y, to + 6 * LANES);
    FloatVector.fromArray(FLOATS, y, to + 7 * LANES).add(s7).intoArray(y, to + 7 * LANES);
  }

  private void addVector(int row, int count, int c) {
    FloatVector sum = FloatVector.zero(FLOATS);
    int from = xAt + row * channels + c;
    for (int r = 0; r < count; r++) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, from + r * channels);
      sum = v.fma(v, sum);
    }
    FloatVector.fromArray(FLOATS, y, yAt + c).add(sum).intoArray(y, yAt + c);
  }

  private void addColumn(int row, int count, int c) {
    float sum = 0;
    int from = xAt + row * channels + c;
    for (int r = 0; r < count; r++) {
      float v = x[from + r * channels];
      sum += v * v;
    }
    y[yAt + c] += sum;
  }
}
