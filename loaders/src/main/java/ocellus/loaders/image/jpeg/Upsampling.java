package ocellus.loaders.image.jpeg;

/**
 * A component's samples at the resolution of the picture, row by row, as libjpeg-turbo upsamples by
 * default: "fancy", that is by weights 3/4 and 1/4 of the two nearest samples, where a component
 * has half the resolution, and else by repetition.
 */
abstract class Upsampling {
  /** Components that are not wider are repeated. */
  private static final int WIDEST_REPEATED = 2;

  final Plane plane;
  final int width;

  /** The row that was asked for last begins here, at {@link #offset}. */
  byte[] row;

  int offset;

  private Upsampling(Component component, Plane plane, int rowLength) {
    this.plane = plane;
    this.width = component.width;
    this.row = new byte[rowLength];
  }

  /** Makes {@link #row} and {@link #offset} those of a row of the picture. */
  abstract void moveTo(int y);

  /** Whether rows above and below a row are looked at. */
  boolean needsNeighbours() {
    return false;
  }

  /** The way in which a component is upsampled. */
  static Upsampling of(Frame frame, Component component, Plane plane, boolean vectors)
      throws JpegException {
    int across = frame.horizontal / component.horizontal;
    int down = frame.vertical / component.vertical;
    if (across * component.horizontal != frame.horizontal
        || down * component.vertical != frame.vertical) {
      throw new JpegException(
          "component sizes that do not divide the picture's are not supported: sampling factors"
              + " %d x %d of %d x %d"
                  .formatted(
                      component.horizontal, component.vertical, frame.horizontal, frame.vertical));
    }
    // Room for whole samples where the picture's last ones are cut off, and for whole vectors.
    int length = across * (plane.stride + Lanes.MOST);
    boolean wide = component.width > WIDEST_REPEATED;
    if (across == 1 && down == 1) {
      return new None(component, plane);
    } else if (across == 2 && down == 1 && wide) {
      return new Halved(component, plane, length, false, vectors);
    } else if (across == 1 && down == 2) {
      return new Down(component, plane, length);
    } else if (across == 2 && down == 2 && wide) {
      return new Halved(component, plane, length, true, vectors);
    }
    return new Repeated(component, plane, length, across, down);
  }

  /** Nothing to do. */
  private static final class None extends Upsampling {
    None(Component component, Plane plane) {
      super(component, plane, 0);
      row = plane.samples;
    }

    @Override
    void moveTo(int y) {
      offset = plane.offset(y);
    }
  }

  /** h2v1 and h2v2. */
  private static final class Halved extends Upsampling {
    private final boolean down;
    private final boolean vectors;

    /** What stands for each sample, with copies of the first and the last around. */
    private final short[] sums;

    Halved(Component component, Plane plane, int rowLength, boolean down, boolean vectors) {
      super(component, plane, rowLength);
      this.down = down;
      this.vectors = vectors;
      this.sums = new short[plane.stride + Lanes.MOST];
    }

    @Override
    boolean needsNeighbours() {
      return down;
    }

    @Override
    void moveTo(int y) {
      if (down) {
        int near = plane.offset(y >> 1);
        int far = plane.offset((y >> 1) + ((y & 1) == 0 ? -1 : 1));
        if (vectors) {
          VectorRows.blend(plane.samples, near, far, width, sums);
        } else {
          blend(near, far);
        }
        spread(8, 7, 4);
      } else {
        if (vectors) {
          VectorRows.widen(plane.samples, plane.offset(y), width, sums);
        } else {
          widen(plane.offset(y));
        }
        spread(1, 2, 2);
      }
    }

    private void blend(int near, int far) {
      byte[] in = plane.samples;
      for (int x = 0; x < width; x++) {
        sums[1 + x] = (short) (3 * (in[near + x] & 0xff) + (in[far + x] & 0xff));
      }
    }

    private void widen(int from) {
      for (int x = 0; x < width; x++) {
        sums[1 + x] = (short) (plane.samples[from + x] & 0xff);
      }
    }

    /** Makes two samples of each: towards its left neighbour, and towards its right one. */
    private void spread(int leftBias, int rightBias, int shift) {
      sums[0] = sums[1];
      sums[width + 1] = sums[width];
      if (vectors) {
        VectorRows.spread(sums, width, leftBias, rightBias, shift, row);
        return;
      }
      for (int x = 0; x < width; x++) {
        int sum = 3 * sums[x + 1];
        row[2 * x] = (byte) ((sum + sums[x] + leftBias) >> shift);
        row[2 * x + 1] = (byte) ((sum + sums[x + 2] + rightBias) >> shift);
      }
    }
  }

  /** h1v2. */
  private static final class Down extends Upsampling {
    Down(Component component, Plane plane, int rowLength) {
      super(component, plane, rowLength);
    }

    @Override
    boolean needsNeighbours() {
      return true;
    }

    @Override
    void moveTo(int y) {
      byte[] in = plane.samples;
      int near = plane.offset(y >> 1);
      int far = plane.offset((y >> 1) + ((y & 1) == 0 ? -1 : 1));
      int bias = 1 + (y & 1);
      for (int x = 0; x < width; x++) {
        row[x] = (byte) ((3 * (in[near + x] & 0xff) + (in[far + x] & 0xff) + bias) >> 2);
      }
    }
  }

  /** Any other. */
  private static final class Repeated extends Upsampling {
    private final int across;
    private final int down;

    Repeated(Component component, Plane plane, int rowLength, int across, int down) {
      super(component, plane, rowLength);
      this.across = across;
      this.down = down;
    }

    @Override
    void moveTo(int y) {
      byte[] in = plane.samples;
      int from = plane.offset(y / down);
      for (int x = 0, to = 0; x < width; x++) {
        for (int i = 0; i < across; i++) {
          row[to++] = in[from + x];
        }
      }
    }
  }
}
