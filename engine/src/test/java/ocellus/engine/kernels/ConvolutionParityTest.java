package ocellus.engine.kernels;

import static ocellus.engine.kernels.TestWindows.SAME;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.KernelParity.Call;
import ocellus.engine.kernels.RandomData.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConvolutionParityTest {
  private final RandomData random = new RandomData();

  @ParameterizedTest(name = "{0}: {1}x{1}x{2} to {3}, {4}x{4} stride {5} padding {6}")
  @CsvSource({
    "MobileNetV3 conv_stem, 224, 3, 16, 3, 2, 1",
    "tf_mobilenetv3 conv_stem, 224, 3, 16, 3, 2, -1",
    "tf_mobilenetv3 at an odd size, 225, 3, 16, 3, 2, -1",
    "Fashion-MNIST conv_stem, 28, 1, 16, 3, 2, 1",
    "ViT-Ti/16 patch embedding, 224, 3, 192, 16, 16, 0",
    "ConvNeXt stem, 224, 3, 96, 4, 4, 0",
    "ConvNeXt downsampling, 28, 96, 192, 2, 2, 0",
    "MobileNetV2 conv_stem, 112, 3, 32, 3, 2, 1",
    "EfficientNet-B3 conv_stem, 75, 3, 40, 3, 2, -1",
    "ResNet conv1, 112, 3, 64, 7, 2, 3",
    "ResNet layer2 conv2, 28, 128, 128, 3, 1, 1",
    "ResNet shortcut, 28, 64, 128, 1, 2, 0"
  })
  void realLayers(String layer, int size, int cin, int cout, int kernel, int stride, int padding) {
    Window window = TestWindows.of(size, size, kernel, stride, 1, padding);
    check(layer, window, cin, cout, 1, Kind.NORMAL, false, Activation.IDENTITY);
  }

  @ParameterizedTest(name = "{0}x{1}, {2}x{2} stride {3} dilation {4} padding {5}")
  @CsvSource({
    "1, 1, 3, 1, 1, 1",
    "1, 9, 3, 1, 1, 1",
    "9, 1, 3, 2, 1, -1",
    "5, 7, 1, 1, 1, 0",
    "5, 7, 1, 2, 1, 0",
    "5, 7, 1, 1, 1, 1",
    "6, 7, 2, 2, 1, 0",
    "7, 6, 3, 1, 2, 2",
    "13, 11, 3, 2, 2, -1",
    "8, 8, 5, 3, 1, 2",
    "10, 9, 5, 1, 1, -1",
    "4, 4, 7, 1, 1, 3",
    "3, 3, 3, 1, 1, 5",
    "12, 17, 4, 4, 1, -1",
    "2, 2, 3, 1, 1, 0"
  })
  void windows(int height, int width, int kernel, int stride, int dilation, int padding) {
    Window window = TestWindows.of(height, width, kernel, stride, dilation, padding);
    check("window", window, 3, 19, 1, Kind.NORMAL, true, Activation.RELU);
    check("window", window, 8, 5, 1, Kind.NORMAL, false, Activation.IDENTITY);
    check("window", window, 2, 3, 4, Kind.NORMAL, true, Activation.IDENTITY);
  }

  /** Windows that are six floats apart, from an image of one pixel to several bands of it. */
  @ParameterizedTest(name = "{0}x{1}x{2}, {3}x{3} stride {4} padding {5}")
  @CsvSource({
    "1, 1, 3, 3, 2, 1",
    "1, 33, 3, 3, 2, -1",
    "33, 1, 3, 3, 2, 1",
    "3, 3, 3, 3, 2, 0",
    "4, 6, 3, 3, 2, 0",
    "29, 17, 3, 3, 2, 0",
    "17, 30, 3, 3, 2, -1",
    "18, 61, 3, 3, 2, 1",
    "7, 8, 3, 3, 2, 4",
    "2, 3, 3, 7, 2, 3",
    "23, 39, 3, 7, 2, 3",
    "20, 22, 3, 1, 2, 0",
    "21, 31, 3, 16, 2, 5",
    "9, 19, 6, 3, 1, 1",
    "14, 19, 2, 5, 3, 2",
    "25, 31, 1, 6, 6, 0"
  })
  void windowsSixFloatsApart(int height, int width, int cin, int kernel, int stride, int padding) {
    Window window = TestWindows.of(height, width, kernel, stride, 1, padding);
    for (int cout : new int[] {1, 5, 8, 16, 17, 24, 31, 32, 33, 40}) {
      check("stem", window, cin, cout, 1, Kind.NORMAL, false, Activation.IDENTITY);
    }
    check("stem", window, cin, 24, 1, Kind.SPECIAL, false, Activation.HARD_SWISH);
    check("stem", window, cin, 16, 1, Kind.OUTLIERS, false, Activation.RELU6);
    check("stem", window, cin, 16, 1, Kind.NORMAL, true, Activation.RELU);
  }

  @Test
  void windowsSixFloatsApartThatAreNotSquare() {
    Window window = new Window(17, 40, 2, 5, 3, 2, 4, 1, 1, 2, 5, 20);
    check("not square", window, 3, 17, 1, Kind.NORMAL, false, Activation.GELU);
    check("not square", window, 3, 16, 1, Kind.SPECIAL, false, Activation.SILU);
  }

  @Test
  void windowsThatAreNotSquare() {
    Window window = TestWindows.irregular();
    check("not square", window, 5, 17, 1, Kind.NORMAL, true, Activation.GELU);
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.KernelParity#positiveExtents")
  void anyNumberOfChannels(int channels) {
    Window window = TestWindows.of(6, 5, 3, 1, 1, 1);
    check("input channels", window, channels, 6, 1, Kind.NORMAL, true, Activation.IDENTITY);
    check("output channels", window, 4, channels, 1, Kind.NORMAL, true, Activation.RELU6);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 8, 32})
  void groups(int groups) {
    Window window = TestWindows.of(7, 7, 3, 2, 1, 1);
    check("groups", window, 4, 4, groups, Kind.NORMAL, true, Activation.SILU);
    check("groups", window, 1, 3, groups, Kind.NORMAL, false, Activation.IDENTITY);
  }

  @ParameterizedTest
  @EnumSource
  void activations(Activation activation) {
    check("", TestWindows.of(9, 9, 3, 2, 1, SAME), 6, 21, 1, Kind.NORMAL, false, activation);
    check("", TestWindows.of(5, 6, 3, 1, 1, 1), 3, 7, 2, Kind.NORMAL, true, activation);
  }

  @ParameterizedTest
  @EnumSource
  void unusualNumbers(Kind kind) {
    check("", TestWindows.of(20, 21, 3, 2, 1, 1), 16, 24, 1, kind, true, Activation.IDENTITY);
    check("", TestWindows.of(20, 21, 5, 1, 1, SAME), 3, 8, 2, kind, false, Activation.HARD_SWISH);
  }

  private void check(
      String layer,
      Window window,
      int cin,
      int cout,
      int groups,
      Kind kind,
      boolean withResidual,
      Activation activation) {
    Tensor x = random.tensor(kind, window.inHeight(), window.inWidth(), groups * cin);
    Kind ofWeights = kind == Kind.OUTLIERS ? kind : Kind.NORMAL;
    float[] weight = random.floats(ofWeights, groups * cout * cin * window.taps());
    float[] bias = random.floats(ofWeights, groups * cout);
    Shape shape = TestWindows.output(window, groups * cout);
    Tensor residual =
        withResidual ? Guarded.tensor(random.floats((int) shape.size()), shape) : null;
    try (Arena arena = Arena.ofShared()) {
      PackedMatrix[] w = pack(arena, weight, cin, cout, groups, window);
      PackedMatrix[] magnitudes =
          pack(arena, ErrorBound.magnitudes(weight), cin, cout, groups, window);
      Workspace ws = new Workspace();
      Tensor sums = Guarded.unset(shape);
      KernelParity.SCALAR.conv2d(
          ErrorBound.magnitudes(x),
          window,
          magnitudes,
          ErrorBound.magnitudes(bias),
          ErrorBound.magnitudes(residual),
          Activation.IDENTITY,
          sums,
          ws);
      Tensor z = Guarded.unset(shape);
      KernelParity.SCALAR.conv2d(x, window, w, bias, residual, Activation.IDENTITY, z, ws);
      double[] bounds = ErrorBound.ofSums(window.taps() * cin + 2, sums);
      Call call =
          (kernels, y, workspace) ->
              kernels.conv2d(x, window, w, bias, residual, activation, y, workspace);
      KernelParity.check(
          "%s %s, %d groups of %d to %d, %s, residual %s, %s, %s"
              .formatted(layer, window, groups, cin, cout, kind, withResidual, activation, random),
          Guarded.unset(shape),
          Stream.of(x, residual).filter(Objects::nonNull).toList(),
          activation == Activation.IDENTITY ? bounds : ErrorBound.ofActivation(bounds, z),
          call);
      if (withResidual) {
        KernelParity.check(
            layer + " " + window + " in place, " + random,
            residual,
            List.of(x),
            activation == Activation.IDENTITY ? bounds : ErrorBound.ofActivation(bounds, z),
            (kernels, y, workspace) ->
                kernels.conv2d(x, window, w, bias, y, activation, y, workspace));
      }
    }
  }

  private static PackedMatrix[] pack(
      Arena arena, float[] weight, int cin, int cout, int groups, Window window) {
    return TestMatrices.ACTIVE.packFilters(arena, weight, cin, cout, groups, window.taps());
  }
}
