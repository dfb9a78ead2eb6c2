package ocellus.engine.kernels;

import static ocellus.engine.kernels.TestWindows.SAME;

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

class DepthwiseParityTest {
  private final RandomData random = new RandomData();

  @ParameterizedTest(name = "{0}: {1}x{1}x{2}, {3}x{3} stride {4} padding {5}")
  @CsvSource({
    "MobileNetV3-S blocks.0, 112, 16, 3, 2, 1",
    "MobileNetV3-S blocks.1.0, 56, 72, 3, 2, 1",
    "MobileNetV3-S blocks.1.1, 28, 88, 3, 1, 1",
    "MobileNetV3-S blocks.2.0, 28, 96, 5, 2, 2",
    "MobileNetV3-S blocks.2.1, 14, 240, 5, 1, 2",
    "MobileNetV3-S blocks.3, 14, 120, 5, 1, 2",
    "MobileNetV3-S blocks.4.0, 14, 288, 5, 2, 2",
    "MobileNetV3-S blocks.4.1, 7, 576, 5, 1, 2",
    "tf_mobilenetv3_small blocks.2.0, 28, 96, 5, 2, -1",
    "tf_mobilenetv3_small blocks.1.0, 56, 72, 3, 2, -1",
    "ConvNeXt-T stages.0, 56, 96, 7, 1, 3",
    "ConvNeXt-T stages.3, 7, 768, 7, 1, 3"
  })
  void realLayers(String layer, int size, int channels, int kernel, int stride, int padding) {
    Window window = TestWindows.of(size, size, kernel, stride, 1, padding);
    check(layer, window, channels, Kind.NORMAL, true, Activation.IDENTITY);
  }

  /** All sizes, strides and paddings of the usual kernels, on maps small enough for every edge. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 9})
  void windows(int kernel) {
    for (int size : new int[] {1, 2, 3, 4, 5, 7, 8, 14, 19}) {
      for (int stride = 1; stride <= 3; stride++) {
        for (int padding : new int[] {SAME, 0, 1, kernel / 2, kernel}) {
          Window window = TestWindows.of(size, size + stride - 1, kernel, stride, 1, padding);
          check("windows", window, 18, Kind.NORMAL, true, Activation.IDENTITY);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void dilation(int dilation) {
    for (int kernel : new int[] {3, 5, 7}) {
      for (int stride = 1; stride <= 2; stride++) {
        Window window = TestWindows.of(17, 14, kernel, stride, dilation, dilation * (kernel / 2));
        check("dilation", window, 18, Kind.NORMAL, true, Activation.IDENTITY);
        window = TestWindows.of(17, 14, kernel, stride, dilation, SAME);
        check("dilation", window, 18, Kind.NORMAL, false, Activation.IDENTITY);
      }
    }
  }

  @Test
  void windowsThatAreNotSquare() {
    Window window = TestWindows.irregular();
    check("not square", window, 35, Kind.NORMAL, true, Activation.IDENTITY);
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.KernelParity#extents")
  void anyNumberOfChannels(int channels) {
    for (int kernel : new int[] {3, 5, 7}) {
      for (int stride = 1; stride <= 2; stride++) {
        Window window = TestWindows.of(9, 8, kernel, stride, 1, kernel / 2);
        check("channels", window, channels, Kind.NORMAL, true, Activation.RELU);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void activations(Activation activation) {
    check("", TestWindows.of(14, 14, 3, 1, 1, 1), 40, Kind.NORMAL, true, activation);
    check("", TestWindows.of(14, 14, 5, 2, 1, SAME), 23, Kind.NORMAL, false, activation);
  }

  @ParameterizedTest
  @EnumSource
  void unusualNumbers(Kind kind) {
    for (int kernel : new int[] {3, 5, 7}) {
      for (int stride = 1; stride <= 2; stride++) {
        Window window = TestWindows.of(15, 20, kernel, stride, 1, kernel / 2);
        check("", window, 37, kind, true, Activation.IDENTITY);
        check("", window, 37, kind, true, Activation.HARD_SWISH);
      }
    }
  }

  private void check(
      String layer,
      Window window,
      int channels,
      Kind kind,
      boolean withBias,
      Activation activation) {
    Tensor x = random.tensor(kind, window.inHeight(), window.inWidth(), channels);
    Kind ofWeights = kind == Kind.OUTLIERS ? kind : Kind.NORMAL;
    float[] w = random.floats(ofWeights, window.taps() * channels);
    float[] bias = withBias ? random.floats(ofWeights, channels) : null;
    Shape shape = TestWindows.output(window, channels);
    Workspace scalar = new Workspace();
    Tensor sums = Guarded.unset(shape);
    KernelParity.SCALAR.depthwise(
        ErrorBound.magnitudes(x),
        window,
        ErrorBound.magnitudes(w),
        ErrorBound.magnitudes(bias),
        Activation.IDENTITY,
        sums,
        scalar);
    Tensor z = Guarded.unset(shape);
    KernelParity.SCALAR.depthwise(x, window, w, bias, Activation.IDENTITY, z, scalar);
    double[] bounds = ErrorBound.ofSums(window.taps() + 1, sums);
    KernelParity.check(
        "%s: %s, %d channels, %s, %s, %s"
            .formatted(layer, window, channels, kind, activation, random),
        Guarded.unset(shape),
        List.of(x),
        activation == Activation.IDENTITY ? bounds : ErrorBound.ofActivation(bounds, z),
        (kernels, y, ws) -> kernels.depthwise(x, window, w, bias, activation, y, ws));
  }
}
