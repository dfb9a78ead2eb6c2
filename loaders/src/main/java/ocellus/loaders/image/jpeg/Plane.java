package ocellus.loaders.image.jpeg;

/** The latest rows of samples of a component: those of two rows of MCUs. */
final class Plane {
  final byte[] samples;
  final int stride;

  /** Rows that exist in the picture. */
  final int height;

  private final int rows;

  /**
   * @param blocks in a row, with those of padding
   */
  Plane(Component component, int blocks) {
    this.rows = 2 * Component.EDGE * component.vertical;
    // Whole groups of blocks are transformed.
    this.stride = Math.ceilDiv(blocks, Coefficients.LANES) * Coefficients.LANES * Component.EDGE;
    this.height = component.height;
    this.samples = new byte[rows * stride];
  }

  /** Where a row begins. Rows beyond the picture are copies of the nearest in it. */
  int offset(int row) {
    return Math.clamp(row, 0, height - 1) % rows * stride;
  }

  /** Where a row begins that is to be written, which may be one of padding. */
  int rawOffset(int row) {
    return row % rows * stride;
  }
}
