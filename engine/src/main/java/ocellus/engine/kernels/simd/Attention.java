package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;
import static ocellus.engine.kernels.simd.Vectors.TILE_ROWS;
import static ocellus.engine.kernels.simd.Vectors.TILE_VECTORS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.threads.Threads;

/**
 * Multi-head attention, {@code softmax(q k^T scale) v}, as two products of {@link Tiles} per tile
 * of queries with the scores in between never leaving the cache.
 *
 * <p>A first parallel region packs k^T and v of each head, as if they were weights; a second
 * computes tiles of queries. Scores are written with the stride that the tiles expect of their
 * left-hand side, so that exp(scores) is multiplied with v where it stands.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
final class Attention {
  /** Channels of a head that fit into a row of {@link Tiles}. */
  static final int WIDEST_HEAD = 768;

  private static final int CHUNKS_PER_THREAD = 4;

  /** Keys whose scores stand in one block of rows; a multiple of every panel's width. */
  private static final int BLOCK = 768;

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

  private final Threads.Task packing = this::pack;
  private final Threads.Task attending = this::attend;
  private MemorySegment packed = MemorySegment.NULL;

  private float[] qkv;
  private int qkvAt;
  private float[] y;
  private int yAt;
  private int tokens;
  private int dim;
  private int heads;
  private int width; // of a head
  private float scale;
  private Workspace ws;

  // The plan.
  private int keyPanels;
  private int valuePanels;
  private int valueColumns;
  private int keyBlocks;
  private int tilesPerChunk;
  private int chunksPerHead;

  void run(Tensor qkv, int heads, float scale, Tensor y, Workspace ws) {
    if (y.size() == 0) {
      return;
    }
    this.qkv = qkv.data();
    this.qkvAt = qkv.offset();
    this.y = y.data();
    this.yAt = y.offset();
    this.tokens = y.rows();
    this.dim = y.channels();
    this.heads = heads;
    this.width = dim / heads;
    this.scale = scale;
    this.ws = ws;
    plan(ws.threads().count());
    ws.threads().run(heads, packing);
    ws.threads().run(heads * chunksPerHead, attending);
    this.qkv = null;
    this.y = null;
    this.ws = null;
  }

  private void plan(int threads) {
    keyPanels = Math.ceilDiv(tokens, TILE_COLUMNS);
    valueColumns = Math.ceilDiv(width, LANES) * LANES;
    valuePanels = Math.ceilDiv(width, TILE_COLUMNS);
    keyBlocks = Math.ceilDiv(tokens, BLOCK);
    long bytes = heads * headFloats() * Float.BYTES;
    if (packed.byteSize() < bytes) {
      packed = Arena.ofAuto().allocate(bytes, 64);
    }
    int tiles = Math.ceilDiv(tokens, TILE_ROWS);
    int wanted = threads == 1 ? 1 : Math.ceilDiv(threads * CHUNKS_PER_THREAD, heads);
    tilesPerChunk = Math.ceilDiv(tiles, wanted);
    chunksPerHead = Math.ceilDiv(tiles, tilesPerChunk);
  }

  /** Floats of the packed keys and values of a head. */
  private long headFloats() {
    return keyFloats() + (long) tokens * valueColumns;
  }

  private long keyFloats() {
    return (long) keyPanels * TILE_COLUMNS * width;
  }

  private long headAt(int head) {
    return head * headFloats() * Float.BYTES;
  }

  /**
   * Packs k^T, {@code [panels][width][TILE_COLUMNS]}, and v, {@code [panels][tokens][columns]}, of
   * one head.
   */
  private void pack(int head, int worker) {
    int size = Math.max(width * TILE_COLUMNS, tokens * TILE_COLUMNS);
    float[] panel = ws.scratch(worker, size);
    int k = qkvAt + dim + head * width;
    long at = headAt(head);
    for (int p = 0; p < keyPanels; p++) {
      int first = p * TILE_COLUMNS;
      int valid = Math.min(TILE_COLUMNS, tokens - first);
      if (valid < TILE_COLUMNS) {
        Arrays.fill(panel, 0, width * TILE_COLUMNS, 0f);
      }
      for (int j = 0; j < valid; j++) {
        int row = k + (first + j) * 3 * dim;
        for (int i = 0; i < width; i++) {
          panel[i * TILE_COLUMNS + j] = qkv[row + i];
        }
      }
      MemorySegment.copy(panel, 0, packed, FLOAT, at, width * TILE_COLUMNS);
      at += (long) width * TILE_COLUMNS * Float.BYTES;
    }
    int v = qkvAt + 2 * dim + head * width;
    for (int p = 0; p < valuePanels; p++) {
      int first = p * TILE_COLUMNS;
      int columns = valuePanelWidth(p);
      int valid = Math.min(columns, width - first);
      if (valid < columns) {
        Arrays.fill(panel, 0, tokens * columns, 0f);
      }
      for (int j = 0; j < tokens; j++) {
        System.arraycopy(qkv, v + j * 3 * dim + first, panel, j * columns, valid);
      }
      MemorySegment.copy(panel, 0, packed, FLOAT, at, tokens * columns);
      at += (long) tokens * columns * Float.BYTES;
    }
  }

  private int valuePanelWidth(int p) {
    return Math.min(TILE_COLUMNS, valueColumns - p * TILE_COLUMNS);
  }

  private void attend(int chunk, int worker) {
    int head = chunk / chunksPerHead;
    int firstTile = chunk % chunksPerHead * tilesPerChunk;
    int tiles = Math.ceilDiv(tokens, TILE_ROWS);
    // Scratch: the queries, the scores in blocks of keys, a tile of the result, zeros to start
    // from.
    int scoresAt = TILE_ROWS * Tiles.STRIDE;
    int zerosAt = scoresAt + keyBlocks * TILE_ROWS * Tiles.STRIDE;
    int outAt = zerosAt + TILE_COLUMNS;
    float[] scratch = ws.scratch(worker, outAt + TILE_ROWS * TILE_COLUMNS);
    Arrays.fill(scratch, zerosAt, zerosAt + TILE_COLUMNS, 0f);
    for (int t = firstTile; t < Math.min(tiles, firstTile + tilesPerChunk); t++) {
      int first = t * (tokens / tiles) + Math.min(t, tokens % tiles);
      int rows = tokens / tiles + (t < tokens % tiles ? 1 : 0);
      for (int r = 0; r < rows; r++) {
        int q = qkvAt + (first + r) * 3 * dim + head * width;
        Elementwise.scale(qkv, q, scale, scratch, r * Tiles.STRIDE, width);
      }
      scores(scratch, head, rows, scoresAt, zerosAt);
      values(scratch, head, first, rows, scoresAt, zerosAt, outAt);
    }
  }

  private void scores(float[] scratch, int head, int rows, int scoresAt, int zerosAt) {
    long panel = headAt(head);
    for (int p = 0; p < keyPanels; p++) {
      int key = p * TILE_COLUMNS;
      int at = scoresAt + key / BLOCK * TILE_ROWS * Tiles.STRIDE + key % BLOCK;
      Tiles.run(
          rows,
          TILE_VECTORS,
          scratch,
          0,
          packed,
          panel,
          width,
          scratch,
          zerosAt,
          0,
          scratch,
          at,
          Tiles.STRIDE);
      panel += (long) width * TILE_COLUMNS * Float.BYTES;
    }
  }

  private void values(
      float[] scratch, int head, int first, int rows, int scoresAt, int zerosAt, int outAt) {
    softmax(scratch, rows, scoresAt);
    long panel = headAt(head) + keyFloats() * Float.BYTES;
    for (int p = 0; p < valuePanels; p++) {
      int columns = valuePanelWidth(p);
      int init = zerosAt;
      int initStride = 0;
      for (int b = 0; b < keyBlocks; b++) {
        Tiles.run(
            rows,
            columns / LANES,
            scratch,
            scoreRow(scoresAt, b, 0),
            packed,
            panel + (long) b * BLOCK * columns * Float.BYTES,
            keysOf(b),
            scratch,
            init,
            initStride,
            scratch,
            outAt,
            TILE_COLUMNS);
        init = outAt;
        initStride = TILE_COLUMNS;
      }
      int column = p * TILE_COLUMNS;
      for (int r = 0; r < rows; r++) {
        Elementwise.scale(
            scratch,
            outAt + r * TILE_COLUMNS,
            scratch[r * Tiles.STRIDE],
            y,
            yAt + (first + r) * dim + head * width + column,
            Math.min(columns, width - column));
      }
      panel += (long) tokens * columns * Float.BYTES;
    }
  }

  /**
   * Replaces scores by exp(scores - maximum), and the first element of each query, which is used no
   * more, by what the sums have to be multiplied with.
   */
  private void softmax(float[] scratch, int rows, int scoresAt) {
    for (int r = 0; r < rows; r++) {
      // Up to a whole vector, so that no mask is needed: exp(-infinity) is 0.
      int last = keyBlocks - 1;
      int end = scoreRow(scoresAt, last, r);
      Arrays.fill(
          scratch, end + keysOf(last), end + Vectors.padded(keysOf(last)), Float.NEGATIVE_INFINITY);
      float max = Float.NEGATIVE_INFINITY;
      for (int b = 0; b < keyBlocks; b++) {
        int keys = Vectors.padded(keysOf(b));
        max = Math.max(max, Softmax.maximum(scratch, scoreRow(scoresAt, b, r), keys));
      }
      float sum = 0;
      for (int b = 0; b < keyBlocks; b++) {
        int keys = Vectors.padded(keysOf(b));
        sum += Softmax.exponentials(scratch, scoreRow(scoresAt, b, r), keys, max);
      }
      scratch[r * Tiles.STRIDE] = 1 / sum;
    }
  }

  private static int scoreRow(int scoresAt, int block, int row) {
    return scoresAt + (block * TILE_ROWS + row) * Tiles.STRIDE;
  }

  private int keysOf(int block) {
    return Math.min(BLOCK, tokens - block * BLOCK);
  }
}
