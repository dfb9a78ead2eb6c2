package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.TILE_ROWS;

import java.util.Arrays;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.AttentionBias;
import ocellus.engine.kernels.AttentionWindows;
import ocellus.engine.threads.Threads;

/**
 * Multi-head attention, {@code softmax(q k^T scale + bias) v}, a tile of queries at a time, to all
 * tokens or to those before.
 *
 * <p>A chunk is a head of a window, or some of its tiles; the thread that gets it packs the head's
 * k^T and v for itself, unless it has them from its last chunk. That is some hundredths of the
 * work, and cheaper than to wait for each other. Attention without windows is that within a single
 * one.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
final class Attention implements Threads.Task {
  /** Multiply-adds below which a second thread is not worth waking: about 20 microseconds. */
  private static final long SERIAL_WORK = 1 << 20;

  /** Chunks per thread of the heads that are shared. */
  private static final int CHUNKS_PER_THREAD = 4;

  private final AttentionTile tile = new AttentionTile();

  private float[] qkv;
  private int qkvAt;
  private float[] y;
  private int yAt;
  private AttentionWindows windows; // null for a single one
  private AttentionBias onlyBias; // of the single one, or null
  private boolean causal;
  private int tokens; // of a window
  private int dim;
  private int heads;
  private int width; // of a head
  private float scale;
  private Workspace ws;

  // The plan.
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
    this.causal = false;
    this.tokens = y.rows();
    run(qkv, heads, 1, scale, y, ws);
  }

  void runCausal(Tensor qkv, int heads, float scale, Tensor y, Workspace ws) {
    this.windows = null;
    this.onlyBias = null;
    this.causal = true;
    this.tokens = y.rows();
    run(qkv, heads, 1, scale, y, ws);
  }

  void run(Tensor qkv, AttentionWindows windows, int heads, float scale, Tensor y, Workspace ws) {
    this.windows = windows;
    this.onlyBias = null;
    this.causal = false;
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
    tile.panels.plan(tokens, width, tokenAt, (qkv.rows() - 1) * 3 * dim, threads.count());
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
    tile.plan(tokens, width);
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
        tile.query(scratch, r, qkv, q, scale);
      }
      if (causal) {
        tile.attendToPast(scratch, worker, rows, first);
      } else if (bias == null) {
        tile.attend(scratch, worker, rows);
      } else {
        tile.attend(scratch, worker, rows, bias, head % heads, first);
      }
      for (int r = 0; r < rows; r++) {
        int at = tokenAt[firstToken + first + r];
        if (at < outputEnd) {
          tile.heard(scratch, r, y, yAt + at / 3 + channel);
        }
      }
    }
  }

  /** The worker's scratch, with its head packed. */
  private float[] prepare(int head, int firstToken, int channel, int worker) {
    float[] scratch = tile.scratch(worker, ws);
    if (packedHead[worker] != head) {
      int k = qkvAt + dim + channel;
      tile.panels.pack(qkv, k, k + dim, firstToken, worker);
      packedHead[worker] = head;
    }
    return scratch;
  }
}
