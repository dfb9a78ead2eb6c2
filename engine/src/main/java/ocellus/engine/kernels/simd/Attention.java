package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;
import static ocellus.engine.kernels.simd.Vectors.TILE_ROWS;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.AttentionBias;
import ocellus.engine.kernels.AttentionWindows;
import ocellus.engine.threads.Threads;

/**
 * Multi-head attention, {@code softmax(q k^T scale + bias) v}, as two products of {@link Tiles} per
 * tile of queries with the scores in between never leaving the cache.
 *
 * <p>A chunk is a head of a window, or some of its tiles; the thread that gets it packs the head's
 * k^T and v for itself, unless it has them from its last chunk. That is some hundredths of the
 * work, and cheaper than to wait for each other. Scores are written with the stride that the tiles
 * expect of their left-hand side, so that exp(scores) is multiplied with v where it stands. A bias
 * is what they start from. Attention without windows is that within a single one.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
final class Attention implements Threads.Task {
  /** Channels of a head that fit into a row of {@link Tiles}. */
  static final int WIDEST_HEAD = 768;

  /** Multiply-adds below which a second thread is not worth waking: about 20 microseconds. */
  private static final long SERIAL_WORK = 1 << 20;

  /** Chunks per thread of the heads that are shared. */
  private static final int CHUNKS_PER_THREAD = 4;

  /** Keys whose scores stand in one block of rows; a multiple of every panel's width. */
  private static final int BLOCK = 768;

  // Each thread's scratch: what scores start from, 0, and what those of the last panel start from,
  // -infinity behind the last key; maxima or sums of the rows; their lanes, a vector a row; a tile
  // of
  // queries; its scores in blocks of keys; its result.
  private static final int ZEROS_AT = Workspace.FIRST_ALIGNED;
  private static final int LAST_AT = ZEROS_AT + TILE_COLUMNS;
  private static final int ROWS_AT = LAST_AT + TILE_COLUMNS;
  private static final int ROW_SUMS = Math.ceilDiv(TILE_ROWS, LANES) * LANES;
  private static final int LANES_AT = ROWS_AT + ROW_SUMS;
  private static final int QUERIES_AT = LANES_AT + ROW_SUMS * LANES;
  private static final int SCORES_AT = QUERIES_AT + TILE_ROWS * Tiles.STRIDE;

  private final HeadPanels panels = new HeadPanels();

  private float[] qkv;
  private int qkvAt;
  private float[] y;
  private int yAt;
  private AttentionWindows windows; // null for a single one
  private AttentionBias onlyBias; // of the single one, or null
  private int tokens; // of a window
  private int dim;
  private int heads;
  private int width; // of a head
  private float scale;
  private Workspace ws;

  // The plan.
  private int keyBlocks;
  private int outAt;
  private int outStride;
  private int tiles;
  private int wholeHeads; // heads of all windows are counted on
  private int tilesPerChunk;
  private int chunksPerHead;
  private int[] packedHead = new int[1];

  /** Of each window and token, as many as there are keys in whole vectors: where its q begins. */
  private int[] tokenAt = new int[0];

  private int outputEnd; // where q of the rows ends that hear something

  void run(Tensor qkv, int heads, float scale, AttentionBias bias, Tensor y, Workspace ws) {
    this.windows = null;
    this.onlyBias = bias;
    this.tokens = y.rows();
    run(qkv, heads, 1, scale, y, ws);
  }

  void run(Tensor qkv, AttentionWindows windows, int heads, float scale, Tensor y, Workspace ws) {
    this.windows = windows;
    this.onlyBias = null;
    this.tokens = windows.tokens();
    run(qkv, heads, windows.count(), scale, y, ws);
  }

  private void run(Tensor qkv, int heads, int windowCount, float scale, Tensor y, Workspace ws) {
    if (y.size() == 0) {
      return;
    }
    this.qkv = qkv.data();
    this.qkvAt = qkv.offset();
    this.y = y.data();
    this.yAt = y.offset();
    this.dim = y.channels();
    this.heads = heads;
    this.width = dim / heads;
    // The scores are exponents of 2.
    this.scale = scale * VectorMath.LOG2_E;
    this.ws = ws;
    long work = 2L * windowCount * tokens * tokens * dim;
    Threads threads = work < SERIAL_WORK ? Threads.SERIAL : ws.threads();
    locate(windowCount);
    outputEnd = y.rows() * 3 * dim;
    panels.plan(tokens, width, tokenAt, (qkv.rows() - 1) * 3 * dim, threads.count());
    threads.run(plan(windowCount * heads, threads.count()), this);
    this.qkv = null;
    this.y = null;
    this.ws = null;
    this.windows = null;
    this.onlyBias = null;
  }

  /** Finds the tokens. Behind the last of each window it is repeated. */
  private void locate(int windowCount) {
    int stride = 3 * dim;
    int padded = Vectors.padded(tokens);
    if (tokenAt.length < windowCount * padded) {
      tokenAt = new int[windowCount * padded];
    }
    for (int w = 0; w < windowCount; w++) {
      for (int t = 0; t < padded; t++) {
        int token = Math.min(t, tokens - 1);
        tokenAt[w * padded + t] = (windows == null ? token : windows.row(w, token)) * stride;
      }
    }
  }

  /**
   * Decides how the work is cut; returns the number of chunks. Heads are chunks of their own, but
   * for the last few, as many as there are threads or what is left over, which are cut into tiles.
   */
  private int plan(int allHeads, int threads) {
    keyBlocks = Math.ceilDiv(tokens, BLOCK);
    outAt = SCORES_AT + keyBlocks * TILE_ROWS * Tiles.STRIDE;
    outStride = Vectors.padded(width);
    tiles = Math.ceilDiv(tokens, TILE_ROWS);
    int leftOver = allHeads % threads;
    int shared = threads == 1 ? 0 : leftOver == 0 ? threads : leftOver;
    wholeHeads = allHeads - shared;
    int wanted = shared == 0 ? 1 : Math.ceilDiv(threads * CHUNKS_PER_THREAD, shared);
    tilesPerChunk = Math.ceilDiv(tiles, wanted);
    chunksPerHead = Math.ceilDiv(tiles, tilesPerChunk);
    if (packedHead.length < threads) {
      packedHead = new int[threads];
    }
    Arrays.fill(packedHead, -1);
    return wholeHeads + shared * chunksPerHead;
  }

  @Override
  public void run(int chunk, int worker) {
    boolean whole = chunk < wholeHeads;
    int part = chunk - wholeHeads;
    int head = whole ? chunk : wholeHeads + part / chunksPerHead;
    int firstTile = whole ? 0 : part % chunksPerHead * tilesPerChunk;
    int endTile = whole ? tiles : Math.min(tiles, firstTile + tilesPerChunk);
    int window = head / heads;
    int channel = head % heads * width;
    int firstToken = window * Vectors.padded(tokens);
    AttentionBias bias = windows == null ? onlyBias : windows.bias(window);
    float[] scratch = prepare(head, firstToken, channel, worker);
    for (int t = firstTile; t < endTile; t++) {
      int first = PackedProduct.tileStart(tokens, tiles, t);
      int rows = PackedProduct.tileStart(tokens, tiles, t + 1) - first;
      for (int r = 0; r < rows; r++) {
        int q = qkvAt + tokenAt[firstToken + first + r] + channel;
        Elementwise.scale(qkv, q, scale, scratch, QUERIES_AT + r * Tiles.STRIDE, width);
      }
      if (bias == null) {
        scores(scratch, worker, rows);
      } else {
        startFromBias(bias, head % heads, first, rows, scratch);
        scoresOnBias(scratch, worker, rows);
      }
      softmax(scratch, rows);
      values(scratch, worker, rows);
      for (int r = 0; r < rows; r++) {
        int at = tokenAt[firstToken + first + r];
        if (at < outputEnd) {
          int to = yAt + at / 3 + channel;
          Elementwise.scale(scratch, outAt + r * outStride, 1 / scratch[ROWS_AT + r], y, to, width);
        }
      }
    }
  }

  /** The worker's scratch, with its head packed. */
  private float[] prepare(int head, int firstToken, int channel, int worker) {
    float[] scratch = ws.scratch(worker, outAt + TILE_ROWS * outStride);
    Arrays.fill(scratch, ZEROS_AT, ROWS_AT, 0f);
    int lastKeys = tokens - (panels.keyPanelCount() - 1) * TILE_COLUMNS;
    Arrays.fill(scratch, LAST_AT + lastKeys, ROWS_AT, Float.NEGATIVE_INFINITY);
    if (packedHead[worker] != head) {
      int k = qkvAt + dim + channel;
      panels.pack(qkv, k, k + dim, firstToken, worker);
      packedHead[worker] = head;
    }
    return scratch;
  }

  private void scores(float[] scratch, int worker, int rows) {
    int last = panels.keyPanelCount() - 1;
    for (int p = 0; p <= last; p++) {
      panelOfScores(scratch, worker, rows, p, p == last ? LAST_AT : ZEROS_AT, 0);
    }
  }

  /** Adds the products to what the scores start from. */
  private void scoresOnBias(float[] scratch, int worker, int rows) {
    for (int p = 0; p < panels.keyPanelCount(); p++) {
      panelOfScores(scratch, worker, rows, p, scoreAt(p * TILE_COLUMNS), Tiles.STRIDE);
    }
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
            Vectors.load(values, from + key).mul(VectorMath.LOG2_E).intoArray(scratch, to + key);
          }
          key = blockEnd;
        }
      }
      int behind = scoreRow((tokens - 1) / BLOCK, r) + (tokens - 1) % BLOCK + 1;
      FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY).intoArray(scratch, behind);
    }
  }

  private void values(float[] scratch, int worker, int rows) {
    for (int p = 0; p < panels.valuePanelCount(); p++) {
      int init = ZEROS_AT;
      int initStride = 0;
      int out = outAt + p * TILE_COLUMNS;
      for (int b = 0; b < keyBlocks; b++) {
        Tiles.run(
            rows,
            panels.valuePanelWidth(p) / LANES,
            scratch,
            scoreRow(b, 0),
            panels.panels(),
            panels.valuePanelOffset(worker, p, b * BLOCK),
            keysOf(b),
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
  private void softmax(float[] scratch, int rows) {
    int end = LANES_AT + rows * LANES;
    Arrays.fill(scratch, LANES_AT, end, Float.NEGATIVE_INFINITY);
    for (int r = 0; r < rows; r++) {
      for (int b = 0; b < keyBlocks; b++) {
        int count = Vectors.padded(keysOf(b));
        Softmax.raise(scratch, scoreRow(b, r), count, scratch, LANES_AT + r * LANES);
      }
    }
    Softmax.largestLanes(scratch, LANES_AT, rows, scratch, ROWS_AT);
    Arrays.fill(scratch, LANES_AT, end, 0f);
    for (int r = 0; r < rows; r++) {
      float max = scratch[ROWS_AT + r];
      for (int b = 0; b < keyBlocks; b++) {
        int count = Vectors.padded(keysOf(b));
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

  private int keysOf(int block) {
    return Math.min(BLOCK, tokens - block * BLOCK);
  }
}
