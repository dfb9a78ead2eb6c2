package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;
import static ocellus.engine.kernels.simd.Vectors.TILE_ROWS;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.AttentionBias;

/**
 * What attention does with a tile of queries and the packed keys and values of a head: two products
 * of {@link Tiles} with the scores in between never leaving the cache.
 *
 * <p>All is in the scratch of a thread. Scores are written with the stride that the tiles expect of
 * their left-hand side, so that exp(scores) is multiplied with v where it stands. A bias is what
 * they start from.
 */
final class AttentionTile {
  /** Channels of a head that fit into a row of {@link Tiles}. */
  static final int WIDEST_HEAD = 768;

  /** Keys whose scores stand in one block of rows; a multiple of every panel's width. */
  private static final int BLOCK = 768;

  // Each thread's scratch: what scores start from, 0, and what those of the last panel start from,
  // -infinity behind the last key; maxima or sums of the rows; their lanes, a vector a row; a tile
  // of queries; its scores in blocks of keys; its result.
  private static final int ZEROS_AT = Workspace.FIRST_ALIGNED;
  private static final int LAST_AT = ZEROS_AT + TILE_COLUMNS;
  private static final int ROWS_AT = LAST_AT + TILE_COLUMNS;
  private static final int ROW_SUMS = Math.ceilDiv(TILE_ROWS, LANES) * LANES;
  private static final int LANES_AT = ROWS_AT + ROW_SUMS;
  private static final int QUERIES_AT = LANES_AT + ROW_SUMS * LANES;
  private static final int SCORES_AT = QUERIES_AT + TILE_ROWS * Tiles.STRIDE;

  /** Of the head that the thread works on. */
  final HeadPanels panels = new HeadPanels();

  private int keys;
  private int width; // of a head
  private int outAt;
  private int outStride;

  /** Says what heads look like, as the panels have been told. */
  void plan(int keys, int width) {
    this.keys = keys;
    this.width = width;
    outAt = SCORES_AT + Math.ceilDiv(keys, BLOCK) * TILE_ROWS * Tiles.STRIDE;
    outStride = Vectors.padded(width);
  }

  /** A worker's scratch, ready for tiles. */
  float[] scratch(int worker, Workspace ws) {
    float[] scratch = ws.scratch(worker, outAt + TILE_ROWS * outStride);
    Arrays.fill(scratch, ZEROS_AT, ROWS_AT, 0f);
    int lastKeys = keys - (panels.keyPanelCount() - 1) * TILE_COLUMNS;
    Arrays.fill(scratch, LAST_AT + lastKeys, ROWS_AT, Float.NEGATIVE_INFINITY);
    return scratch;
  }

  /**
   * Puts a query into the tile.
   *
   * @param scale of the scores, which are exponents of 2
   */
  void query(float[] scratch, int row, float[] from, int at, float scale) {
    Elementwise.scale(from, at, scale, scratch, QUERIES_AT + row * Tiles.STRIDE, width);
  }

  /** Attends without a bias. */
  void attend(float[] scratch, int worker, int rows) {
    int last = panels.keyPanelCount() - 1;
    for (int p = 0; p <= last; p++) {
      panelOfScores(scratch, worker, rows, p, p == last ? LAST_AT : ZEROS_AT, 0);
    }
    hear(scratch, worker, rows, keys);
  }

  /**
   * Attends to the keys up to each query's own. The products that are computed too much are those
   * of the tile with itself, and replaced.
   *
   * @param first the query in the first row
   */
  void attendToPast(float[] scratch, int worker, int rows, int first) {
    int heard = first + rows;
    for (int p = 0; p < Math.ceilDiv(heard, TILE_COLUMNS); p++) {
      panelOfScores(scratch, worker, rows, p, ZEROS_AT, 0);
    }
    for (int r = 0; r < rows; r++) {
      for (int key = first + r + 1; key < Vectors.padded(heard); key++) {
        scratch[scoreRow(key / BLOCK, r) + key % BLOCK] = Float.NEGATIVE_INFINITY;
      }
    }
    hear(scratch, worker, rows, heard);
  }

  /** Attends with the biases of a head's queries from {@code first} on. */
  void attend(float[] scratch, int worker, int rows, AttentionBias bias, int head, int first) {
    startFromBias(bias, head, first, rows, scratch);
    for (int p = 0; p < panels.keyPanelCount(); p++) {
      panelOfScores(scratch, worker, rows, p, scoreAt(p * TILE_COLUMNS), Tiles.STRIDE);
    }
    hear(scratch, worker, rows, keys);
  }

  /** Takes what a query has heard. */
  void heard(float[] scratch, int row, float[] to, int at) {
    float sum = scratch[ROWS_AT + row];
    Elementwise.scale(scratch, outAt + row * outStride, 1 / sum, to, at, width);
  }

  private void panelOfScores(
      float[] scratch, int worker, int rows, int p, int init, int initStride) {
    Tiles.run(
        rows,
        panels.keyPanelWidth(p) / LANES,
        scratch,
        QUERIES_AT,
        panels.panels(),
        panels.keyPanelOffset(worker, p),
        width,
        scratch,
        init,
        initStride,
        scratch,
        scoreAt(p * TILE_COLUMNS),
        Tiles.STRIDE);
  }

  /**
   * Writes the biases of some queries to where their scores will be, as exponents of 2, and
   * -infinity behind the last key. What whole vectors write too much is behind the keys of a block,
   * or is written afterwards.
   */
  private void startFromBias(AttentionBias bias, int head, int first, int rows, float[] scratch) {
    float[] values = bias.values();
    for (int r = 0; r < rows; r++) {
      for (int run = 0; run < bias.runs(); run++) {
        int key = bias.bound(run);
        int end = bias.bound(run + 1);
        int from = bias.start(head, first + r, run) - key;
        while (key < end) {
          int blockEnd = Math.min(end, (key / BLOCK + 1) * BLOCK);
          int to = scoreRow(key / BLOCK, r) - key / BLOCK * BLOCK;
          for (; key < blockEnd; key += LANES) {
            FloatVector.fromArray(FLOATS, values, from + key)
                .mul(VectorMath.LOG2_E)
                .intoArray(scratch, to + key);
          }
          key = blockEnd;
        }
      }
      int behind = scoreRow((keys - 1) / BLOCK, r) + (keys - 1) % BLOCK + 1;
      FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY).intoArray(scratch, behind);
    }
  }

  /**
   * From scores to sums of values.
   *
   * @param heard how many of the keys, the first ones, are heard
   */
  private void hear(float[] scratch, int worker, int rows, int heard) {
    softmax(scratch, rows, heard);
    values(scratch, worker, rows, heard);
  }

  private void values(float[] scratch, int worker, int rows, int heard) {
    for (int p = 0; p < panels.valuePanelCount(); p++) {
      int init = ZEROS_AT;
      int initStride = 0;
      int out = outAt + p * TILE_COLUMNS;
      for (int b = 0; b * BLOCK < heard; b++) {
        Tiles.run(
            rows,
            panels.valuePanelWidth(p) / LANES,
            scratch,
            scoreRow(b, 0),
            panels.panels(),
            panels.valuePanelOffset(worker, p, b * BLOCK),
            keysOf(b, heard),
            scratch,
            init,
            initStride,
            scratch,
            out,
            outStride);
        init = out;
        initStride = outStride;
      }
    }
  }

  /** Replaces scores by 2^(score - maximum), and leaves the sums at {@code ROWS_AT}. */
  private void softmax(float[] scratch, int rows, int heard) {
    int end = LANES_AT + rows * LANES;
    Arrays.fill(scratch, LANES_AT, end, Float.NEGATIVE_INFINITY);
    for (int r = 0; r < rows; r++) {
      for (int b = 0; b * BLOCK < heard; b++) {
        int count = Vectors.padded(keysOf(b, heard));
        Softmax.raise(scratch, scoreRow(b, r), count, scratch, LANES_AT + r * LANES);
      }
    }
    Softmax.largestLanes(scratch, LANES_AT, rows, scratch, ROWS_AT);
    Arrays.fill(scratch, LANES_AT, end, 0f);
    for (int r = 0; r < rows; r++) {
      float max = scratch[ROWS_AT + r];
      for (int b = 0; b * BLOCK < heard; b++) {
        int count = Vectors.padded(keysOf(b, heard));
        Softmax.powersOfTwo(scratch, scoreRow(b, r), count, max, scratch, LANES_AT + r * LANES);
      }
    }
    Softmax.sumsOfLanes(scratch, LANES_AT, rows, scratch, ROWS_AT);
  }

  /** Where the score of a key is in the first row. */
  private static int scoreAt(int key) {
    return scoreRow(key / BLOCK, 0) + key % BLOCK;
  }

  private static int scoreRow(int block, int row) {
    return SCORES_AT + (block * TILE_ROWS + row) * Tiles.STRIDE;
  }

  private static int keysOf(int block, int heard) {
    return Math.min(BLOCK, heard - block * BLOCK);
  }
}
