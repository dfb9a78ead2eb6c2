package ocellus.loaders.image.jpeg;

import java.util.Arrays;

/** How precisely the scans of a progressive file so far tell the coefficients. */
final class Progression {
  /** Coefficients, in zigzag order, whose precision smoothing asks for. */
  static final int WATCHED = 10;

  static final int UNKNOWN = -1;

  private static final int[] NOTHING = new int[WATCHED];

  static {
    Arrays.fill(NOTHING, UNKNOWN);
  }

  private final int[][] bits;
  private final int[][] before;

  /** The last row of MCUs for which the current scan has data. */
  private int lastGoodRow;

  private int scans;

  Progression(int components) {
    bits = new int[components][Frame.BLOCK];
    before = new int[components][Frame.BLOCK];
    for (int[] ofComponent : bits) {
      Arrays.fill(ofComponent, UNKNOWN);
    }
  }

  /** Takes note of a scan. */
  void start(Scan scan) {
    scans++;
    for (Component component : scan.components()) {
      int[] now = bits[component.index];
      int[] old = before[component.index];
      for (int k = Math.min(scan.first(), 1); k <= Math.max(scan.last(), WATCHED - 1); k++) {
        old[k] = scans > 1 ? now[k] : 0;
      }
      Arrays.fill(now, scan.first(), scan.last() + 1, scan.shift());
    }
  }

  void reached(int frameRow) {
    lastGoodRow = frameRow;
  }

  /**
   * The lowest bits that are known of the coefficients of a component: {@link #UNKNOWN}, or the
   * place of that bit, 0 if all of them are.
   */
  int[] lowestBits(Component component, int frameRow) {
    if (frameRow <= lastGoodRow) {
      return bits[component.index];
    }
    return scans > 1 ? before[component.index] : NOTHING;
  }

  /** Whether the first AC coefficients of a component are not all known. */
  boolean incomplete(Component component) {
    for (int k = 1; k < WATCHED; k++) {
      if (bits[component.index][k] != 0) {
        return true;
      }
    }
    return false;
  }

  boolean hasDc(Component component) {
    return bits[component.index][0] != UNKNOWN;
  }
}
