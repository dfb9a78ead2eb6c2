package ocellus.loaders.image.jpeg;

/** The blocks of one MCU of a scan: which component they are of and where their coefficients go. */
final class Mcu {
  final int size;

  /** Of each block, the place of its component in the scan. */
  final int[] components;

  /** Of each block, the row in {@link Coefficients} and where the block begins there. */
  final short[][] rows;

  final int[] offsets;
  private final int[] columns;
  private final int[] strides;
  private final int[] lines;

  Mcu(Scan scan) {
    int blocks = 0;
    for (Component component : scan.components()) {
      blocks += scan.interleaved() ? component.horizontal * component.vertical : 1;
    }
    size = blocks;
    components = new int[size];
    rows = new short[size][];
    offsets = new int[size];
    columns = new int[size];
    strides = new int[size];
    lines = new int[size];
    int block = 0;
    for (int i = 0; i < scan.components().length; i++) {
      Component component = scan.components()[i];
      int wide = scan.interleaved() ? component.horizontal : 1;
      int high = scan.interleaved() ? component.vertical : 1;
      for (int at = 0; at < wide * high; at++, block++) {
        components[block] = i;
        columns[block] = at % wide;
        lines[block] = at / wide;
        strides[block] = wide;
      }
    }
  }

  /**
   * Goes to a row of MCUs.
   *
   * @param coefficients of the components of the scan
   * @param blockRows the first row of blocks of each
   */
  void startRow(Coefficients[] coefficients, int[] blockRows) {
    for (int i = 0; i < size; i++) {
      int component = components[i];
      rows[i] = coefficients[component].row(blockRows[component] + lines[i]);
    }
  }

  void moveTo(int column) {
    for (int i = 0; i < size; i++) {
      offsets[i] = Coefficients.offset(column * strides[i] + columns[i]);
    }
  }
}
