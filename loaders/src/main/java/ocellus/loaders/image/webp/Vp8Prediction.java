package ocellus.loaders.image.webp;

import java.util.Arrays;

/** Prediction of blocks from the samples above and on the left: RFC 6386, section 12. */
final class Vp8Prediction {
  static final int DC = 0;
  static final int TRUE_MOTION = 1;
  static final int VERTICAL = 2;
  static final int HORIZONTAL = 3;
  private static final int LEFT_DOWN = 4;
  private static final int RIGHT_DOWN = 5;
  private static final int VERTICAL_RIGHT = 6;
  private static final int VERTICAL_LEFT = 7;
  private static final int HORIZONTAL_DOWN = 8;
  private static final int HORIZONTAL_UP = 9;

  /** Where the corner is in {@link #edge}, the samples around a block of 4 x 4. */
  private static final int CORNER = 4;

  private final byte[] samples;
  private final int stride;

  /** From the lowest on the left, up to the corner, then to the right: 4, 1 and 8 samples. */
  private final int[] edge = new int[13];

  Vp8Prediction(Vp8Plane plane) {
    samples = plane.samples;
    stride = plane.stride;
  }

  /** Predicts a square block of luma or chroma. */
  void large(int mode, int at, int size, boolean hasAbove, boolean hasLeft) {
    switch (mode) {
      case DC -> fill(at, size, average(at, size, hasAbove, hasLeft));
      case TRUE_MOTION -> trueMotion(at, size);
      case VERTICAL -> {
        for (int y = 0; y < size; y++) {
          System.arraycopy(samples, at - stride, samples, at + y * stride, size);
        }
      }
      default -> {
        for (int y = 0; y < size; y++) {
          int row = at + y * stride;
          Arrays.fill(samples, row, row + size, samples[row - 1]);
        }
      }
    }
  }

  private int average(int at, int size, boolean hasAbove, boolean hasLeft) {
    if (!hasAbove && !hasLeft) {
      return 128;
    }
    int sum = 0;
    for (int i = 0; i < size; i++) {
      sum += hasAbove ? samples[at - stride + i] & 0xff : 0;
      sum += hasLeft ? samples[at + i * stride - 1] & 0xff : 0;
    }
    int count = size * ((hasAbove ? 1 : 0) + (hasLeft ? 1 : 0));
    return (sum + count / 2) / count;
  }

  private void fill(int at, int size, int value) {
    for (int y = 0; y < size; y++) {
      Arrays.fill(samples, at + y * stride, at + y * stride + size, (byte) value);
    }
  }

  private void trueMotion(int at, int size) {
    int corner = samples[at - stride - 1] & 0xff;
    for (int y = 0; y < size; y++) {
      int row = at + y * stride;
      int base = (samples[row - 1] & 0xff) - corner;
      for (int x = 0; x < size; x++) {
        int above = samples[at - stride + x] & 0xff;
        samples[row + x] = (byte) Math.clamp(base + above, 0, 255);
      }
    }
  }

  /**
   * Predicts a block of 4 x 4.
   *
   * @param rightAt where the four samples above and to the right are
   */
  void small(int mode, int at, int rightAt) {
    for (int i = 0; i < 4; i++) {
      edge[i] = samples[at + (3 - i) * stride - 1] & 0xff;
      edge[CORNER + 1 + i] = samples[at - stride + i] & 0xff;
      edge[CORNER + 5 + i] = samples[rightAt + i] & 0xff;
    }
    edge[CORNER] = samples[at - stride - 1] & 0xff;
    switch (mode) {
      case DC -> {
        int sum = 4;
        for (int i = 0; i < 4; i++) {
          sum += edge[i] + edge[CORNER + 1 + i];
        }
        fill(at, 4, sum >> 3);
      }
      case TRUE_MOTION -> trueMotion(at, 4);
      case VERTICAL -> {
        for (int x = 0; x < 4; x++) {
          column(at + x, three(CORNER + 1 + x));
        }
      }
      case HORIZONTAL -> {
        for (int y = 0; y < 3; y++) {
          row(at + y * stride, three(3 - y));
        }
        row(at + 3 * stride, (edge[1] + 3 * edge[0] + 2) >> 2);
      }
      default -> directional(mode, at);
    }
  }

  private void column(int at, int value) {
    for (int y = 0; y < 4; y++) {
      samples[at + y * stride] = (byte) value;
    }
  }

  private void row(int at, int value) {
    for (int x = 0; x < 4; x++) {
      samples[at + x] = (byte) value;
    }
  }

  /** The average of an edge sample, twice, and its neighbours. */
  private int three(int i) {
    return (edge[i - 1] + 2 * edge[i] + edge[i + 1] + 2) >> 2;
  }

  /** The average of an edge sample and the next. */
  private int two(int i) {
    return (edge[i] + edge[i + 1] + 1) >> 1;
  }

  private void directional(int mode, int at) {
    for (int y = 0; y < 4; y++) {
      for (int x = 0; x < 4; x++) {
        samples[at + y * stride + x] =
            (byte)
                switch (mode) {
                  case LEFT_DOWN -> leftDown(x + y);
                  case RIGHT_DOWN -> three(CORNER + x - y);
                  case VERTICAL_RIGHT -> verticalRight(x, y);
                  case VERTICAL_LEFT -> verticalLeft(x, y);
                  case HORIZONTAL_DOWN -> horizontalDown(x, y);
                  case HORIZONTAL_UP -> horizontalUp(x + 2 * y);
                  default -> throw new IllegalStateException("mode " + mode);
                };
      }
    }
  }

  private int leftDown(int diagonal) {
    int i = CORNER + 2 + diagonal;
    return diagonal < 6 ? three(i) : (edge[i - 1] + 3 * edge[i] + 2) >> 2;
  }

  private int verticalRight(int x, int y) {
    int i = 2 * x - y; // below 0 on the left of the line through the corner
    if (i < -1) {
      return three(CORNER + 1 + i);
    } else if (i == -1) {
      return three(CORNER);
    }
    return i % 2 == 0 ? two(CORNER + i / 2) : three(CORNER + (i + 1) / 2);
  }

  private int verticalLeft(int x, int y) {
    int i = CORNER + 1 + x + y / 2;
    if (x == 3 && y >= 2) { // does not follow the pattern
      return three(CORNER + 4 + y);
    }
    return y % 2 == 0 ? two(i) : three(i + 1);
  }

  private int horizontalDown(int x, int y) {
    int i = 2 * y - x; // below 0 above the line through the corner
    if (i < -1) {
      return three(CORNER - 1 - i);
    } else if (i == -1) {
      return three(CORNER);
    }
    return i % 2 == 0 ? two(CORNER - 1 - i / 2) : three(CORNER - (i + 1) / 2);
  }

  private int horizontalUp(int i) {
    if (i > 5) {
      return edge[0];
    } else if (i == 5) {
      return (edge[1] + 3 * edge[0] + 2) >> 2;
    }
    return i % 2 == 0 ? two(2 - i / 2) : three(2 - i / 2);
  }
}
