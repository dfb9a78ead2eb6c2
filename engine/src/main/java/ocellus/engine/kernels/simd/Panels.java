package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.LANES;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.PackedMatrix;

/**
 * How kernels multiply with packed weights: each thread of a workspace has one panel open at a
 * time.
 */
final class Panels {
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

  /** Panel {@code p} of w, until the same worker opens another. */
  Panel open(int worker, PackedMatrix w, int p) {
    return open[worker].to(w, p);
  }

  /** One panel. It may be any panel the next time, so that nothing is allocated. */
  static final class Panel {
    private MemorySegment floats;
    private long at;
    private int width;

    private Panel to(PackedMatrix w, int p) {
      floats = w.panels();
      at = w.panelOffset(p);
      width = w.panelWidth(p);
      return this;
    }

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
      long bo = at + (long) from * width * Float.BYTES;
      Tiles.run(rows, width / LANES, a, ao, floats, bo, k, init, io, ldi, c, co, ldc);
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
      long bo = at + (long) from * width * Float.BYTES;
      int vectors = width / LANES;
      WindowTiles.run(
          rows, vectors, a, ao, pitch, pieces, floats, bo, k, init, io, ldi, c, co, ldc);
    }
  }
}
