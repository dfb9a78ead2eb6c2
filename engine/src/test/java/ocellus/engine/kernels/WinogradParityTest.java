package ocellus.engine.kernels;

import static ocellus.engine.kernels.TestWindows.SAME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/** Minimal filtering against the direct sum in double of the filters before their transform. */
class WinogradParityTest {
  private final RandomData random = new RandomData();

  @ParameterizedTest(name = "{0}: {1}x{1}x{2} to {3}")
  @CsvSource({
    "VGG features.2, 38, 64, 64",
    "EfficientNetV2-S blocks.1.1, 25, 48, 192",
    "EfficientNetV2-S blocks.0.0, 30, 24, 24",
    "ResNet-50 layer2, 28, 128, 128",
    "ResNet-50 layer3, 14, 256, 64",
    "ResNet-50 layer4, 7, 512, 80",
    "beyond a block of the reduction, 9, 800, 40"
  })
  void shapesOfLayers(String layer, int size, int cin, int cout) {
    Window window = TestWindows.of(size, size, 3, 1, 1, 1);
    for (Winograd tiles : Winograd.values()) {
      check(layer, window, tiles, cin, cout, Kind.NORMAL, false, Activation.RELU);
    }
  }

  @ParameterizedTest(name = "{0}x{1} padding {2}")
  @CsvSource({
    "1, 1, 1",
    "1, 9, 1",
    "9, 1, -1",
    "3, 3, 0",
    "4, 6, 0",
    "7, 5, 1",
    "13, 11, 2",
    "3, 3, 5",
    "2, 2, 0",
    "12, 17, -1",
    "8, 64, 1"
  })
  void maps(int height, int width, int padding) {
    Window window = TestWindows.of(height, width, 3, 1, 1, padding);
    for (Winograd tiles : Winograd.values()) {
      check("map", window, tiles, 3, 19, Kind.NORMAL, true, Activation.RELU);
      check("map", window, tiles, 8, 5, Kind.NORMAL, false, Activation.IDENTITY);
    }
  }

  @Test
  void paddingThatDiffersBetweenSides() {
    Window window = new Window(9, 10, 3, 3, 1, 1, 1, 1, 0, 2, 8, 11);
    for (Winograd tiles : Winograd.values()) {
      check("lopsided", window, tiles, 6, 17, Kind.NORMAL, true, Activation.GELU);
    }
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.KernelParity#positiveExtents")
  void anyNumberOfChannels(int channels) {
    Window window = TestWindows.of(6, 7, 3, 1, 1, 1);
    for (Winograd tiles : Winograd.values()) {
      check("input channels", window, tiles, channels, 6, Kind.NORMAL, true, Activation.IDENTITY);
      check("output channels", window, tiles, 4, channels, Kind.NORMAL, true, Activation.RELU6);
    }
  }

  @ParameterizedTest
  @EnumSource
  void activations(Activation activation) {
    for (Winograd tiles : Winograd.values()) {
      Window window = TestWindows.of(9, 9, 3, 1, 1, SAME);
      check("", window, tiles, 6, 21, Kind.NORMAL, true, activation);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NORMAL", "OUTLIERS"})
  void unusualNumbers(Kind kind) {
    for (Winograd tiles : Winograd.values()) {
      Window window = TestWindows.of(20, 21, 3, 1, 1, 1);
      check("", window, tiles, 16, 24, kind, true, Activation.IDENTITY);
      check("", window, tiles, 33, 32, kind, false, Activation.HARD_SWISH);
    }
  }

  /**
   * Far from the bounds, which allow for the worst signs: typical errors, relative to typical sums.
   */
  @ParameterizedTest
  @CsvSource({"F2, 3e-7", "F4, 8e-7"})
  void typicalErrors(Winograd tiles, double largest) {
    int channels = 64;
    Window window = TestWindows.of(24, 24, 3, 1, 1, 1);
    Tensor x = random.tensor(Kind.NORMAL, 24, 24, channels);
    float[] weight = random.floats(Kind.NORMAL, channels * channels * 9);
    Shape shape = TestWindows.output(window, channels);
    Tensor y = Guarded.unset(shape);
    Workspace ws = new Workspace();
    try (Arena arena = Arena.ofShared()) {
      PackedMatrix w =
          TestMatrices.ACTIVE.packTransformed(arena, tiles, weight, channels, channels);
      Kernels.winogradConv2d(x, window, tiles, w, null, null, Activation.IDENTITY, y, ws);
    }
    double[] exact = Naive.conv2d(x.toArray(), channels, window, weight, null, channels, 1);
    float[] actual = y.toArray();
    double errors = 0;
    double sums = 0;
    for (int i = 0; i < exact.length; i++) {
      errors += Math.pow(actual[i] - exact[i], 2);
      sums += Math.pow(exact[i], 2);
    }
    double typical = Math.sqrt(errors / sums);
    assertTrue(typical < largest, tiles + ": " + typical + ", " + random);
  }

  /** A NaN is heard by every window that sees it, and by none of another tile that does not. */
  @ParameterizedTest
  @EnumSource
  void specialNumbersStayNear(Winograd tiles) {
    int size = 16;
    int at = 7;
    Window window = TestWindows.of(size, size, 3, 1, 1, 1);
    float[] map = random.floats(size * size * 2);
    map[(at * size + at) * 2] = Float.NaN;
    Tensor x = Guarded.tensor(map, Shape.of(size, size, 2));
    Tensor y = Guarded.unset(TestWindows.output(window, 3));
    float[] weight = random.floats(3 * 2 * 9);
    try (Arena arena = Arena.ofShared()) {
      PackedMatrix w = TestMatrices.ACTIVE.packTransformed(arena, tiles, weight, 2, 3);
      Kernels.winogradConv2d(
          x, window, tiles, w, null, null, Activation.IDENTITY, y, new Workspace());
    }
    float[] values = y.toArray();
    int m = tiles.outputs();
    for (int i = 0; i < values.length; i++) {
      int oy = i / 3 / size;
      int ox = i / 3 % size;
      boolean sees = Math.abs(oy - at) <= 1 && Math.abs(ox - at) <= 1;
      boolean sharesTile = touches(oy / m * m, m, at) && touches(ox / m * m, m, at);
      assertTrue(!sees || Float.isNaN(values[i]), "(" + oy + ", " + ox + ")");
      assertTrue(sharesTile || !Float.isNaN(values[i]), "(" + oy + ", " + ox + ")");
    }
  }

  @ParameterizedTest
  @EnumSource
  void scalarKernels(Winograd tiles) {
    int cin = 5;
    int cout = 7;
    Window window = TestWindows.of(9, 6, 3, 1, 1, 1);
    Tensor x = random.tensor(Kind.NORMAL, 9, 6, cin);
    float[] weight = random.floats(cout * cin * 9);
    float[] bias = random.floats(cout);
    Tensor y = Guarded.unset(TestWindows.output(window, cout));
    try (Arena arena = Arena.ofShared()) {
      PackedMatrix w = TestMatrices.ACTIVE.packTransformed(arena, tiles, weight, cin, cout);
      KernelParity.SCALAR.winogradConv2d(
          x, window, tiles, w, bias, null, Activation.IDENTITY, y, new Workspace());
    }
    double[] exact = Naive.conv2d(x.toArray(), cin, window, weight, bias, cout, 1);
    double[] bounds = ErrorBound.ofMinimalFiltering(x, window, tiles, weight, bias, null);
    float[] actual = y.toArray();
    for (int i = 0; i < exact.length; i++) {
      assertEquals(exact[i], actual[i], bounds[i], "element " + i + ", " + random);
    }
  }

  private static boolean touches(int first, int count, int pixel) {
    return pixel >= first - 1 && pixel <= first + count;
  }

  private void check(
      String layer,
      Window window,
      Winograd tiles,
      int cin,
      int cout,
      Kind kind,
      boolean withResidual,
      Activation activation) {
    Tensor x = random.tensor(kind, window.inHeight(), window.inWidth(), cin);
    float[] weight = random.floats(kind, cout * cin * window.taps());
    float[] bias = random.floats(kind, cout);
    Shape shape = TestWindows.output(window, cout);
    Tensor residual =
        withResidual ? Guarded.tensor(random.floats((int) shape.size()), shape) : null;
    try (Arena arena = Arena.ofShared()) {
      PackedMatrix[] w = TestMatrices.ACTIVE.packFilters(arena, weight, cin, cout, 1, 9);
      PackedMatrix transformed =
          TestMatrices.ACTIVE.packTransformed(arena, tiles, weight, cin, cout);
      Tensor z = Guarded.unset(shape);
      Workspace ws = new Workspace();
      KernelParity.SCALAR.conv2d(x, window, w, bias, residual, Activation.IDENTITY, z, ws);
      double[] bounds = ErrorBound.ofMinimalFiltering(x, window, tiles, weight, bias, residual);
      if (activation != Activation.IDENTITY) {
        bounds = ErrorBound.ofActivation(bounds, z);
      }
      String what =
          "%s %s, %s, %d to %d, %s, residual %s, %s, %s"
              .formatted(layer, window, tiles, cin, cout, kind, withResidual, activation, random);
      List<Tensor> inputs = Stream.of(x, residual).filter(Objects::nonNull).toList();
      Call call =
          (kernels, y, workspace) -> {
            if (kernels.equals(KernelParity.SCALAR)) {
              kernels.conv2d(x, window, w, bias, residual, activation, y, workspace);
            } else {
              kernels.winogradConv2d(
                  x, window, tiles, transformed, bias, residual, activation, y, workspace);
            }
          };
      KernelParity.check(what, Guarded.unset(shape), inputs, bounds, call);
      if (withResidual) {
        KernelParity.check(
            "in place, " + what,
            residual,
            List.of(x),
            bounds,
            (kernels, y, workspace) -> {
              if (kernels.equals(KernelParity.SCALAR)) {
                kernels.conv2d(x, window, w, bias, y, activation, y, workspace);
              } else {
                kernels.winogradConv2d(
                    x, window, tiles, transformed, bias, y, activation, y, workspace);
              }
            });
      }
    }
  }
}
