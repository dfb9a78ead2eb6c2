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
      int vector = from * vectors;
      MemorySegment b = w.panels();
      long panel = w.panelOffset(p);
      if (w.format() != WeightFormat.F32) {
        // Whole pairs; in a panel of one vector, a pair are two rows.
        if (rows == 1 && vector % 2 == 0) {
          long pair = panel + vector / 2 * (long) BYTES;
          Halves.row(w.format(), vectors, a, ao, b, pair, k, init, io, c, co);
          return;
        }
        panel = widened.panel(w, p, vector / 2, Math.ceilDiv(vector + k * vectors, 2));
        b = widened.floats();
      }
      long bo = panel + (long) vector * BYTES;
      Tiles.run(rows, vectors, a, ao, b, bo, k, init, io, ldi, c, co, ldc);
    }
  }
}
