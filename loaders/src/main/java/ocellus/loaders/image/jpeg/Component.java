package ocellus.loaders.image.jpeg;

/**
 * A component of a frame: one plane of samples, cut into blocks of 8 x 8. Immutable but for the
 * quantisation table, which its first scan settles.
 */
final class Component {
  /** Edge of a block, in samples. */
  static final int EDGE = 8;

  final int index;
  final int id;

  /** Blocks of an MCU of all components. */
  final int horizontal;

  final int vertical;
  final int tableNumber;

  /** Samples that exist, the rest of the last blocks being padding. */
  final int width;

  final int height;

  /** Blocks with samples that exist. */
  final int blocksWide;

  final int blocksHigh;

  /** Step sizes in natural order; zeros as long as no scan has named the component. */
  final int[] quantisation = new int[Frame.BLOCK];

  boolean quantised;

  Component(int index, int id, int sampling, int tableNumber, Frame frame) {
    this.index = index;
    this.id = id;
    this.horizontal = sampling >> 4;
    this.vertical = sampling & 15;
    this.tableNumber = tableNumber;
    this.width = ceilDiv((long) frame.width * horizontal, frame.horizontal);
    this.height = ceilDiv((long) frame.height * vertical, frame.vertical);
    this.blocksWide = ceilDiv((long) frame.width * horizontal, (long) frame.horizontal * EDGE);
    this.blocksHigh = ceilDiv((long) frame.height * vertical, (long) frame.vertical * EDGE);
  }

  private static int ceilDiv(long a, long b) {
    return (int) ((a + b - 1) / b);
  }

  /** Settles the step sizes: those of the table at the time of the first scan. */
  void quantise(Tables tables) throws JpegException {
    if (tableNumber >= tables.quantisation.length || tables.quantisation[tableNumber] == null) {
      throw new JpegException(
          "a scan needs quantisation table " + tableNumber + ", which is not there");
    }
    System.arraycopy(tables.quantisation[tableNumber], 0, quantisation, 0, Frame.BLOCK);
    quantised = true;
  }
}
