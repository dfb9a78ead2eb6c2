package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.BYTES;
import static ocellus.engine.kernels.simd.Vectors.LANES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import ocellus.engine.kernels.PackedMatrix;

/**
 * One thread's copy, as floats, of panels of 16-bit weights: of all panels that it has used of a
 * matrix that fits into the cache, else of the last one. It lasts until another matrix is asked
 * for, so that panels may be asked for in any order, again and again.
 */
final class Widened {
  private static final int CACHE_LINE = 64;

  private MemorySegment floats = MemorySegment.NULL;
  private PackedMatrix w;
  private boolean keepsAll;
  private int lastPanel;

  // Which pairs of vectors are there: of each panel, or of the last one at index 0.
  private int[] first = {};
  private int[] end = {};

  /** Where the panels are. A call of {@link #panel} may move them. */
  MemorySegment floats() {
    return floats;
  }

  /**
   * Sees to it that a range of pairs of vectors of a panel is there.
   *
   * @return the offset of the panel, in bytes
   */
  long panel(PackedMatrix matrix, int p, int from, int to) {
    if (matrix != w) {
      reserve(matrix);
    }
    int slot = keepsAll ? p : 0;
    boolean continues = p == lastPanel || keepsAll;
    lastPanel = p;
    if (!continues || from < first[slot] || from > end[slot]) {
      first[slot] = from;
      end[slot] = from;
    }
    long at = slot * panelBytes();
    if (to > end[slot]) {
      long source = w.panelOffset(p) + (long) end[slot] * BYTES;
      long target = at + 2L * end[slot] * BYTES;
      Halves.widen(w.format(), w.panels(), source, to - end[slot], floats, target);
      end[slot] = to;
    }
    return at;
  }

  private void reserve(PackedMatrix matrix) {
    w = matrix;
    keepsAll = Panels.fitIntoCache(w);
    int slots = keepsAll ? w.panelCount() : 1;
    if (floats.byteSize() < slots * panelBytes()) {
      floats = Arena.ofAuto().allocate(slots * panelBytes(), CACHE_LINE);
    }
    if (end.length < slots) {
      first = new int[slots];
      end = new int[slots];
    }
    Arrays.fill(first, 0);
    Arrays.fill(end, 0);
  }

  /** Of a panel as floats, in whole pairs of vectors. */
  private long panelBytes() {
    return Math.ceilDiv((long) w.panelWidth() / LANES * w.k(), 2) * 2 * BYTES;
  }
}
