package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;
import static ocellus.engine.kernels.simd.Vectors.TILE_ROWS;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.PackedMatrix;

/**
 * {@code y = activation(A W + bias + residual)}, one tile at a time, for rows of A that are packed
 * into the scratch of a thread: into rows of constant stride, see {@link Tiles}.
 *
 * <p>A long reduction is cut into blocks; each is summed before it is added to the rest. It can be
 * done in parts of some blocks, with the partial sums in y.
 */
final class PackedProduct {
  /**
   * Elements that are summed before the sum is added to the rest, so that rounding errors of long
   * reductions stay small. With it a packed row leaves room for a copy to overwrite the vector
   * behind it.
   */
  static final int MOST_K = 384;

  // The scratch: the bias of a panel, one tile, the packed rows.
  private static final int BIAS_AT = Workspace.FIRST_ALIGNED;
  private static final int TILE_AT = BIAS_AT + TILE_COLUMNS;

  /** Where the packed rows begin in the scratch. */
  static final int PACKED_AT = TILE_AT + TILE_ROWS * TILE_COLUMNS;

  private PackedMatrix w;
  private float[] bias;
  private int biasAt;
  private float[] residual;
  private int residualAt;
  private Activation activation;
  private float[] y;
  private int yAt;
  private int yStride;

  // The reduction, and the part of it that tiles are about, in blocks.
  private int kBlocks;
  private int kPerBlock;
  private int firstKBlock;
  private int endKBlock;

  /**
   * {@code biasAt} and {@code yAt} say where in bias and y the columns of w begin; residual and y
   * have the same stride. The part of the reduction is all of it.
   */
  void of(
      PackedMatrix w,
      float[] bias,
      int biasAt,
      float[] residual,
      int residualAt,
      Activation activation,
      float[] y,
      int yAt,
      int yStride) {
    this.w = w;
    this.bias = bias;
    this.biasAt = biasAt;
    this.residual = residual;
    this.residualAt = residualAt;
    this.activation = activation;
    this.y = y;
    this.yAt = yAt;
    this.yStride = yStride;
    kPerBlock = kPerBlock(w.k());
    kBlocks = Math.max(1, Math.ceilDiv(w.k(), kPerBlock));
    part(0, kBlocks);
  }

  /** Forgets the operands, so that no array is kept alive. */
  void clear() {
    w = null;
    bias = null;
    residual = null;
    y = null;
  }

  /** Elements of a block of a reduction of this length, but for the last. */
  static int kPerBlock(int k) {
    int blocks = Math.max(1, Math.ceilDiv(k, MOST_K));
    return Math.max(LANES, Vectors.padded(Math.ceilDiv(k, blocks)));
  }

  int kPerBlock() {
    return kPerBlock;
  }

  int kBlocks() {
    return kBlocks;
  }

  /** Says which blocks of the reduction the next tiles sum. */
  void part(int firstKBlock, int endKBlock) {
    this.firstKBlock = firstKBlock;
    this.endKBlock = endKBlock;
  }

  /** The first element of the part of the reduction. */
  int firstK() {
    return firstKBlock * kPerBlock;
  }

  /** The last element of the part of the reduction and one. */
  int endK() {
    return Math.min(w.k(), endKBlock * kPerBlock);
  }

  /** Floats of the scratch with so many packed rows of so many blocks. */
  static int scratchFloats(int packedRows, int kBlocks) {
    // One vector more, for copies that overwrite.
    return PACKED_AT + packedRows * kBlocks * Tiles.STRIDE + LANES;
  }

  /** Where element k of packed row r of {@code packedRows} is, from {@link #PACKED_AT}. */
  int packedIndex(int r, int packedRows, int k) {
    return (k / kPerBlock * packedRows + r) * Tiles.STRIDE + k % kPerBlock;
  }

  /** Elements from k to the end of its block of the reduction. */
  int untilBlockEnd(int k) {
    return kPerBlock - k % kPerBlock;
  }

  /**
   * Where tile t of {@code tiles} begins: rows are dealt out evenly, the first tiles get one more.
   */
  static int tileStart(int rows, int tiles, int t) {
    return t * (rows / tiles) + Math.min(t, rows % tiles);
  }

  /**
   * Computes one tile: packed rows {@code from}.. of {@code packedRows}, which are rows {@code
   * row}.. of y.
   */
  void tile(
      float[] scratch, int p, Panels.Panel panel, int row, int from, int tileRows, int packedRows) {
    int column = p * TILE_COLUMNS;
    int valid = Math.min(TILE_COLUMNS, w.n() - column);
    int width = w.panelWidth(p);
    int out = yAt + row * yStride + column;
    boolean isFirst = firstKBlock == 0;
    boolean isLast = endKBlock == kBlocks;
    boolean rectifies = isLast && activation == Activation.RELU;
    boolean activates = isLast && !rectifies && activation != Activation.IDENTITY;
    boolean direct = valid == width && !activates;
    float[] c = direct ? y : scratch;
    int at = direct ? out : TILE_AT;
    int stride = direct ? yStride : width;
    float[] init = c;
    int initAt = at;
    int initStride = stride;
    float[] added = valid == width ? bias : scratch; // of whole vectors
    int addedAt = valid == width ? biasAt + column : BIAS_AT;
    if (bias == null || valid < width) {
      padBias(scratch, column, valid, width);
    }
    if (!isFirst) {
      if (!direct) {
        Rows.store(y, out, yStride, scratch, TILE_AT, width, tileRows, valid);
      }
    } else if (residual == null) {
      init = bias == null ? scratch : added;
      initAt = bias == null ? BIAS_AT : addedAt;
      initStride = 0;
    } else if (direct) {
      init = residual;
      initAt = residualAt + row * yStride + column;
    } else {
      int source = residualAt + row * yStride + column;
      Rows.store(residual, source, yStride, scratch, TILE_AT, width, tileRows, valid);
    }
    for (int kb = firstKBlock; kb < endKBlock; kb++) {
      int first = kb * kPerBlock;
      int k = Math.min(kPerBlock, w.k() - first);
      int a = PACKED_AT + ((kb - firstKBlock) * packedRows + from) * Tiles.STRIDE;
      panel.multiply(tileRows, scratch, a, first, k, init, initAt, initStride, c, at, stride);
      init = c;
      initAt = at;
      initStride = stride;
    }
    if (isLast && residual != null && bias != null) {
      addBias(c, at, stride, tileRows, added, addedAt, width, rectifies);
    } else if (rectifies) {
      rectify(c, at, stride, tileRows, width);
    }
    if (activates) {
      Activations.apply(activation, scratch, TILE_AT, 1, tileRows * width, 0);
    }
    if (!direct) {
      Rows.store(scratch, TILE_AT, width, y, out, yStride, tileRows, valid);
    }
  }

  /** Adds the bias to a tile, and cuts off what is negative if {@code rectifies}. */
  private static void addBias(
      float[] tile,
      int at,
      int stride,
      int tileRows,
      float[] bias,
      int biasAt,
      int width,
      boolean rectifies) {
    for (int i = 0; i < width; i += LANES) {
      FloatVector added = FloatVector.fromArray(FLOATS, bias, biasAt + i);
      if (rectifies) {
        for (int r = 0; r < tileRows; r++) {
          int element = at + r * stride + i;
          FloatVector v = FloatVector.fromArray(FLOATS, tile, element).add(added);
          v.blend(0f, v.lt(0f)).intoArray(tile, element);
        }
      } else {
        for (int r = 0; r < tileRows; r++) {
          int element = at + r * stride + i;
          FloatVector.fromArray(FLOATS, tile, element).add(added).intoArray(tile, element);
        }
      }
    }
  }

  /** ReLU of a tile; NaN stays NaN. */
  private static void rectify(float[] tile, int at, int stride, int tileRows, int width) {
    for (int i = 0; i < width; i += LANES) {
      for (int r = 0; r < tileRows; r++) {
        int element = at + r * stride + i;
        FloatVector v = FloatVector.fromArray(FLOATS, tile, element);
        v.blend(0f, v.lt(0f)).intoArray(tile, element);
      }
    }
  }

  /** The bias of a panel, or zeros, at BIAS_AT of the scratch. */
  private void padBias(float[] scratch, int column, int valid, int width) {
    Arrays.fill(scratch, BIAS_AT, BIAS_AT + width, 0f);
    if (bias != null) {
      System.arraycopy(bias, biasAt + column, scratch, BIAS_AT, valid);
    }
  }
}
