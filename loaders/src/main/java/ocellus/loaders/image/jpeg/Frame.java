package ocellus.loaders.image.jpeg;

/**
 * The frame header (ISO/IEC 10918-1, B.2.2): what is coded, and how.
 *
 * <p>Refused are a size of zero, lossless, hierarchical and 12-bit frames, and other numbers of
 * components than 1, 3 and 4.
 */
final class Frame {
  /** Coefficients of a block. */
  static final int BLOCK = 64;

  /** Beyond it libjpeg, and with it Pillow, refuses a picture. */
  private static final int LONGEST_EDGE = 65_500;

  private static final int MAX_SAMPLING = 4;

  final boolean progressive;
  final boolean arithmetic;
  final int width;
  final int height;

  /** The largest sampling factors of the components. */
  final int horizontal;

  final int vertical;
  final Component[] components;

  /** MCUs of all components in the picture. */
  final int mcusWide;

  final int mcusHigh;

  private Frame(int marker, Input input, int components) throws JpegException {
    this.progressive = marker == 0xc2 || marker == 0xca;
    this.arithmetic = marker == 0xc9 || marker == 0xca;
    this.height = input.u16();
    this.width = input.u16();
    input.skip(1);
    checkEdges();
    if (components != 1 && components != 3 && components != 4) {
      throw new JpegException(components + " components are not supported, only 1, 3 and 4");
    }
    int start = input.position;
    input.skip(3 * components);
    int widest = 0;
    int highest = 0;
    for (int i = 0; i < components; i++) {
      int sampling = input.data[start + 3 * i + 1] & 0xff;
      checkSampling(sampling);
      widest = Math.max(widest, sampling >> 4);
      highest = Math.max(highest, sampling & 15);
    }
    this.horizontal = widest;
    this.vertical = highest;
    this.mcusWide = Math.ceilDiv(width, widest * Component.EDGE);
    this.mcusHigh = Math.ceilDiv(height, highest * Component.EDGE);
    this.components = new Component[components];
    for (int i = 0; i < components; i++) {
      int at = start + 3 * i;
      this.components[i] =
          new Component(
              i, input.data[at] & 0xff, input.data[at + 1] & 0xff, input.data[at + 2] & 0xff, this);
    }
  }

  /** Reads the segment behind the marker. */
  static Frame read(int marker, Input input) throws JpegException {
    switch (marker) {
      case 0xc0, 0xc1, 0xc2, 0xc9, 0xca -> {
        // Sequential or progressive, Huffman or arithmetic coding.
      }
      case 0xc3, 0xcb -> throw new JpegException("lossless JPEG is not supported");
      default -> throw new JpegException("hierarchical JPEG is not supported");
    }
    int length = input.u16();
    int precision = input.u8();
    if (precision != 8) {
      throw new JpegException(precision + " bits a sample are not supported, only 8");
    }
    int components = peekComponents(input);
    if (length != 8 + 3 * components) {
      throw new JpegException(
          "its frame header has length " + length + " for " + components + " components");
    }
    return new Frame(marker, input, components);
  }

  /** Blocks with samples that exist. */
  long blocks() {
    long blocks = 0;
    for (Component component : components) {
      blocks += (long) component.blocksWide * component.blocksHigh;
    }
    return blocks;
  }

  /** The number of components stands behind height and width. */
  private static int peekComponents(Input input) throws JpegException {
    int start = input.position;
    input.skip(4);
    int components = input.u8();
    input.position = start;
    return components;
  }

  private void checkEdges() throws JpegException {
    if (width == 0 || height == 0) {
      throw new JpegException("it says that it has " + width + " x " + height + " pixels");
    }
    if (Math.max(width, height) > LONGEST_EDGE) {
      throw new JpegException(
          "it has " + width + " x " + height + " pixels; an edge has at most " + LONGEST_EDGE);
    }
  }

  private static void checkSampling(int factors) throws JpegException {
    int h = factors >> 4;
    int v = factors & 15;
    if (h < 1 || h > MAX_SAMPLING || v < 1 || v > MAX_SAMPLING) {
      throw new JpegException("it has sampling factors " + h + " x " + v + ", not 1 to 4");
    }
  }
}
