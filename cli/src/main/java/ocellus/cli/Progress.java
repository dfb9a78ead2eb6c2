package ocellus.cli;

import java.io.PrintStream;

/** A line on a terminal that tells how far a long run is, and that disappears at its end. */
final class Progress {
  private static final long INTERVAL_NANOS = 100_000_000;
  private static final String ERASE = "\r\033[K";

  private final PrintStream err;
  private final int total;
  private final String things;
  private final long start = System.nanoTime();
  private long shown = start;
  private int done;
  private boolean visible;

  /**
   * @param err where to show it; null: nowhere
   */
  Progress(PrintStream err, int total) {
    this(err, total, "images");
  }

  /**
   * @param err where to show it; null: nowhere
   * @param things what is counted
   */
  Progress(PrintStream err, int total, String things) {
    this.err = err;
    this.total = total;
    this.things = things;
  }

  /** One more is done. */
  void step() {
    reach(done + 1);
  }

  /** So many are done. */
  void reach(int count) {
    done = count;
    long now = System.nanoTime();
    if (err != null && now - shown >= INTERVAL_NANOS) {
      shown = now;
      visible = true;
      err.printf(
          "%s%d of %d %s, %.1f a second", ERASE, done, total, things, done * 1e9 / (now - start));
      err.flush();
    }
  }

  /** Makes room for another line; the next step shows progress again. */
  void hide() {
    if (visible) {
      err.print(ERASE);
      err.flush();
      visible = false;
    }
  }
}
