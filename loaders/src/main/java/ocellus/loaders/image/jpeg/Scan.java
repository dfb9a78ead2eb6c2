package ocellus.loaders.image.jpeg;

import java.util.Arrays;

/** A scan header (ISO/IEC 10918-1, B.2.3). Immutable. */
final class Scan {
  private static final int MOST_COMPONENTS = 4;
  private static final int MOST_BLOCKS = 10;

  private final Component[] components;
  private final int[] dcTables;
  private final int[] acTables;
  private final int first;
  private final int last;
  private final int previousShift;
  private final int shift;

  private Scan(Component[] components, int[] dcTables, int[] acTables, Input input)
      throws JpegException {
    this.components = components;
    this.dcTables = dcTables;
    this.acTables = acTables;
    first = input.u8();
    last = input.u8();
    int shifts = input.u8();
    previousShift = shifts >> 4;
    shift = shifts & 15;
  }

  /** Reads the segment behind the marker. */
  static Scan read(Frame frame, Input input) throws JpegException {
    int length = input.u16();
    int count = input.u8();
    if (count < 1 || count > MOST_COMPONENTS || length != 6 + 2 * count) {
      throw new JpegException(
          "a scan header has length " + length + " for " + count + " components");
    }
    Component[] components = new Component[count];
    int[] dcTables = new int[count];
    int[] acTables = new int[count];
    int blocks = 0;
    for (int i = 0; i < count; i++) {
      components[i] = component(frame, input.u8(), components, i);
      blocks += components[i].horizontal * components[i].vertical;
      int tables = input.u8();
      dcTables[i] = tables >> 4;
      acTables[i] = tables & 15;
    }
    if (count > 1 && blocks > MOST_BLOCKS) {
      throw new JpegException("an MCU has " + blocks + " blocks, more than " + MOST_BLOCKS);
    }
    return new Scan(components, dcTables, acTables, input);
  }

  /** Components stand in a scan in the order in which they stand in the frame. */
  private static Component component(Frame frame, int id, Component[] before, int place)
      throws JpegException {
    for (int i = place; i < frame.components.length; i++) {
      Component component = frame.components[i];
      if (component.id == id) {
        if (Arrays.asList(before).contains(component)) {
          break;
        }
        return component;
      }
    }
    throw new JpegException("a scan names component " + id + " out of order or without a frame");
  }

  /** In the order of the header. Not a copy, as the other arrays are not. */
  Component[] components() {
    return components;
  }

  /** The number of the table of each component. */
  int[] dcTables() {
    return dcTables;
  }

  /** The number of the table of each component. */
  int[] acTables() {
    return acTables;
  }

  /** The first coefficient of the band, in zigzag order. */
  int first() {
    return first;
  }

  /** The last coefficient of the band. */
  int last() {
    return last;
  }

  /** The point transform of the scan before of this band, 0 if this is the first. */
  int previousShift() {
    return previousShift;
  }

  /** The point transform: how many low bits are left to later scans. */
  int shift() {
    return shift;
  }

  boolean isDc() {
    return first == 0;
  }

  /** A scan of several components goes by MCUs of all of them, else by single blocks. */
  boolean interleaved() {
    return components.length > 1;
  }

  int mcusWide(Frame frame) {
    return interleaved() ? frame.mcusWide : components[0].blocksWide;
  }

  /** Rows of MCUs in the i-th row of the frame's MCUs. */
  int mcuRows(Frame frame, int frameRow) {
    if (interleaved()) {
      return 1;
    }
    Component only = components[0];
    int left = only.blocksHigh - frameRow * only.vertical;
    return Math.min(left, only.vertical);
  }

  /** Blocks that are decoded, padding included. */
  long blocks(Frame frame) {
    if (!interleaved()) {
      return (long) components[0].blocksWide * components[0].blocksHigh;
    }
    int blocks = 0;
    for (Component component : components) {
      blocks += component.horizontal * component.vertical;
    }
    return (long) blocks * frame.mcusWide * frame.mcusHigh;
  }

  /** Checks the parameters of a progressive scan as libjpeg does. */
  void checkProgression() throws JpegException {
    boolean band =
        isDc() ? last == 0 : first <= last && last < Frame.BLOCK && components.length == 1;
    boolean refined = previousShift == 0 || shift == previousShift - 1;
    if (!band || !refined || shift > 13) {
      throw new JpegException(
          "a scan has a progression that there is not: coefficients %d to %d, shifts %d and %d"
              .formatted(first, last, previousShift, shift));
    }
  }
}
