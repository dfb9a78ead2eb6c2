package ocellus.engine.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Window.Padding;
import ocellus.engine.threads.Threads;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Weights packed as 16 bits give the bits that the same weights, rounded beforehand, give when they
 * are packed as F32.
 */
class HalfWeightsTest {
  private static final List<WeightFormat> FORMATS = List.of(WeightFormat.F16, WeightFormat.BF16);

  private static final List<Workspace> WORKSPACES =
      IntStream.of(1, 3).mapToObj(n -> new Workspace(Threads.of(n))).toList();

  private final RandomData random = new RandomData();

  @ParameterizedTest(name = "{0}: {1} x {2} x {3}")
  @CsvSource({
    "ViT-Ti qkv, 197, 192, 576",
    "ViT-B fc1, 197, 768, 3072",
    "ViT-B fc2, 50, 3072, 768",
    "ViT-Ti head, 1, 192, 1000",
    "MobileNetV3-L blocks.1 pw, 3136, 16, 64",
    "MobileNetV3-L blocks.6 pw, 49, 160, 960",
    "MobileNetV3-S se reduce, 1, 16, 8",
    "MobileNetV3-L conv_head, 1, 960, 1280",
    "Fashion-MNIST classifier, 1, 1024, 10"
  })
  void realLayers(String layer, int rows, int k, int n) {
    check(rows, k, n);
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.KernelParity#extents")
  void anyNumberOfColumns(int n) {
    check(1, 37, n);
    check(2, 37, n);
    check(29, 36, n);
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.LinearParityTest#columnsAroundPanels")
  void columnsAroundPanels(int n) {
    check(1, 41, n);
    check(15, 41, n);
  }

  static IntStream dotLengths() {
    return IntStream.of(LinearParityTest.dotLengths);
  }

  @ParameterizedTest
  @MethodSource
  void dotLengths(int k) {
    int width = Kernels.active().panelWidth();
    check(1, k, 2 * width + 1);
    check(14, k, 2 * width + 1);
  }

  private void check(int rows, int k, int n) {
    for (WeightFormat format : FORMATS) {
      float[] weight = weights(format, n * k);
      Tensor x = random.tensor(RandomData.Kind.NORMAL, rows, k);
      float[] bias = random.floats(n);
      String what = "%d x %d x %d, %s, %s".formatted(rows, k, n, format, random);
      try (Arena arena = Arena.ofShared()) {
        PackedMatrix half = TestMatrices.ACTIVE.with(format).pack(arena, weight, k, n);
        PackedMatrix full = TestMatrices.ACTIVE.pack(arena, rounded(format, weight), k, n);
        assertTrue(half.bytes() <= full.bytes() / 2 + half.panelCount() * 64L, what);
        for (Workspace ws : WORKSPACES) {
          Tensor expected = Tensor.zeros(rows, n);
          Tensor actual = Tensor.zeros(rows, n);
          Kernels.linear(x, full, bias, null, Activation.GELU, expected, ws);
          Kernels.linear(x, half, bias, null, Activation.GELU, actual, ws);
          assertArrayEquals(bits(expected), bits(actual), what);
        }
      }
    }
  }

  /** Layers take turns in one workspace, and what one has widened is not taken for the other's. */
  @Test
  void matricesTakeTurns() {
    int width = Kernels.active().panelWidth();
    try (Arena arena = Arena.ofShared()) {
      for (int k : new int[] {20, 4000}) {
        int n = 3 * width;
        float[] first = rounded(WeightFormat.BF16, weights(WeightFormat.BF16, n * k));
        float[] second = rounded(WeightFormat.F16, weights(WeightFormat.F16, n * k));
        Tensor x = random.tensor(RandomData.Kind.NORMAL, 30, k);
        PackedMatrix a = TestMatrices.ACTIVE.with(WeightFormat.BF16).pack(arena, first, k, n);
        PackedMatrix b = TestMatrices.ACTIVE.with(WeightFormat.F16).pack(arena, second, k, n);
        PackedMatrix wideA = TestMatrices.ACTIVE.pack(arena, first, k, n);
        PackedMatrix wideB = TestMatrices.ACTIVE.pack(arena, second, k, n);
        for (Workspace ws : WORKSPACES) {
          for (int turn = 0; turn < 3; turn++) {
            assertArrayEquals(bits(product(x, wideA, ws)), bits(product(x, a, ws)));
            assertArrayEquals(bits(product(x, wideB, ws)), bits(product(x, b, ws)));
          }
        }
      }
    }
  }

  private static Tensor product(Tensor x, PackedMatrix w, Workspace ws) {
    Tensor y = Tensor.zeros(x.rows(), w.n());
    Kernels.linear(x, w, null, null, Activation.IDENTITY, y, ws);
    return y;
  }

  static Stream<WeightFormat> formats() {
    return FORMATS.stream();
  }

  @ParameterizedTest
  @MethodSource("formats")
  void convolution(WeightFormat format) {
    convolve(format, 2, 7, 37);
  }

  /** Windows that are read where they are. */
  @ParameterizedTest
  @MethodSource("formats")
  void convolutionOfThreeChannels(WeightFormat format) {
    convolve(format, 1, 3, 16);
    convolve(format, 1, 3, 37);
  }

  private void convolve(WeightFormat format, int groups, int in, int out) {
    Window window = Window.of(11, 9, 3, 2, 1, new Padding.Fixed(1));
    long channels = (long) groups * out;
    float[] weight = weights(format, groups * out * in * 9);
    Tensor x = random.tensor(RandomData.Kind.NORMAL, 11, 9, groups * in);
    try (Arena arena = Arena.ofShared()) {
      TestMatrices full = TestMatrices.ACTIVE;
      PackedMatrix[] half = full.with(format).packFilters(arena, weight, in, out, groups, 9);
      PackedMatrix[] wide = full.packFilters(arena, rounded(format, weight), in, out, groups, 9);
      for (Workspace ws : WORKSPACES) {
        Tensor expected = Tensor.zeros(window.outHeight(), window.outWidth(), channels);
        Tensor actual = Tensor.zeros(window.outHeight(), window.outWidth(), channels);
        Kernels.conv2d(x, window, wide, null, null, Activation.RELU, expected, ws);
        Kernels.conv2d(x, window, half, null, null, Activation.RELU, actual, ws);
        assertArrayEquals(bits(expected), bits(actual), random.toString());
      }
    }
  }

  /** Every finite number of the format comes out as itself, by both ways of multiplying. */
  @ParameterizedTest
  @MethodSource("formats")
  void everyNumberIsExact(WeightFormat format) {
    int n = 1 << Short.SIZE;
    float[] all = new float[n];
    for (int i = 0; i < n; i++) {
      float value = format.widen((short) i);
      all[i] = format.holds(value) ? value : 0;
    }
    try (Arena arena = Arena.ofShared()) {
      for (int rows : new int[] {1, 2}) {
        for (int k : new int[] {1, 2, 3}) {
          // The identity's last row, so that each weight is in the last row of its panel.
          Tensor x = Tensor.zeros(rows, k);
          for (int r = 0; r < rows; r++) {
            x.data()[x.offset() + r * k + k - 1] = 1;
          }
          PackedMatrix w =
              Kernels.pack(arena, format, k, n, (j, to, at) -> to[at + k - 1] = all[j]);
          float[] y = product(x, w, WORKSPACES.getFirst()).toArray();
          for (int i = 0; i < rows * n; i++) {
            assertEquals(all[i % n] + 0f, y[i], "rows " + rows + ", k " + k + ", number " + i % n);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void roundsToNearestAndTiesToEven(WeightFormat format) {
    float step =
        switch (format) {
          case F32 -> 0;
          case F16 -> 0x1p-10f;
          case BF16 -> 0x1p-7f;
        };
    float[] values = {1 + step / 2, 1 + 3 * step / 2, -1 - step * 0.51f, 1 + step * 0.49f, -0f};
    float[] expected = {1, 1 + 2 * step, -1 - step, 1, -0f};
    assertArrayEquals(expected, rounded(format, values));
    assertTrue(format.holds(-format.largest()));
    assertFalse(format.holds(Float.POSITIVE_INFINITY));
    assertFalse(format.holds(Float.NaN));
    assertEquals(format == WeightFormat.F16, !format.holds(65505));
  }

  /** Weights of all sizes down to denormals, which 16 bits do not hold exactly. */
  private float[] weights(WeightFormat format, int count) {
    float[] weights = random.floats(count);
    float least = format == WeightFormat.F16 ? 0x1p-16f : Float.MIN_NORMAL;
    for (int i = 0; i < count; i++) {
      weights[i] *= i % 5 == 0 ? least : i % 7 == 0 ? 0.02f : 1;
    }
    return weights;
  }

  private static float[] rounded(WeightFormat format, float[] weights) {
    float[] rounded = weights.clone();
    if (format != WeightFormat.F32) {
      short[] halves = new short[weights.length];
      format.narrow(weights, halves, weights.length);
      for (int i = 0; i < halves.length; i++) {
        rounded[i] = format.widen(halves[i]);
      }
    }
    return rounded;
  }

  private static int[] bits(Tensor tensor) {
    float[] values = tensor.toArray();
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToIntBits(values[i]);
    }
    return bits;
  }
}
