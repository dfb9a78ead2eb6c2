package ocellus.loaders.image.jpeg;

import java.util.Arrays;

/**
 * Quantised coefficients of a component, by rows of blocks.
 *
 * <p>A row is cut into groups of {@value #LANES} blocks that lie side by side. In a group, first
 * come the DC coefficients of its blocks, then their coefficients at row 0, column 1, and so on:
 * what the transform does to one block, it does to all of a group in the same vectors.
 */
final class Coefficients {
  /** Blocks of a group. */
  static final int LANES = 16;

  static final int GROUP = LANES * Frame.BLOCK;

  private final short[][] rows;
  private final int rowLength;

  /**
   * @param blockRows rows that are kept; of more than these, one replaces another
   * @param blocks in a row, with those of padding
   */
  Coefficients(int blockRows, int blocks) {
    this.rows = new short[blockRows][];
    this.rowLength = Math.ceilDiv(blocks, LANES) * GROUP;
  }

  int rowLength() {
    return rowLength;
  }

  /** A row to write to, zeros at first. */
  short[] row(int blockRow) {
    int slot = blockRow % rows.length;
    if (rows[slot] == null) {
      rows[slot] = new short[rowLength];
    }
    return rows[slot];
  }

  /** A row to read, or null if nothing was ever written to it and all are zeros. */
  short[] rowIfAny(int blockRow) {
    return rows[blockRow % rows.length];
  }

  /** Makes all rows zeros again. */
  void clear() {
    for (short[] row : rows) {
      if (row != null) {
        Arrays.fill(row, (short) 0);
      }
    }
  }

  /** Where a block begins in its row; coefficients follow at distances of {@link #LANES}. */
  static int offset(int block) {
    return (block & -LANES) * Frame.BLOCK | (block & (LANES - 1));
  }
}
