package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.FLOATS;
import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.ORDER;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/**
 * Keys and values of one attention head at a time for each of some threads, packed as if they were
 * weights: k^T in panels {@code [width][columns]} and v in panels {@code [tokens][columns]}, the
 * last panel of each as narrow as whole vectors permit.
 *
 * <p>The columns of k^T behind the last key are keys again; those of v behind the last channel are
 * arbitrary.
 */
final class HeadPanels {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT.withOrder(ORDER);

  private MemorySegment panels = MemorySegment.NULL;
  private int tokens;
  private int width;
  private int[] tokenAt;
  private int lastRowAt;

  /**
   * Makes room. What was packed is forgotten.
   *
   * @param width channels of a head
   * @param tokenAt where tokens begin, relative to the first row; behind the last of a window, as
   *     many as fill a vector of some that are there
   * @param lastRowAt where the last row begins
   */
  void plan(int tokens, int width, int[] tokenAt, int lastRowAt, int workers) {
    this.tokens = tokens;
    this.width = width;
    this.tokenAt = tokenAt;
    this.lastRowAt = lastRowAt;
    long bytes = workers * headBytes();
    if (panels.byteSize() < bytes) {
      panels = Arena.ofAuto().allocate(bytes, 64);
    }
  }

  MemorySegment panels() {
    return panels;
  }

  int keyPanelCount() {
    return Math.ceilDiv(tokens, TILE_COLUMNS);
  }

  int valuePanelCount() {
    return Math.ceilDiv(width, TILE_COLUMNS);
  }

  /** Columns of panel p of the keys. */
  int keyPanelWidth(int p) {
    return panelWidth(tokens, p);
  }

  /** Columns of panel p of the values. */
  int valuePanelWidth(int p) {
    return panelWidth(width, p);
  }

  private static int panelWidth(int columns, int p) {
    return Math.min(TILE_COLUMNS, Vectors.padded(columns - p * TILE_COLUMNS));
  }

  /** Byte offset of panel p of the keys. */
  long keyPanelOffset(int worker, int p) {
    return worker * headBytes() + (long) p * TILE_COLUMNS * width * Float.BYTES;
  }

  /** Byte offset of row {@code key} of panel p of the values. */
  long valuePanelOffset(int worker, int p, int key) {
    long floats = (long) p * TILE_COLUMNS * tokens + (long) key * valuePanelWidth(p);
    return worker * headBytes() + keyBytes() + floats * Float.BYTES;
  }

  private long headBytes() {
    return keyBytes() + (long) tokens * Vectors.padded(width) * Float.BYTES;
  }

  private long keyBytes() {
    return (long) Vectors.padded(tokens) * width * Float.BYTES;
  }

  /**
   * Packs a head.
   *
   * @param k where the first row's key begins
   * @param v where the first row's value begins
   * @param first of the window's tokens in tokenAt
   */
  void pack(float[] qkv, int k, int v, int first, int worker) {
    for (int p = 0; p < keyPanelCount(); p++) {
      int columns = keyPanelWidth(p);
      long to = keyPanelOffset(worker, p);
      for (int j = 0; j < columns; j += LANES) {
        int token = first + p * TILE_COLUMNS + j;
        transpose(qkv, k, token, to + (long) j * Float.BYTES, columns);
      }
    }
    for (int p = 0; p < valuePanelCount(); p++) {
      int columns = valuePanelWidth(p);
      long to = valuePanelOffset(worker, p, 0);
      for (int j = 0; j < columns; j += LANES) {
        int channel = p * TILE_COLUMNS + j;
        int valid = Math.min(LANES, width - channel);
        copy(qkv, v + channel, first, valid, to + (long) j * Float.BYTES, columns);
      }
    }
  }

  /** Writes the keys of a vector of tokens to a panel of so many columns. */
  private void transpose(float[] qkv, int k, int token, long to, int columns) {
    long rowBytes = (long) columns * Float.BYTES;
    if (Vectors.GATHERS) {
      for (int i = 0; i < width; i++) {
        FloatVector.fromArray(FLOATS, qkv, k + i, tokenAt, token)
            .intoMemorySegment(panels, to + i * rowBytes, ORDER);
      }
    } else {
      for (int i = 0; i < width; i++) {
        for (int lane = 0; lane < LANES; lane++) {
          float key = qkv[k + i + tokenAt[token + lane]];
          panels.set(FLOAT, to + i * rowBytes + (long) lane * Float.BYTES, key);
        }
      }
    }
  }

  /** Writes a vector of each value, of which {@code valid} lanes count, to a panel. */
  private void copy(float[] qkv, int v, int first, int valid, long to, int columns) {
    long rowBytes = (long) columns * Float.BYTES;
    if (v + lastRowAt + LANES <= qkv.length) {
      for (int t = 0; t < tokens; t++) {
        FloatVector.fromArray(FLOATS, qkv, v + tokenAt[first + t])
            .intoMemorySegment(panels, to + t * rowBytes, ORDER);
      }
    } else {
      for (int t = 0; t < tokens; t++) {
        int from = v + tokenAt[first + t];
        MemorySegment.copy(qkv, from, panels, FLOAT, to + t * rowBytes, valid);
      }
    }
  }
}
