package ocellus.loaders.image.webp;

/** Smooths the edges of blocks: RFC 6386, section 15. */
final class Vp8LoopFilter {
  private final byte[] s;
  private final int stride;

  Vp8LoopFilter(Vp8Plane plane) {
    s = plane.samples;
    stride = plane.stride;
  }

  /** Across the left edge of a macroblock. */
  void left(int at, int size, int limit, int inner, int variance) {
    for (int i = 0; i < size; i++) {
      strong(at + i * stride, 1, limit, inner, variance);
    }
  }

  /** Across the upper edge of a macroblock. */
  void top(int at, int size, int limit, int inner, int variance) {
    for (int i = 0; i < size; i++) {
      strong(at + i, stride, limit, inner, variance);
    }
  }

  /** Across the vertical edges within a macroblock. */
  void columns(int at, int size, int limit, int inner, int variance) {
    for (int x = 4; x < size; x += 4) {
      for (int i = 0; i < size; i++) {
        weak(at + i * stride + x, 1, limit, inner, variance);
      }
    }
  }

  /** Across the horizontal edges within a macroblock. */
  void rows(int at, int size, int limit, int inner, int variance) {
    for (int y = 4; y < size; y += 4) {
      for (int i = 0; i < size; i++) {
        weak(at + y * stride + i, stride, limit, inner, variance);
      }
    }
  }

  /** The simple filter across one edge of 16 samples. */
  void simple(int at, int along, int across, int limit) {
    for (int i = 0; i < 16; i++) {
      int p = at + i * along;
      if (isFlat(p, across, limit)) {
        two(p, across);
      }
    }
  }

  private int u(int at) {
    return s[at] & 0xff;
  }

  private boolean isFlat(int p, int d, int limit) {
    int step = Math.abs(u(p - d) - u(p));
    return 4 * step + Math.abs(u(p - 2 * d) - u(p + d)) <= 2 * limit + 1;
  }

  private boolean isSmooth(int p, int d, int limit, int inner) {
    return isFlat(p, d, limit)
        && Math.abs(u(p - 4 * d) - u(p - 3 * d)) <= inner
        && Math.abs(u(p - 3 * d) - u(p - 2 * d)) <= inner
        && Math.abs(u(p - 2 * d) - u(p - d)) <= inner
        && Math.abs(u(p + 3 * d) - u(p + 2 * d)) <= inner
        && Math.abs(u(p + 2 * d) - u(p + d)) <= inner
        && Math.abs(u(p + d) - u(p)) <= inner;
  }

  private boolean varies(int p, int d, int variance) {
    return Math.abs(u(p - 2 * d) - u(p - d)) > variance || Math.abs(u(p + d) - u(p)) > variance;
  }

  private void strong(int p, int d, int limit, int inner, int variance) {
    if (isSmooth(p, d, limit, inner)) {
      if (varies(p, d, variance)) {
        two(p, d);
      } else {
        six(p, d);
      }
    }
  }

  private void weak(int p, int d, int limit, int inner, int variance) {
    if (isSmooth(p, d, limit, inner)) {
      if (varies(p, d, variance)) {
        two(p, d);
      } else {
        four(p, d);
      }
    }
  }

  private void two(int p, int d) {
    int a = 3 * (u(p) - u(p - d)) + signed(u(p - 2 * d) - u(p + d));
    change(p - d, fifth((a + 3) >> 3));
    change(p, -fifth((a + 4) >> 3));
  }

  private void four(int p, int d) {
    int a = 3 * (u(p) - u(p - d));
    int a1 = fifth((a + 4) >> 3);
    int a2 = fifth((a + 3) >> 3);
    int a3 = (a1 + 1) >> 1;
    change(p - 2 * d, a3);
    change(p - d, a2);
    change(p, -a1);
    change(p + d, -a3);
  }

  private void six(int p, int d) {
    int a = signed(3 * (u(p) - u(p - d)) + signed(u(p - 2 * d) - u(p + d)));
    int a1 = (27 * a + 63) >> 7;
    int a2 = (18 * a + 63) >> 7;
    int a3 = (9 * a + 63) >> 7;
    change(p - 3 * d, a3);
    change(p - 2 * d, a2);
    change(p - d, a1);
    change(p, -a1);
    change(p + d, -a2);
    change(p + 2 * d, -a3);
  }

  private void change(int at, int by) {
    s[at] = (byte) Math.clamp(u(at) + by, 0, 255);
  }

  /** Clipped to 8 bits. */
  private static int signed(int value) {
    return Math.clamp(value, -128, 127);
  }

  /** Clipped to 5 bits. */
  private static int fifth(int value) {
    return Math.clamp(value, -16, 15);
  }
}
