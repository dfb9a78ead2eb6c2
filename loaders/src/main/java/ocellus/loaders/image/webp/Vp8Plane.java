package ocellus.loaders.image.webp;

import java.util.Arrays;

/**
 * Samples of a frame, whole macroblocks, with a border of what prediction takes for what is above
 * (127) and on the left (129): RFC 6386, section 12.2.
 */
final class Vp8Plane {
  /** On the right, what a block above and to the right of the last would be. */
  private static final int RIGHT = 4;

  private static final byte ABOVE = 127;
  private static final byte BESIDE = (byte) 129;

  final byte[] samples;
  final int stride;

  Vp8Plane(int width, int height) {
    stride = 1 + width + RIGHT;
    samples = new byte[stride * (height + 1)];
    for (int y = 1; y <= height; y++) {
      samples[y * stride] = BESIDE;
    }
    Arrays.fill(samples, 0, stride, ABOVE);
  }

  int at(int x, int y) {
    return (y + 1) * stride + x + 1;
  }
}
