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

  /**
   * Tiles with the same weights up to which it pays to read ahead. With more of them, waiting for
   * memory is a small part of the time.
   */
  private static final int MOST_SWEEPS = 32;

  /** Ints that keep a thread's from sharing a cache line with another's. */
  private static final int CACHE_LINES = 32;

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
    panel.pace = 0;
    return panel;
  }

  /** What the worker has opened. */
  Panel opened(int worker) {
    return open[worker];
  }

  /** One panel. It may be any panel the next time, so that nothing is allocated. */
  static final class Panel {
    private final Widened widened = new Widened();
    private PackedMatrix w;
    private int p;

    // Where the rows are that are multiplied with.
    private MemorySegment floats;
    private long at;

    // What the next tile reads ahead, see ReadAheadTiles.
    private long ahead;
    private int pace; // 0 for nothing
    private final int[] sink = new int[CACHE_LINES];

    private Panel() {}

    /**
     * Lets the next tiles of this panel read ahead: the weights that follow panel {@code last}, as
     * many as there are from panel {@code first} to {@code last}. Each time that tiles pass over
     * these panels they read a part of them.
     *
     * @param sweep which time this is, from 0
     */
    void readAhead(int first, int last, int sweep, int sweeps) {
      int panels = last + 1 - first;
      readAhead(w.panelOffset(last + 1), w.k(), sweep * panels + p - first, sweeps);
    }

    /**
     * The same for this panel alone, of which tiles multiply the rows from {@code from} to {@code
     * to}.
     */
    void readAheadRows(int from, int to, int sweep, int sweeps) {
      long next = w.panelOffset(p + 1) + (long) from * rowBytes();
      readAhead(next, to - from, sweep, sweeps);
    }

    /** The same, for what follows these rows in the same panel, or in the next. */
    void readAheadNext(int from, int to, int sweep, int sweeps) {
      long next = w.panelOffset(p) + (long) to * rowBytes();
      readAhead(next, to - from, sweep, sweeps);
    }

    /**
     * @param next where the first of the tiles with so many rows begins
     * @param tile which of them this is, from 0
     */
    private void readAhead(long next, int rows, int tile, int sweeps) {
      if (sweeps < 2 || sweeps > MOST_SWEEPS) {
        return;
      }
      int bytesPerRow = Math.ceilDiv(rowBytes(), sweeps);
      long bytes = (long) rows * bytesPerRow;
      ahead = next + tile * bytes;
      pace = ahead + bytes + Integer.BYTES <= w.panels().byteSize() ? bytesPerRow : 0;
    }

    /** Bytes of a row of a whole panel. */
    private int rowBytes() {
      return w.panelWidth() * w.format().bits() / Byte.SIZE;
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
      int vectors = w.panelWidth(p) / LANES;
      // Of 16-bit weights whole pairs of vectors; in a panel of one vector, a pair are two rows.
      if (rows == 1 && w.format() != WeightFormat.F32 && from * vectors % 2 == 0) {
        long pair = w.panelOffset(p) + from * vectors / 2 * (long) BYTES;
        Halves.row(w.format(), vectors, a, ao, w.panels(), pair, k, init, io, c, co);
      } else {
        seek(from, k);
        if (pace == 0) {
          Tiles.run(rows, vectors, a, ao, floats, at, k, init, io, ldi, c, co, ldc);
          return;
        }
        ReadAheadTiles.run(
            rows,
            vectors,
            a,
            ao,
            floats,
            at,
            k,
            w.panels(),
            ahead,
            pace,
            sink,
            init,
            io,
            ldi,
            c,
            co,
            ldc);
        ahead += (long) k * pace;
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

    /** Makes all rows of the panel floats, in {@link #floats} from byte {@link #at}. */
    void seekAll() {
      seek(0, w.k());
    }

    MemorySegment floats() {
      return floats;
    }

    long at() {
      return at;
    }

    /** Bytes from one row of floats to the next. */
    long rowFloatBytes() {
      return (long) w.panelWidth(p) * Float.BYTES;
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
