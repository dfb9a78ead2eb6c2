package ocellus.models.arch;

import ocellus.models.arch.PositionEmbedding.Grid;

/**
 * By what angles the queries and keys of patches are turned: half of a head's pairs of channels by
 * one coordinate of the patch and half by the other, at frequencies from 1 down to almost 1 /
 * temperature.
 */
sealed interface Rotations {
  /** Whether neighbouring channels are a pair, rather than those half a head apart. */
  boolean ofNeighbours();

  /**
   * The angles of all patches, {@code [cells, width / 2]}, in radians.
   *
   * @param width of a head, a multiple of 4
   */
  double[] angles(Grid grid, int width);

  /**
   * Rows and columns are counted, EVA-02 and the Perception Encoder; timm's {@code
   * RotaryEmbeddingCat}.
   *
   * @param reference the grid of the images that it was trained on, to which others are stretched;
   *     null for none
   * @param offset added to the counts
   * @param columnsFirst whether the first half is turned by the column
   */
  record ByIndex(Grid reference, double offset, boolean columnsFirst, double temperature)
      implements Rotations {
    @Override
    public boolean ofNeighbours() {
      return true;
    }

    @Override
    public double[] angles(Grid grid, int width) {
      double[] rows = new double[grid.rows()];
      double[] columns = new double[grid.columns()];
      double rowStretch = reference == null ? 1 : (double) reference.rows() / grid.rows();
      double columnStretch = reference == null ? 1 : (double) reference.columns() / grid.columns();
      for (int i = 0; i < rows.length; i++) {
        rows[i] = (i + offset) * rowStretch;
      }
      for (int j = 0; j < columns.length; j++) {
        columns[j] = (j + offset) * columnStretch;
      }
      return Rotations.angles(rows, columns, columnsFirst, width, temperature);
    }
  }

  /**
   * From -1 to 1 across the image, at the centres of patches, times 2 pi: DINOv3, Siméoni et al.
   * 2025.
   */
  record ByCentre(double temperature) implements Rotations {
    @Override
    public boolean ofNeighbours() {
      return false;
    }

    @Override
    public double[] angles(Grid grid, int width) {
      return Rotations.angles(
          centres(grid.rows()), centres(grid.columns()), false, width, temperature);
    }

    private static double[] centres(int count) {
      double[] centres = new double[count];
      for (int i = 0; i < count; i++) {
        centres[i] = 2 * Math.PI * (2 * (i + 0.5) / count - 1);
      }
      return centres;
    }
  }

  private static double[] angles(
      double[] rows, double[] columns, boolean columnsFirst, int width, double temperature) {
    int bands = width / 4;
    double[] angles = new double[rows.length * columns.length * 2 * bands];
    int at = 0;
    for (double row : rows) {
      for (double column : columns) {
        for (int b = 0; b < bands; b++) {
          double frequency = Math.pow(temperature, -(double) b / bands);
          angles[at + b] = (columnsFirst ? column : row) * frequency;
          angles[at + bands + b] = (columnsFirst ? row : column) * frequency;
        }
        at += 2 * bands;
      }
    }
    return angles;
  }
}
