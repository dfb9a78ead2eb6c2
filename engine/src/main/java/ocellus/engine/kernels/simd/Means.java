package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;

import jdk.incubator.vector.FloatVector;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.threads.Threads;

/**
 * Means of channels over all pixels of a map. A chunk is some vectors of channels, so that a mean
 * is the same sum whatever the number of threads.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
final class Means implements Threads.Task {
  /**
   * Rows that are summed before their sum is added to the total, so that rounding errors stay
   * small.
   */
  private static final int PARTIAL = 64;

  /** Floats below which a second thread is not worth waking. */
  private static final int SERIAL_FLOATS = 1 << 16;

  private static final int CHUNKS_PER_THREAD = 2;

  private boolean blocks; // whether x is a map in blocks of channels
  private float[] x;
  private int xAt;
  private int rows;
  private float[] y;
  private int yAt;
  private int channels;
  private int vectorsPerChunk;

  /** Mean over all rows of x. */
  void ofRows(Tensor x, Tensor y, Workspace ws) {
    blocks = false;
    run(x, x.rows(), y, ws);
  }

  /** Mean over the pixels of a map in blocks of channels; y has the channels that count. */
  void ofBlocks(Tensor x, Tensor y, Workspace ws) {
    blocks = true;
    run(x, x.dim(1), y, ws);
  }

  private void run(Tensor x, int rows, Tensor y, Workspace ws) {
    this.x = x.data();
    this.xAt = x.offset();
    this.rows = rows;
    this.y = y.data();
    this.yAt = y.offset();
    this.channels = y.channels();
    int vectors = Math.ceilDiv(channels, LANES);
    boolean serial = (long) rows * channels < SERIAL_FLOATS;
    int chunks = serial ? 1 : ws.threads().count() * CHUNKS_PER_THREAD;
    vectorsPerChunk = Math.max(1, Math.ceilDiv(vectors, chunks));
    ws.threads().run(Math.ceilDiv(vectors, vectorsPerChunk), this);
    this.x = null;
    this.y = null;
  }

  @Override
  public void run(int chunk, int worker) {
    int first = chunk * vectorsPerChunk * LANES;
    int end = Math.min(channels, first + vectorsPerChunk * LANES);
    for (int c = first; c < end; c += LANES) {
      if (blocks) {
        int at = c / TILE_COLUMNS * rows * TILE_COLUMNS + c % TILE_COLUMNS;
        mean(xAt + at, TILE_COLUMNS, yAt + c, Math.min(LANES, channels - c));
      } else if (channels < LANES) {
        few();
      } else {
        // The last vector ends with the last channel; what it shares with the one before it comes
        // out the same, whoever writes it last.
        int from = Math.min(c, channels - LANES);
        mean(xAt + from, channels, yAt + from, LANES);
      }
    }
  }

  /** Means of one vector of channels, of which the first {@code valid} are wanted. */
  private void mean(int at, int stride, int to, int valid) {
    FloatVector total = FloatVector.zero(FLOATS);
    for (int first = 0; first < rows; first += PARTIAL) {
      int end = Math.min(first + PARTIAL, rows);
      FloatVector even = FloatVector.zero(FLOATS);
      FloatVector odd = FloatVector.zero(FLOATS);
      int r = first;
      for (; r + 1 < end; r += 2) {
        even = even.add(FloatVector.fromArray(FLOATS, x, at + r * stride));
        odd = odd.add(FloatVector.fromArray(FLOATS, x, at + (r + 1) * stride));
      }
      FloatVector sum = even.add(odd);
      if (r < end) {
        sum = sum.add(FloatVector.fromArray(FLOATS, x, at + r * stride));
      }
      total = total.add(sum);
    }
    FloatVector mean = total.div((float) rows);
    if (valid == LANES) {
      mean.intoArray(y, to);
    } else {
      mean.intoArray(y, to, FLOATS.indexInRange(0, valid));
    }
  }

  /** Means of fewer channels than a vector has lanes. */
  private void few() {
    for (int c = 0; c < channels; c++) {
      double sum = 0;
      for (int r = 0; r < rows; r++) {
        sum += x[xAt + r * channels + c];
      }
      y[yAt + c] = (float) (sum / rows);
    }
  }
}
