package ocellus.engine.kernels;

import static ocellus.engine.kernels.TestWindows.SAME;

import java.util.Arrays;
import java.util.List;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.RandomData.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PoolingParityTest {
  private final RandomData random = new RandomData();

  @ParameterizedTest(name = "{0}: {1}x{1}x{2}, {3}x{3} stride {4} padding {5}")
  @CsvSource({
    "ResNet maxpool, 112, 64, 3, 2, 1",
    "ResNet-D shortcut, 28, 256, 2, 2, 0",
    "Inception mixed, 35, 192, 3, 1, 1",
    "tf_ pooling, 56, 24, 3, 2, -1"
  })
  void realLayers(String layer, int size, int channels, int kernel, int stride, int padding) {
    check(layer, Kind.NORMAL, TestWindows.of(size, size, kernel, stride, 1, padding), channels);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7})
  void windows(int kernel) {
    for (int size : new int[] {1, 2, 3, 4, 5, 7, 8, 14}) {
      for (int stride = 1; stride <= 3; stride++) {
        for (int padding : new int[] {SAME, 0, kernel / 2, kernel + 1}) {
          Window window = TestWindows.of(size, size + 1, kernel, stride, 1, padding);
          check("windows", Kind.NORMAL, window, 18);
        }
      }
    }
  }

  @Test
  void irregularWindows() {
    check("dilated", Kind.NORMAL, TestWindows.of(12, 11, 3, 2, 2, 2), 5);
    check("irregular", Kind.NORMAL, TestWindows.irregular(), 35);
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.KernelParity#extents")
  void anyNumberOfChannels(int channels) {
    check("channels", Kind.NORMAL, TestWindows.of(6, 7, 3, 2, 1, 1), channels);
  }

  @ParameterizedTest
  @EnumSource
  void unusualNumbers(Kind kind) {
    check("unusual", kind, TestWindows.of(20, 21, 3, 2, 1, 1), 37);
  }

  private void check(String layer, Kind kind, Window window, int channels) {
    Tensor x = random.tensor(kind, window.inHeight(), window.inWidth(), channels);
    Shape shape = TestWindows.output(window, channels);
    String name = layer + ", " + kind + " " + window + ", " + channels + " channels, " + random;
    double[] exact = new double[(int) shape.size()];
    KernelParity.check(
        "maxPool, " + name,
        Guarded.unset(shape),
        List.of(x),
        exact,
        (kernels, y, ws) -> kernels.maxPool(x, window, y, ws));
    for (boolean countPadding : new boolean[] {false, true}) {
      Tensor means = Guarded.unset(shape);
      KernelParity.SCALAR.averagePool(
          ErrorBound.magnitudes(x), window, countPadding, means, new Workspace());
      KernelParity.check(
          "averagePool, countPadding " + countPadding + ", " + name,
          Guarded.unset(shape),
          List.of(x),
          ErrorBound.ofSums(window.taps() + 1, means),
          (kernels, y, ws) -> kernels.averagePool(x, window, countPadding, y, ws));
    }
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.KernelParity#extents")
  void lengthsOfAnyNumberOfChannels(int channels) {
    checkLengths(random.tensor(5, 7, channels));
    checkLengths(random.tensor(Kind.OUTLIERS, 1, 3, 4 * channels));
  }

  @ParameterizedTest
  @CsvSource({"3136, 384", "49, 3072", "300, 137", "1, 640", "0, 5"})
  void lengthsOfAnyNumberOfRows(int rows, int channels) {
    checkLengths(random.tensor(rows, channels));
  }

  private void checkLengths(Tensor x) {
    Tensor exact = Tensor.zeros(x.channels());
    KernelParity.SCALAR.channelLengths(x, exact, new Workspace());
    double[] bounds = Naive.widen(exact.toArray());
    // The root halves the relative error of the sum of squares.
    double relative = ErrorBound.growth(x.rows() + 2) * ErrorBound.ROUNDOFF;
    Arrays.setAll(bounds, i -> relative * bounds[i]);
    KernelParity.check(
        "channelLengths, " + x + ", " + random,
        Guarded.unset(Shape.of(x.channels())),
        List.of(x),
        bounds,
        (kernels, y, ws) -> kernels.channelLengths(x, y, ws));
  }
}
