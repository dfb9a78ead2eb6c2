package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.TILE_ROWS;

import java.util.Arrays;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.threads.Threads;

/**
 * Multi-query attention: since all heads have the same keys and values, the queries of all heads
 * are those of one. A chunk is some tiles of queries; each thread packs keys and values for itself.
 *
 * <p>An instance is reused from call to call; it belongs to one workspace.
 */
final class MultiQueryAttention implements Threads.Task {
  /** Multiply-adds below which a second thread is not worth waking: about 20 microseconds. */
  private static final long SERIAL_WORK = 1 << 20;

  private static final int CHUNKS_PER_THREAD = 4;

  private final AttentionTile tile = new AttentionTile();

  private float[] q;
  private int qAt;
  private float[] kv;
  private int kvAt;
  private float[] y;
  private int yAt;
  private int queries; // of all heads
  private int keys;
  private int width; // of a head
  private float scale;
  private Workspace ws;

  // The plan.
  private int tiles;
  private int tilesPerChunk;
  private boolean[] packed = new boolean[1]; // by each thread
  private int[] keyAt = new int[0]; // as many as fill whole vectors, the last one repeated

  void run(Tensor q, Tensor keysAndValues, float scale, Tensor y, Workspace ws) {
    if (y.size() == 0) {
      return;
    }
    this.q = q.data();
    this.qAt = q.offset();
    this.kv = keysAndValues.data();
    this.kvAt = keysAndValues.offset();
    this.y = y.data();
    this.yAt = y.offset();
    this.keys = keysAndValues.dim(1);
    this.width = keysAndValues.channels();
    this.queries = q.size() / width;
    // The scores are exponents of 2.
    this.scale = scale * VectorMath.LOG2_E;
    this.ws = ws;
    long work = 2L * queries * keys * width;
    Threads threads = work < SERIAL_WORK ? Threads.SERIAL : ws.threads();
    locate();
    tile.panels.plan(keys, width, keyAt, (keys - 1) * width, threads.count());
    tile.plan(keys, width);
    threads.run(plan(threads.count()), this);
    this.q = null;
    this.kv = null;
    this.y = null;
    this.ws = null;
  }

  private void locate() {
    int padded = Vectors.padded(keys);
    if (keyAt.length < padded) {
      keyAt = new int[padded];
    }
    for (int k = 0; k < padded; k++) {
      keyAt[k] = Math.min(k, keys - 1) * width;
    }
  }

  /** Decides how the work is cut; returns the number of chunks. */
  private int plan(int threads) {
    tiles = Math.ceilDiv(queries, TILE_ROWS);
    tilesPerChunk = threads == 1 ? tiles : Math.ceilDiv(tiles, threads * CHUNKS_PER_THREAD);
    if (packed.length < threads) {
      packed = new boolean[threads];
    }
    Arrays.fill(packed, false);
    return Math.ceilDiv(tiles, tilesPerChunk);
  }

  @Override
  public void run(int chunk, int worker) {
    float[] scratch = tile.scratch(worker, ws);
    if (!packed[worker]) {
      tile.panels.pack(kv, kvAt, kvAt + keys * width, 0, worker);
      packed[worker] = true;
    }
    int end = Math.min(tiles, (chunk + 1) * tilesPerChunk);
    for (int t = chunk * tilesPerChunk; t < end; t++) {
      int first = PackedProduct.tileStart(queries, tiles, t);
      int rows = PackedProduct.tileStart(queries, tiles, t + 1) - first;
      for (int r = 0; r < rows; r++) {
        tile.query(scratch, r, q, qAt + (first + r) * width, scale);
      }
      tile.attend(scratch, worker, rows);
      for (int r = 0; r < rows; r++) {
        tile.heard(scratch, r, y, yAt + (first + r) * width);
      }
    }
  }
}
