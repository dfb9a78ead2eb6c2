package ocellus.loaders.image.jpeg;

import java.util.Arrays;

/** From coefficients to pixels, a row of MCUs at a time. Not thread-safe. */
final class RowOutput {
  private final Frame frame;
  private final ColorSpace colors;
  private final Area wanted;
  private final boolean vectors;
  private final InverseDct[] transforms;

  /** Null without vectors. */
  private final VectorDct[] vectorTransforms;

  private final Plane[] planes;
  private final Upsampling[] upsampling;
  private final byte[] rgb;

  /** Rows of pixels that wait for the rows below them. */
  private final int held;

  private int nextRow;

  /** Two pixels each. */
  private final long[] pixels;

  /**
   * @param wanted pixels outside of it are not computed, as far as that saves time
   */
  RowOutput(Frame frame, ColorSpace colors, Area wanted, boolean vectors) throws JpegException {
    this.frame = frame;
    this.colors = colors;
    this.wanted = wanted;
    int count = frame.components.length;
    this.vectors = vectors;
    transforms = new InverseDct[count];
    vectorTransforms = vectors ? new VectorDct[count] : null;
    planes = new Plane[count];
    upsampling = new Upsampling[count];
    boolean neighbours = false;
    for (Component component : frame.components) {
      int i = component.index;
      planes[i] = new Plane(component, frame.mcusWide * component.horizontal);
      upsampling[i] = Upsampling.of(frame, component, planes[i], vectors);
      neighbours |= upsampling[i].needsNeighbours();
    }
    held = neighbours ? frame.vertical : 0;
    pixels = new long[vectors ? frame.width / 2 + Lanes.MOST : 0];
    rgb = new byte[3 * frame.width * frame.height];
  }

  /**
   * Takes a row of blocks. The component has got its quantisation by the first call.
   *
   * @param coefficients as in {@link Coefficients}, or null where all are zeros
   * @param blockRow counted over the whole component
   */
  void blocks(Component component, short[] coefficients, int blockRow) {
    prepare(component);
    if (!isRowWanted(component, blockRow)) {
      return;
    }
    Plane plane = planes[component.index];
    InverseDct transform = transforms[component.index];
    int at = plane.rawOffset(blockRow * Component.EDGE);
    if (coefficients == null) {
      Arrays.fill(plane.samples, at, at + Component.EDGE * plane.stride, (byte) InverseDct.CENTER);
      return;
    }
    VectorDct vectorTransform = vectors ? vectorTransforms[component.index] : null;
    for (int first = 0; first < component.blocksWide; first += Coefficients.LANES) {
      if (!isGroupWanted(component, first)) {
        continue;
      }
      int offset = Coefficients.offset(first);
      int to = at + first * Component.EDGE;
      if (vectors && vectorTransform.group(coefficients, offset, plane.samples, to, plane.stride)) {
        continue;
      }
      int blocks = Math.min(Coefficients.LANES, component.blocksWide - first);
      for (int i = 0; i < blocks; i++) {
        transform.block(
            coefficients, offset + i, plane.samples, to + i * Component.EDGE, plane.stride);
      }
    }
  }

  /** Whether a row of blocks has samples of wanted pixels, or next to one. */
  private boolean isRowWanted(Component component, int blockRow) {
    long rows = (long) frame.vertical * Component.EDGE;
    long first = (long) wanted.top() * component.vertical;
    long end = (long) wanted.bottom() * component.vertical;
    return (blockRow + 1) * rows >= first - frame.vertical
        && blockRow * rows <= end + frame.vertical;
  }

  /** The same of a group of blocks side by side, the first of which is given. */
  private boolean isGroupWanted(Component component, int block) {
    long columns = (long) frame.horizontal * Component.EDGE;
    long first = (long) wanted.left() * component.horizontal;
    long end = (long) wanted.right() * component.horizontal;
    return (block + Coefficients.LANES) * columns >= first - frame.horizontal
        && block * columns <= end + frame.horizontal;
  }

  /** Makes the transforms when the quantisation is known, which is after the first scan began. */
  private void prepare(Component component) {
    int i = component.index;
    if (transforms[i] == null) {
      transforms[i] = new InverseDct(component.quantisation);
      if (vectors) {
        vectorTransforms[i] = new VectorDct(component.quantisation);
      }
    }
  }

  /** Makes pixels of what {@link #blocks} has been given of a row of MCUs. */
  void endRow(int frameRow) {
    int end = frame.height;
    if (frameRow < frame.mcusHigh - 1) {
      end = (frameRow + 1) * frame.vertical * Component.EDGE - held;
    }
    for (; nextRow < end; nextRow++) {
      if (nextRow < wanted.top() || nextRow >= wanted.bottom()) {
        continue;
      }
      for (Upsampling component : upsampling) {
        component.moveTo(nextRow);
      }
      if (vectors && colors == ColorSpace.YCBCR) {
        yccRow(nextRow);
      } else {
        colors.toRgb(upsampling, frame.width, rgb, 3 * frame.width * nextRow);
      }
    }
  }

  /** Starts at a whole vector, for reading may not go on behind the last row of a plane. */
  private void yccRow(int row) {
    Upsampling luma = upsampling[0];
    Upsampling blue = upsampling[1];
    Upsampling red = upsampling[2];
    int left = wanted.left() & -Lanes.MOST;
    int width = wanted.right() - left;
    VectorRows.ycc(
        luma.row,
        luma.offset + left,
        blue.row,
        blue.offset + left,
        red.row,
        red.offset + left,
        width,
        pixels);
    VectorRows.write(pixels, width, rgb, 3 * (frame.width * row + left));
  }

  /** The pixels, red, green, blue. */
  byte[] rgb() {
    return rgb;
  }
}
