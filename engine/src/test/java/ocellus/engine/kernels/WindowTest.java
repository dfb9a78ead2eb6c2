package ocellus.engine.kernels;

import static ocellus.engine.kernels.TestWindows.SAME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ocellus.engine.kernels.Window.Padding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowTest {
  /** As timm's {@code pad_same} followed by PyTorch's {@code conv2d} cuts them. */
  @ParameterizedTest(name = "{0} pixels, kernel {1}, stride {2}, dilation {3}")
  @CsvSource({
    // size, kernel, stride, dilation, pixels before, size of the output
    "224, 3, 2, 1, 0, 112",
    "225, 3, 2, 1, 1, 113",
    "112, 3, 1, 1, 1, 112",
    "7, 5, 1, 1, 2, 7",
    "28, 5, 2, 1, 1, 14",
    "15, 5, 2, 1, 2, 8",
    "5, 7, 3, 1, 2, 2",
    "6, 7, 3, 1, 2, 2",
    "14, 3, 1, 2, 2, 14",
    "15, 3, 2, 3, 3, 8",
    "1, 3, 2, 1, 1, 1",
    "2, 1, 2, 1, 0, 1",
    "224, 16, 16, 1, 0, 14",
    "225, 16, 16, 1, 7, 15",
    "9, 4, 2, 1, 1, 5",
    "10, 4, 1, 1, 1, 10",
    "8, 2, 3, 1, 0, 3",
    "13, 3, 5, 1, 0, 3"
  })
  void padsAsTensorFlow(int size, int kernel, int stride, int dilation, int before, int out) {
    check(TestWindows.of(size, size, kernel, stride, dilation, SAME), before, out);
  }

  /** As PyTorch's {@code conv2d} counts them. */
  @ParameterizedTest(name = "{0} pixels, kernel {1}, stride {2}, dilation {3}, padding {4}")
  @CsvSource({
    // size, kernel, stride, dilation, padding, size of the output
    "224, 3, 2, 1, 1, 112",
    "225, 3, 2, 1, 1, 113",
    "112, 3, 1, 1, 1, 112",
    "7, 5, 1, 1, 2, 7",
    "28, 5, 2, 1, 2, 14",
    "15, 5, 2, 1, 2, 8",
    "5, 7, 3, 1, 3, 2",
    "14, 3, 1, 2, 2, 14",
    "15, 3, 2, 3, 0, 5",
    "1, 3, 2, 1, 1, 1",
    "2, 1, 2, 1, 0, 1",
    "224, 16, 16, 1, 0, 14",
    "225, 16, 16, 1, 0, 14",
    "224, 4, 4, 1, 0, 56",
    "9, 4, 2, 1, 3, 6",
    "3, 3, 1, 1, 0, 1",
    "13, 3, 5, 1, 4, 4"
  })
  void padsAsPyTorch(int size, int kernel, int stride, int dilation, int padding, int out) {
    check(TestWindows.of(size, size, kernel, stride, dilation, padding), padding, out);
  }

  /** As PyTorch's {@code conv2d} counts them after its {@code ZeroPad2d}. */
  @ParameterizedTest(name = "{0} pixels, kernel {1}, stride {2}, padding {3} and {4}")
  @CsvSource({
    // size, kernel, stride, pixels before, pixels after, size of the output
    "224, 3, 2, 0, 1, 112",
    "225, 3, 2, 0, 1, 112",
    "29, 5, 2, 1, 2, 14",
    "30, 5, 2, 1, 2, 15",
    "1, 3, 2, 0, 1, 0",
    "7, 3, 1, 2, 0, 7"
  })
  void padsSidesByDifferentNumbers(
      int size, int kernel, int stride, int before, int after, int out) {
    var padding = new Padding.Sides(before, after);
    check(Window.of(size, size, kernel, stride, 1, padding), before, out);
  }

  @Test
  void mayBeOblong() {
    Window window = Window.of(9, 8, 7, 1, 1, 1, new Padding.Half());
    assertEquals(7, window.kernelHeight());
    assertEquals(1, window.kernelWidth());
    assertEquals(3, window.padTop());
    assertEquals(0, window.padLeft());
    assertEquals(9, window.outHeight());
    assertEquals(8, window.outWidth());
    check(Window.of(9, 9, 3, 1, 2, new Padding.Half()), 2, 9);
  }

  /** Sizes of PyTorch's {@code F.max_pool2d(x, kernel, stride, padding, ceil_mode=True)}. */
  @ParameterizedTest
  @CsvSource({
    "112, 3, 2, 0, 56",
    "113, 3, 2, 0, 56",
    "114, 3, 2, 0, 57",
    "2, 3, 2, 0, 1",
    "1, 3, 2, 0, 0",
    "1, 2, 2, 0, 1",
    "7, 2, 2, 0, 4",
    "8, 2, 2, 0, 4",
    "5, 3, 2, 1, 3",
    "6, 3, 2, 1, 4",
    "4, 2, 3, 1, 2",
    "3, 1, 4, 0, 1"
  })
  void roundsUpAsPyTorch(int size, int kernel, int stride, int padding, int out) {
    Window window = Window.of(size, size, kernel, stride, 1, new Padding.Ceiling(padding));
    check(window, padding, out);
  }

  private static void check(Window window, int before, int out) {
    assertEquals(before, window.padTop());
    assertEquals(before, window.padLeft());
    assertEquals(out, window.outHeight());
    assertEquals(out, window.outWidth());
  }

  @Test
  void treatsBothDirectionsAlike() {
    Window window = TestWindows.of(224, 15, 5, 2, 1, SAME);
    assertEquals(1, window.padTop());
    assertEquals(2, window.padLeft());
    assertEquals(112, window.outHeight());
    assertEquals(8, window.outWidth());
    assertEquals(25, window.taps());
    assertEquals(896, window.outPixels());
  }

  @Test
  void hasNoOutputWhereItDoesNotFit() {
    Window window = Window.of(2, 9, 3, 1, 1, new Padding.Fixed(0));
    assertEquals(0, window.outHeight());
    assertEquals(7, window.outWidth());
    assertTrue(window.outPixels() == 0);
  }
}
