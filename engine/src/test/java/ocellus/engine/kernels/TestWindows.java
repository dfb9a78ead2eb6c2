package ocellus.engine.kernels;

import ocellus.engine.Shape;
import ocellus.engine.kernels.Window.Padding;

/** Windows of tests. */
final class TestWindows {
  /** As {@code padding}: as little as keeps the size. */
  static final int SAME = -1;

  private TestWindows() {}

  static Window of(int height, int width, int kernel, int stride, int dilation, int padding) {
    Padding rule = padding == SAME ? new Padding.Same() : new Padding.Fixed(padding);
    return Window.of(height, width, kernel, stride, dilation, rule);
  }

  /** Higher than wide, strides, dilations and paddings different in both directions. */
  static Window irregular() {
    return new Window(9, 14, 2, 5, 1, 3, 3, 1, 1, 2, 8, 5);
  }

  static Shape output(Window window, int channels) {
    return Shape.of(window.outHeight(), window.outWidth(), channels);
  }
}
