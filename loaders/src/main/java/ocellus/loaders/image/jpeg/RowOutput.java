package ocellus.loaders.image.jpeg;

import java.util.Arrays;

/** From coefficients to pixels, a row of MCUs at a time. Not thread-safe. */
final class RowOutput {
  private final Frame frame;
  private final ColorSpace colors;
  private final InverseDct[] transforms;
  private final Plane[] planes;
  private final Upsampling[] upsampling;
  private final byte[] rgb;

  /** Rows of pixels that wait for the rows below them. */
  private final int held;

  private int nextRow;

  RowOutput(Frame frame, ColorSpace colors) throws JpegException {
    this.frame = frame;
    this.colors = colors;
    int count = frame.components.length;
    transforms = new InverseDct[count];
    planes = new Plane[count];
    upsampling = new Upsampling[count];
    boolean neighbours = false;
    for (Component component : frame.components) {
      int i = component.index;
      int blocks = frame.mcusWide * component.horizontal;
      transforms[i] = new InverseDct(component.quantisation);
      planes[i] = new Plane(component, Component.EDGE * blocks);
      upsampling[i] = Upsampling.of(frame, component, planes[i]);
      neighbours |= upsampling[i].needsNeighbours();
    }
    held = neighbours ? frame.vertical : 0;
    rgb = new byte[3 * frame.width * frame.height];
  }

  /**
   * Takes a row of blocks.
   *
   * @param coefficients as in {@link Coefficients}, or null where all are zeros
   * @param blockRow counted over the whole component
   */
  void blocks(Component component, short[] coefficients, int blockRow) {
    Plane plane = planes[component.index];
    InverseDct transform = transforms[component.index];
    int at = plane.rawOffset(blockRow * Component.EDGE);
    if (coefficients == null) {
      Arrays.fill(plane.samples, at, at + Component.EDGE * plane.stride, (byte) InverseDct.CENTER);
      return;
    }
    for (int block = 0; block < component.blocksWide; block++) {
      transform.block(
          coefficients,
          Coefficients.offset(block),
          plane.samples,
          at + block * Component.EDGE,
          plane.stride);
    }
  }

  /** Makes pixels of what {@link #blocks} has been given of a row of MCUs. */
  void endRow(int frameRow) {
    int end = frame.height;
    if (frameRow < frame.mcusHigh - 1) {
      end = (frameRow + 1) * frame.vertical * Component.EDGE - held;
    }
    for (; nextRow < end; nextRow++) {
      for (Upsampling component : upsampling) {
        component.moveTo(nextRow);
      }
      colors.toRgb(upsampling, frame.width, rgb, 3 * frame.width * nextRow);
    }
  }

  /** The pixels, red, green, blue. */
  byte[] rgb() {
    return rgb;
  }
}
