package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.BYTES;
import static ocellus.engine.kernels.simd.Vectors.LANES;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.WeightFormat;

/**
 * How kernels multiply with packed weights, whatever their format: each thread of a workspace has
 * one panel open at a time.
 */
final class Panels {
  /** Weights up to this size, as floats, stay in L2 while rows stream past. */
  private static final int SMALL_WEIGHTS = 768 << 10;

  private Panel[] open = {};

  /** Those of a workspace. To be asked for outside of parallel regions. */
  static Panels of(Workspace ws) {
    Panels panels = ws.reusable(Panels.class, Panels::new);
    int threads = ws.threads().count();
    if (panels.open.length < threads) {
      panels.open = new Panel[threads];
      Arrays.setAll(panels.open, _ -> new Panel());
    }
    return panels;
  }

  /** Whether all panels of w stay in the cache while rows stream past. */
  static boolean fitIntoCache(PackedMatrix w) {
    return w.elements() * Float.BYTES <= SMALL_WEIGHTS;
  }

  /** Panel {@code p} of w, until the same worker opens another. */
  Panel open(int worker, PackedMatrix w, int p) {
    Panel panel = open[worker];
    panel.w = w;
    panel.p = p;
    return panel;
  }

  /** One panel. It may be any panel the next time, so that nothing is allocated. */
  static final class Panel {
    private final Widened widened = new Widened();
    private PackedMatrix w;
    private int p;

    // Where the rows are that are multiplied with.
    private MemorySegment floats;
    private long at;

    private Panel() {}

    /**
     * Multiplies one tile, {@code c = init + a b}, where b are the rows {@code from} .. {@code from
     * + k} of this panel. The other arguments are those of {@link Tiles#run}.
     */
    void multiply(
        int rows,
        float[] a,
        int ao,
        int from,
        int k,
        float[] init,
        int io,
        int ldi,
        float[] c,
        int co,
        int ldc) {
      int vectors = w.panelWidth(p) / LANES;
      // Of 16-bit weights whole pairs of vectors; in a panel of one vector, a pair are two rows.
      if (rows == 1 && w.format() != WeightFormat.F32 && from * vectors % 2 == 0) {
        long pair = w.panelOffset(p) + from * vectors / 2 * (long) BYTES;
        Halves.row(w.format(), vectors, a, ao, w.panels(), pair, k, init, io, c, co);
      } else {
        seek(from, k);
        Tiles.run(rows, vectors, a, ao, floats, at, k, init, io, ldi, c, co, ldc);
      }
    }

    /**
     * Multiplies one tile of windows, where b are the rows from {@code from} of this panel. The
     * other arguments are those of {@link WindowTiles#run}.
     */
    void multiplyWindows(
        int rows,
        float[] a,
        int ao,
        int pitch,
        int pieces,
        int from,
        int k,
        float[] init,
        int io,
        int ldi,
        float[] c,
        int co,
        int ldc) {
      seek(from, pieces * k);
      int vectors = w.panelWidth(p) / LANES;
      WindowTiles.run(
          rows, vectors, a, ao, pitch, pieces, floats, at, k, init, io, ldi, c, co, ldc);
    }

    /** Goes to {@code count} rows of the panel, as floats. */
    private void seek(int from, int count) {
      int vectors = w.panelWidth(p) / LANES;
      long panel;
      if (w.format() == WeightFormat.F32) {
        floats = w.panels();
        panel = w.panelOffset(p);
      } else {
        int end = Math.ceilDiv((from + count) * vectors, 2);
        panel = widened.panel(w, p, from * vectors / 2, end);
        floats = widened.floats();
      }
      at = panel + (long) from * vectors * BYTES;
    }
  }
}
