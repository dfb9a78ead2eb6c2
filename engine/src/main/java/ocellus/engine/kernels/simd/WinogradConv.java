package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;
import static ocellus.engine.kernels.simd.Vectors.TILE_ROWS;

import java.util.Arrays;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.Window;
import ocellus.engine.kernels.Winograd;
import ocellus.engine.threads.Threads;

/**
 * 3x3 convolution by {@link Winograd}'s minimal filtering: {@code y = activation(x * w + bias +
 * residual)}.
 *
 * <p>The tiles of the map are numbered row by row, and a band is some of them: as many as have
 * their transformed pixels in L2. These are written as the packed rows of the products, in rows of
 * constant stride like those of {@link PackedProduct}, side by side where a row has room for
 * several. Then each panel of weights is multiplied with all of them, and what comes out is
 * transformed back while it is in L2: a panel of transformed weights holds its part of all the
 * products one after the other.
 *
 * <p>The chunks of a parallel region are bands, and groups of panels where there are few bands. An
 * instance is reused from call to call; it belongs to one workspace.
 */
final class WinogradConv implements Threads.Task {
  /** Of input and output, below which the transforms take too long. */
  private static final int FEWEST_CHANNELS = 16;

  /** Filters of larger tiles are so many more that reading them takes too long. */
  private static final long MOST_WEIGHTS_OF_F4 = 128 * 256;

  /**
   * With more channels than that and fewer pixels, it takes too long to read any but the layer's.
   */
  private static final int FEWEST_PIXELS_OF_F2 = 100;

  /** Multiply-adds below which a second thread is not worth waking. */
  private static final long SERIAL_WORK = 1 << 20;

  /** Transformed pixels of a band, in floats: with what else is there they leave room in L2. */
  private static final int BAND_FLOATS = 256 << 10;

  /** Chunks per thread, for balance when a thread loses its core. */
  private static final int CHUNKS_PER_THREAD = 4;

  /** Pixels that are finished at once, so that they stay in L1. */
  private static final int FINISHED_PIXELS = 128;

  // The scratch begins with the bias of a panel, a row of zeros and what the transforms want.
  private static final int BIAS_AT = Workspace.FIRST_ALIGNED;
  private static final int ZEROS_AT = BIAS_AT + TILE_COLUMNS;
  private static final int SPARE_AT = ZEROS_AT + TILE_COLUMNS;
  private static final int FINISHED_AT = SPARE_AT + WinogradTransforms.SPARE * LANES;
  private static final int PATCH_AT = FINISHED_AT + FINISHED_PIXELS * TILE_COLUMNS;

  private Workspace ws;
  private float[] x;
  private int xAt;
  private int channels;
  private Window window;
  private Winograd tiles;
  private PackedMatrix w;
  private Panels panels;
  private float[] bias;
  private float[] residual;
  private int residualAt;
  private Activation activation;
  private float[] y;
  private int yAt;

  // The plan.
  private int tilesX;
  private int count; // of all tiles
  private int tilesPerBand;
  private int panelsPerGroup;
  private int groups;
  private int kPerBlock;
  private int kBlocks;
  private int[] slots = {}; // where each block of each transformed pixel is in a band, of tile 0
  private int[] bandOf = {}; // which band each worker has transformed

  // The scratch.
  private int sumsAt;
  private int sumsStep; // from a product to the next
  private int packedAt;
  private int scratchFloats;

  /** What is faster than a direct sum on maps of so many pixels; null for nothing. */
  static Winograd tilesFor(int in, int out, int pixels) {
    if (in < FEWEST_CHANNELS || out < FEWEST_CHANNELS) {
      return null;
    }
    if ((long) in * out <= MOST_WEIGHTS_OF_F4) {
      return Winograd.F4;
    }
    return pixels < FEWEST_PIXELS_OF_F2 ? null : Winograd.F2;
  }

  void run(
      Tensor x,
      Window window,
      Winograd tiles,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {
    if (y.size() == 0) {
      return;
    }
    this.ws = ws;
    this.x = x.data();
    this.xAt = x.offset();
    this.channels = x.channels();
    this.window = window;
    this.tiles = tiles;
    this.w = w;
    this.panels = Panels.of(ws);
    this.bias = bias;
    this.residual = residual == null ? null : residual.data();
    this.residualAt = residual == null ? 0 : residual.offset();
    this.activation = activation;
    this.y = y.data();
    this.yAt = y.offset();
    int chunks = plan(ws.threads().count());
    layOut();
    Arrays.fill(bandOf, -1);
    ws.threads().run(chunks, this);
    this.x = null;
    this.window = null;
    this.w = null;
    this.panels = null;
    this.bias = null;
    this.residual = null;
    this.y = null;
    this.ws = null;
  }

  /** Decides how the work is cut; returns the number of chunks. */
  private int plan(int threads) {
    int m = tiles.outputs();
    tilesX = Math.ceilDiv(window.outWidth(), m);
    count = tilesX * Math.ceilDiv(window.outHeight(), m);
    kPerBlock = PackedProduct.kPerBlock(channels);
    kBlocks = Math.max(1, Math.ceilDiv(channels, kPerBlock));
    int floatsPerTile = tiles.products() * kBlocks * kPerBlock;
    int bands = Math.ceilDiv(count, Math.max(TILE_ROWS, BAND_FLOATS / floatsPerTile));
    long work = (long) count * w.k() * w.n();
    int wanted = threads == 1 || work < SERIAL_WORK ? 1 : threads * CHUNKS_PER_THREAD;
    if (bands < wanted && Panels.fitIntoCache(w)) {
      bands = Math.clamp(count / TILE_ROWS, bands, wanted);
    }
    tilesPerBand = Math.ceilDiv(count, bands);
    bands = Math.ceilDiv(count, tilesPerBand);
    int wantedGroups = bands >= wanted / 2 ? 1 : Math.ceilDiv(wanted, bands);
    panelsPerGroup = Math.ceilDiv(w.panelCount(), Math.clamp(wantedGroups, 1, w.panelCount()));
    groups = Math.ceilDiv(w.panelCount(), panelsPerGroup);
    if (bandOf.length < threads) {
      bandOf = new int[threads];
    }
    return bands * groups;
  }

  private void layOut() {
    sumsAt = PATCH_AT + Vectors.padded(tiles.products() * channels + LANES);
    sumsStep = tilesPerBand * TILE_COLUMNS + LANES; // another cache set for each product
    packedAt = sumsAt + tiles.products() * sumsStep;
    int count = tiles.products() * kBlocks;
    int perRow = Tiles.STRIDE / kPerBlock;
    if (slots.length < count) {
      slots = new int[count];
    }
    for (int i = 0; i < count; i++) {
      slots[i] = i / perRow * tilesPerBand * Tiles.STRIDE + i % perRow * kPerBlock;
    }
    int rows = Math.ceilDiv(count, perRow) * tilesPerBand;
    scratchFloats = packedAt + rows * Tiles.STRIDE + LANES;
  }

  @Override
  public void run(int chunk, int worker) {
    int band = chunk / groups;
    int first = band * tilesPerBand;
    int tileCount = Math.min(tilesPerBand, count - first);
    float[] scratch = ws.scratch(worker, scratchFloats);
    Arrays.fill(scratch, ZEROS_AT, ZEROS_AT + TILE_COLUMNS, 0f);
    if (bandOf[worker] != band) {
      for (int t = 0; t < tileCount; t++) {
        transformInput(first + t, packedAt + t * Tiles.STRIDE, scratch);
      }
      bandOf[worker] = band;
    }
    int firstPanel = chunk % groups * panelsPerGroup;
    int endPanel = Math.min(w.panelCount(), firstPanel + panelsPerGroup);
    for (int p = firstPanel; p < endPanel; p++) {
      multiply(p, tileCount, scratch, worker);
      finish(p, first, tileCount, scratch);
    }
  }

  /** Where the row of pixels begins that output tile t sees first. */
  private void transformInput(int t, int to, float[] scratch) {
    int m = tiles.outputs();
    int n = tiles.inputs();
    int top = t / tilesX * m - window.padTop();
    int left = t % tilesX * m - window.padLeft();
    int rowStride = window.inWidth() * channels;
    int at = xAt + top * rowStride + left * channels;
    boolean inside =
        top >= 0 && left >= 0 && top + n <= window.inHeight() && left + n <= window.inWidth();
    if (inside && at + (n - 1) * (rowStride + channels) + Vectors.padded(channels) <= x.length) {
      transformInput(x, at, rowStride, scratch, to);
    } else {
      copyPatch(top, left, scratch);
      transformInput(scratch, PATCH_AT, n * channels, scratch, to);
    }
  }

  private void transformInput(float[] from, int at, int rowStride, float[] scratch, int to) {
    for (int b = 0; b < kBlocks; b++) {
      int k = b * kPerBlock;
      int length = Math.min(kPerBlock, channels - k);
      int first = at + k;
      if (tiles == Winograd.F2) {
        WinogradTransforms.input2(
            from, first, rowStride, channels, length, scratch, SPARE_AT, to, slots, b, kBlocks);
      } else {
        WinogradTransforms.input4(
            from, first, rowStride, channels, length, scratch, SPARE_AT, to, slots, b, kBlocks);
      }
    }
  }

  /** The pixels of an input tile, with zeros where there are none. */
  private void copyPatch(int top, int left, float[] scratch) {
    int n = tiles.inputs();
    int from = Math.clamp(-left, 0, n);
    int until = Math.clamp(window.inWidth() - left, from, n);
    for (int i = 0; i < n; i++) {
      int row = PATCH_AT + i * n * channels;
      int iy = top + i;
      if (iy < 0 || iy >= window.inHeight()) {
        Rows.clear(scratch, row, n * channels);
      } else {
        Rows.clear(scratch, row, from * channels);
        int source = xAt + (iy * window.inWidth() + left + from) * channels;
        int length = (until - from) * channels;
        Rows.copy(x, source, 0, scratch, row + from * channels, 0, 1, length);
        Rows.clear(scratch, row + until * channels, (n - until) * channels);
      }
    }
  }

  /** All the products of a band with one panel. */
  private void multiply(int p, int tileCount, float[] scratch, int worker) {
    Panels.Panel panel = panels.open(worker, w, p);
    boolean readsAhead = !Panels.fitIntoCache(w);
    int width = w.panelWidth(p);
    int sweeps = Math.ceilDiv(tileCount, TILE_ROWS);
    for (int i = 0; i < tiles.products(); i++) {
      for (int b = 0; b < kBlocks; b++) {
        int k = Math.min(kPerBlock, channels - b * kPerBlock);
        int from = i * channels + b * kPerBlock;
        for (int s = 0; s < sweeps; s++) {
          int row = PackedProduct.tileStart(tileCount, sweeps, s);
          int rows = PackedProduct.tileStart(tileCount, sweeps, s + 1) - row;
          int a = packedAt + slots[i * kBlocks + b] + row * Tiles.STRIDE;
          int c = sumsAt + i * sumsStep + row * width;
          int init = b == 0 ? ZEROS_AT : c;
          int initStride = b == 0 ? 0 : width;
          if (readsAhead) {
            panel.readAheadNext(from, from + k, s, sweeps);
          }
          panel.multiply(rows, scratch, a, from, k, scratch, init, initStride, scratch, c, width);
        }
      }
    }
  }

  /** Makes pixels of the products, a few tiles at a time. */
  private void finish(int p, int first, int tileCount, float[] scratch) {
    int column = p * TILE_COLUMNS;
    int width = w.panelWidth(p);
    int valid = Math.min(width, w.n() - column);
    Arrays.fill(scratch, BIAS_AT, BIAS_AT + width, 0f);
    if (bias != null) {
      System.arraycopy(bias, column, scratch, BIAS_AT, valid);
    }
    int pixels = tiles.outputs() * tiles.outputs();
    int atOnce = FINISHED_PIXELS / pixels;
    for (int from = 0; from < tileCount; from += atOnce) {
      int end = Math.min(tileCount, from + atOnce);
      for (int t = from; t < end; t++) {
        int sums = sumsAt + t * width;
        int out = FINISHED_AT + (t - from) * pixels * width;
        if (tiles == Winograd.F2) {
          WinogradTransforms.output2(scratch, sums, sumsStep, width, BIAS_AT, SPARE_AT, out);
        } else {
          WinogradTransforms.output4(scratch, sums, sumsStep, width, BIAS_AT, SPARE_AT, out);
        }
        if (residual != null) {
          store(first + t, scratch, out, width, column, valid, true);
        }
      }
      Activations.apply(activation, scratch, FINISHED_AT, 1, (end - from) * pixels * width, 0);
      for (int t = from; t < end; t++) {
        int out = FINISHED_AT + (t - from) * pixels * width;
        store(first + t, scratch, out, width, column, valid, false);
      }
    }
  }

  /** Writes the pixels of tile t that are in the map, or adds the residual to them. */
  private void store(
      int t, float[] scratch, int at, int width, int column, int valid, boolean adds) {
    int m = tiles.outputs();
    int oy = t / tilesX * m;
    int ox = t % tilesX * m;
    int rows = Math.min(m, window.outHeight() - oy);
    int columns = Math.min(m, window.outWidth() - ox);
    int n = w.n();
    for (int i = 0; i < rows; i++) {
      int pixel = (oy + i) * window.outWidth() + ox;
      int row = at + i * m * width;
      if (adds) {
        int added = residualAt + pixel * n + column;
        Rows.add(residual, added, n, scratch, row, width, columns, valid);
      } else {
        Rows.store(scratch, row, width, y, yAt + pixel * n + column, n, columns, valid);
      }
    }
  }
}
