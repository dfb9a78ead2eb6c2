package ocellus.engine.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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

class GroupedConvParityTest {
  private final RandomData random = new RandomData();

  /** Channels of a group that the kernels in use take. */
  static IntStream sizes() {
    return IntStream.of(1, 2, 4, 8, 16, 32).filter(Kernels.active()::convolvesGroupsOf);
  }

  @Test
  void someSizesAreTaken() {
    assertTrue(sizes().count() >= 3);
  }

  @ParameterizedTest(name = "{0}: {1}x{1}, {2} groups of {3}, stride {4}")
  @CsvSource({
    "RegNetX-002 s1, 112, 3, 8, 2",
    "RegNetX-002 s3, 14, 19, 8, 1",
    "RegNetX-002 s4, 7, 46, 8, 1",
    "ResNeXt-50 32x4d layer1, 56, 32, 4, 1",
    "ResNeXt-50 32x4d layer3, 28, 32, 16, 2",
    "ResNeXt-50 32x4d layer4, 7, 32, 32, 1"
  })
  void realLayers(String layer, int size, int groups, int channels, int stride) {
    if (Kernels.active().convolvesGroupsOf(channels)) {
      Window window = TestWindows.of(size, size, 3, stride, 1, 1);
      check(layer, window, channels, groups, Kind.NORMAL, false, Activation.RELU);
    }
  }

  /** All sizes, strides and paddings of the usual kernels, on maps small enough for every edge. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void windows(int kernel) {
    for (int size : new int[] {1, 2, 4, 5, 8, 14, 19}) {
      for (int stride = 1; stride <= 3; stride++) {
        for (int padding : new int[] {TestWindows.SAME, 0, 1, kernel}) {
          Window window = TestWindows.of(size, size + stride - 1, kernel, stride, 1, padding);
          check("windows", window, 2, 9, Kind.NORMAL, false, Activation.IDENTITY);
        }
      }
    }
  }

  @Test
  void unusualWindows() {
    for (int stride = 1; stride <= 2; stride++) {
      Window window = TestWindows.of(17, 14, 3, stride, 2, 2);
      check("dilation", window, 4, 5, Kind.NORMAL, false, Activation.IDENTITY);
    }
    check("", TestWindows.irregular(), 4, 9, Kind.NORMAL, true, Activation.IDENTITY);
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void anyNumberOfGroups(int channels) {
    for (int groups : new int[] {1, 2, 3, 5, 8, 9, 17}) {
      for (int stride = 1; stride <= 2; stride++) {
        Window window = TestWindows.of(9, 8, 3, stride, 1, 1);
        check("groups", window, channels, groups, Kind.NORMAL, groups % 2 == 0, Activation.RELU);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void activations(Activation activation) {
    check("", TestWindows.of(14, 14, 3, 1, 1, 1), 2, 20, Kind.NORMAL, true, activation);
    check("", TestWindows.of(14, 14, 5, 2, 1, 2), 4, 7, Kind.NORMAL, false, activation);
  }

  @ParameterizedTest
  @EnumSource
  void unusualNumbers(Kind kind) {
    for (int stride = 1; stride <= 2; stride++) {
      Window window = TestWindows.of(15, 20, 3, stride, 1, 1);
      check("", window, 4, 9, kind, true, Activation.IDENTITY);
      check("", window, 2, 17, kind, false, Activation.HARD_SWISH);
    }
  }

  /** What is not a number stays in its group; in the others there is what there was. */
  @ParameterizedTest
  @MethodSource("sizes")
  void groupsDoNotTouch(int channels) {
    int groups = 9;
    Window window = TestWindows.of(5, 6, 3, 1, 1, 1);
    float[] weight = random.floats(Kind.NORMAL, groups * channels * channels * window.taps());
    Tensor x = random.tensor(Kind.NORMAL, 5, 6, groups * channels);
    Tensor y = Tensor.zeros(5, 6, (long) groups * channels);
    Tensor clean = Tensor.zeros(5, 6, (long) groups * channels);
    try (Arena arena = Arena.ofShared()) {
      PackedMatrix w = pack(arena, TestMatrices.ACTIVE, weight, channels, groups, window);
      Workspace ws = new Workspace();
      Kernels.groupedConv2d(x, window, w, null, null, Activation.IDENTITY, clean, ws);
      for (int pixel = 0; pixel < 30; pixel++) {
        x.data()[x.offset() + pixel * groups * channels + 4 * channels] = Float.NaN;
      }
      Kernels.groupedConv2d(x, window, w, null, null, Activation.IDENTITY, y, ws);
    }
    for (int i = 0; i < y.size(); i++) {
      boolean reached = i / channels % groups == 4;
      assertEquals(reached ? Float.NaN : clean.toArray()[i], y.toArray()[i], "element " + i);
    }
  }

  /** Weights of 16 bits count as what they have been rounded to. */
  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void halfWeights(WeightFormat format) {
    int channels = 4;
    int groups = 17;
    Window window = TestWindows.of(9, 15, 3, 1, 1, 1);
    float[] weight = random.floats(Kind.NORMAL, groups * channels * channels * window.taps());
    Tensor x = random.tensor(Kind.NORMAL, 9, 15, groups * channels);
    try (Arena arena = Arena.ofShared()) {
      PackedMatrix half =
          pack(arena, TestMatrices.ACTIVE.with(format), weight, channels, groups, window);
      PackedMatrix rounded = Kernels.pack(arena, WeightFormat.F32, half.k(), half.n(), half::read);
      Tensor expected = Tensor.zeros(9, 15, (long) groups * channels);
      Tensor actual = Tensor.zeros(9, 15, (long) groups * channels);
      Workspace ws = new Workspace();
      Kernels.groupedConv2d(x, window, rounded, null, null, Activation.RELU, expected, ws);
      Kernels.groupedConv2d(x, window, half, null, null, Activation.RELU, actual, ws);
      for (int i = 0; i < expected.size(); i++) {
        assertEquals(expected.toArray()[i], actual.toArray()[i], "element " + i);
      }
    }
  }

  private void check(
      String layer,
      Window window,
      int channels,
      int groups,
      Kind kind,
      boolean withResidual,
      Activation activation) {
    int all = groups * channels;
    Tensor x = random.tensor(kind, window.inHeight(), window.inWidth(), all);
    Kind ofWeights = kind == Kind.OUTLIERS ? kind : Kind.NORMAL;
    float[] weight = random.floats(ofWeights, all * channels * window.taps());
    float[] bias = withResidual ? random.floats(ofWeights, all) : null;
    Shape shape = TestWindows.output(window, all);
    Tensor residual =
        withResidual ? Guarded.tensor(random.floats((int) shape.size()), shape) : null;
    try (Arena arena = Arena.ofShared()) {
      PackedMatrix w = pack(arena, TestMatrices.ACTIVE, weight, channels, groups, window);
      float[] sizes = ErrorBound.magnitudes(weight);
      PackedMatrix magnitudes = pack(arena, TestMatrices.ACTIVE, sizes, channels, groups, window);
      Workspace ws = new Workspace();
      Tensor sums = Guarded.unset(shape);
      KernelParity.SCALAR.groupedConv2d(
          ErrorBound.magnitudes(x),
          window,
          magnitudes,
          ErrorBound.magnitudes(bias),
          ErrorBound.magnitudes(residual),
          Activation.IDENTITY,
          sums,
          ws);
      Tensor z = Guarded.unset(shape);
      KernelParity.SCALAR.groupedConv2d(x, window, w, bias, residual, Activation.IDENTITY, z, ws);
      double[] bounds = ErrorBound.ofSums(w.k() + 2, sums);
      KernelParity.check(
          "%s: %s, %d groups of %d, %s, residual %s, %s, %s"
              .formatted(layer, window, groups, channels, kind, withResidual, activation, random),
          Guarded.unset(shape),
          Stream.of(x, residual).filter(Objects::nonNull).toList(),
          activation == Activation.IDENTITY ? bounds : ErrorBound.ofActivation(bounds, z),
          (kernels, y, workspace) ->
              kernels.groupedConv2d(x, window, w, bias, residual, activation, y, workspace));
      if (withResidual) {
        KernelParity.check(
            layer + " " + window + " in place, " + random,
            residual,
            List.of(x),
            activation == Activation.IDENTITY ? bounds : ErrorBound.ofActivation(bounds, z),
            (kernels, y, workspace) ->
                kernels.groupedConv2d(x, window, w, bias, y, activation, y, workspace));
      }
    }
  }

  private static PackedMatrix pack(
      Arena arena, TestMatrices like, float[] weight, int channels, int groups, Window window) {
    return like.packFilters(arena, weight, channels, groups * channels, 1, window.taps())[0];
  }
}
