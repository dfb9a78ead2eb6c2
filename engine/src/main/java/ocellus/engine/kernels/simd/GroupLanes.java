package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.LANES;
import static ocellus.engine.kernels.simd.Vectors.TILE_COLUMNS;

/** How vectors of channels in small groups are spread: which lanes see which. */
final class GroupLanes {
  private static final float[][] TABLES = new float[TILE_COLUMNS + 1][];

  static {
    for (int group = 1; group <= TILE_COLUMNS; group++) {
      TABLES[group] = covers(group) ? table(group) : null;
    }
  }

  private GroupLanes() {}

  /** Whether groups of so many channels fill a vector or, each, a panel. */
  static boolean covers(int group) {
    return (group > 0 && LANES % group == 0) || group == TILE_COLUMNS;
  }

  /**
   * Vector i holds for each lane which one of the input has channel i of the lane's group, as a
   * float. The input is the vector with the same channels as the output; of a group that is a
   * panel, the one with channel i.
   */
  static float[] of(int group) {
    return TABLES[group];
  }

  private static float[] table(int group) {
    int within = Math.min(group, LANES);
    float[] table = new float[group * LANES];
    for (int i = 0; i < group; i++) {
      for (int lane = 0; lane < LANES; lane++) {
        table[i * LANES + lane] = lane - lane % within + i % within;
      }
    }
    return table;
  }
}
