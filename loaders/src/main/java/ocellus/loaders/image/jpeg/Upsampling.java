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
  static Upsampling of(Frame frame, Component component, Plane plane) throws JpegException {
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
    int length = across * (plane.stride + 1);
    boolean wide = component.width > WIDEST_REPEATED;
    if (across == 1 && down == 1) {
      return new None(component, plane);
    } else if (across == 2 && down == 1 && wide) {
      return new Across(component, plane, length);
    } else if (across == 1 && down == 2) {
      return new Down(component, plane, length);
    } else if (across == 2 && down == 2 && wide) {
      return new Both(component, plane, length);
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

  /** h2v1. */
  private static final class Across extends Upsampling {
    Across(Component component, Plane plane, int rowLength) {
      super(component, plane, rowLength);
    }

    @Override
    void moveTo(int y) {
      byte[] in = plane.samples;
      int from = plane.offset(y);
      int last = width - 1;
      row[0] = in[from];
      row[2 * last + 1] = in[from + last];
      for (int x = 0; x < last; x++) {
        int left = in[from + x] & 0xff;
        int right = in[from + x + 1] & 0xff;
        row[2 * x + 1] = (byte) ((3 * left + right + 2) >> 2);
        row[2 * x + 2] = (byte) ((3 * right + left + 1) >> 2);
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

  /** h2v2. */
  private static final class Both extends Upsampling {
    Both(Component component, Plane plane, int rowLength) {
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
      int last = width - 1;
      int left = 3 * (in[near] & 0xff) + (in[far] & 0xff);
      row[0] = (byte) ((4 * left + 8) >> 4);
      for (int x = 0; x < last; x++) {
        int right = 3 * (in[near + x + 1] & 0xff) + (in[far + x + 1] & 0xff);
        row[2 * x + 1] = (byte) ((3 * left + right + 7) >> 4);
        row[2 * x + 2] = (byte) ((3 * right + left + 8) >> 4);
        left = right;
      }
      row[2 * last + 1] = (byte) ((4 * left + 7) >> 4);
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
