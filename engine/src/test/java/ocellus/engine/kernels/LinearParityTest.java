package ocellus.engine.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.KernelParity.Call;
import ocellus.engine.kernels.RandomData.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

class LinearParityTest {
  enum Residual {
    NONE,
    OTHER,
    OUTPUT
  }

  private final RandomData random = new RandomData();

  @ParameterizedTest(name = "{0}: {1} x {2} x {3}")
  @CsvSource({
    "ViT-Ti qkv, 197, 192, 576",
    "ViT-Ti proj, 197, 192, 192",
    "ViT-Ti fc1, 197, 192, 768",
    "ViT-Ti fc2, 197, 768, 192",
    "ViT-S qkv, 197, 384, 1152",
    "ViT-B/32 fc2, 50, 3072, 768",
    "ViT-Ti head, 1, 192, 1000",
    "MobileNetV3-S blocks.0 pw, 3136, 16, 16",
    "MobileNetV3-S blocks.1.0 pw, 3136, 16, 72",
    "MobileNetV3-S blocks.1.1 pw, 784, 24, 72",
    "MobileNetV3-S blocks.2 pw, 196, 40, 240",
    "MobileNetV3-S blocks.4 pw, 49, 96, 576",
    "MobileNetV3-S blocks.4 pwl, 49, 576, 96",
    "MobileNetV3-S se reduce, 1, 16, 8",
    "MobileNetV3-S se expand, 1, 144, 576",
    "MobileNetV3-S conv_head, 1, 576, 1024",
    "MobileNetV3-S classifier, 1, 1024, 1000",
    "ConvNeXt-T fc2, 49, 3072, 768",
    "Fashion-MNIST classifier, 1, 1024, 10"
  })
  void realLayers(String layer, int rows, int k, int n) {
    check(layer, rows, k, n, Kind.NORMAL, true, Residual.NONE, Activation.IDENTITY);
    check(layer, rows, k, n, Kind.NORMAL, true, Residual.OUTPUT, Activation.IDENTITY);
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.KernelParity#extents")
  void anyNumberOfColumns(int n) {
    check("columns", 9, 37, n, Kind.NORMAL, true, Residual.OTHER, Activation.IDENTITY);
    check("columns", 1, 5, n, Kind.NORMAL, false, Residual.NONE, Activation.IDENTITY);
  }

  /** One more and one less than a panel of any width, and several panels and a rest. */
  static Stream<Arguments> columnsAroundPanels() {
    int width = Kernels.active().panelWidth();
    return IntStream.of(1, 2, 3, 5)
        .flatMap(panels -> IntStream.of(-1, 0, 1).map(rest -> panels * width + rest))
        .mapToObj(Arguments::arguments);
  }

  @ParameterizedTest
  @MethodSource
  void columnsAroundPanels(int n) {
    check("panels", 15, 40, n, Kind.NORMAL, true, Residual.OUTPUT, Activation.RELU);
  }

  /** Every number of rows up to more than two of the tallest tiles. */
  static IntStream anyNumberOfRows() {
    return IntStream.rangeClosed(0, 31);
  }

  @ParameterizedTest
  @MethodSource
  void anyNumberOfRows(int rows) {
    check("rows", rows, 19, 45, Kind.NORMAL, true, Residual.OTHER, Activation.IDENTITY);
    check("rows", rows, 64, 96, Kind.NORMAL, false, Residual.NONE, Activation.HARD_SWISH);
  }

  /** Nothing, little, odd, 7x7x3 and the neighbours of the usual block sizes. */
  static final int[] dotLengths = {
    0, 1, 2, 3, 15, 16, 17, 147, 255, 257, 511, 513, 767, 768, 769, 1023, 1025, 1537, 2305, 3072
  };

  @ParameterizedTest
  @FieldSource
  void dotLengths(int k) {
    check("length", 14, k, 33, Kind.NORMAL, true, Residual.OUTPUT, Activation.SILU);
    check("length", 1, k, 70, Kind.NORMAL, true, Residual.NONE, Activation.IDENTITY);
  }

  /** Up to more panels than one row is ever multiplied with at once, with and without a rest. */
  static IntStream columnsOfOneRow() {
    int width = Kernels.active().panelWidth();
    return IntStream.rangeClosed(1, 18)
        .flatMap(panels -> IntStream.of(panels * width - 3, panels * width))
        .filter(n -> n > 0);
  }

  @ParameterizedTest
  @MethodSource
  void columnsOfOneRow(int n) {
    check("one row", 1, 29, n, Kind.NORMAL, true, Residual.OUTPUT, Activation.HARD_SWISH);
    check("one row", 1, 400, n, Kind.SPECIAL, false, Residual.OTHER, Activation.RELU);
  }

  /** Whether a row is computed alone or among others does not change its bits. */
  @ParameterizedTest
  @FieldSource("dotLengths")
  void rowsAloneHaveTheSameBits(int k) {
    int n = 5 * Kernels.active().panelWidth() + 3;
    Tensor x = random.tensor(3, k);
    Tensor residual = random.tensor(3, n);
    float[] bias = random.floats(n);
    Workspace ws = new Workspace();
    try (Arena arena = Arena.ofConfined()) {
      PackedMatrix w = TestMatrices.ACTIVE.pack(arena, random.floats(n * k), k, n);
      for (Activation activation : List.of(Activation.IDENTITY, Activation.RELU, Activation.SILU)) {
        Tensor together = Tensor.zeros(3, n);
        Kernels.linear(x, w, bias, residual, activation, together, ws);
        for (int r = 0; r < 3; r++) {
          Tensor alone = Tensor.zeros(1, n);
          Tensor row = ws.view(x, r * k, 1, k);
          Tensor added = ws.view(residual, r * n, 1, n);
          Kernels.linear(row, w, bias, added, activation, alone, ws);
          float[] expected = Arrays.copyOfRange(together.toArray(), r * n, (r + 1) * n);
          assertArrayEquals(expected, alone.toArray(), activation + ", row " + r + ", " + random);
        }
      }
    }
  }

  /** Of few rows all are summed in longer parts than of many. */
  @Test
  void rowsOfAnyNumberHaveTheSameBits() {
    int k = 3072;
    int n = 96;
    int few = 197;
    int all = 2 * few;
    Tensor x = random.tensor(all, k);
    Tensor residual = random.tensor(all, n);
    float[] bias = random.floats(n);
    Workspace ws = new Workspace();
    try (Arena arena = Arena.ofConfined()) {
      PackedMatrix w = TestMatrices.ACTIVE.pack(arena, random.floats(n * k), k, n);
      for (Activation activation : List.of(Activation.IDENTITY, Activation.RELU, Activation.SILU)) {
        Tensor many = Tensor.zeros(all, n);
        Kernels.linear(x, w, bias, residual, activation, many, ws);
        Tensor y = Tensor.zeros(few, n);
        Tensor first = ws.view(x, 0, few, k);
        Kernels.linear(first, w, bias, ws.view(residual, 0, few, n), activation, y, ws);
        float[] expected = Arrays.copyOfRange(many.toArray(), 0, few * n);
        assertArrayEquals(expected, y.toArray(), activation + ", " + random);
      }
    }
  }

  static Stream<Arguments> epilogues() {
    return Arrays.stream(Activation.values())
        .flatMap(
            activation ->
                Arrays.stream(Residual.values())
                    .flatMap(
                        residual ->
                            Stream.of(true, false)
                                .map(bias -> arguments(activation, residual, bias))));
  }

  @ParameterizedTest
  @MethodSource
  void epilogues(Activation activation, Residual residual, boolean bias) {
    check("epilogue", 17, 50, 75, Kind.NORMAL, bias, residual, activation);
    check("epilogue", 3, 7, 5, Kind.NORMAL, bias, residual, activation);
  }

  @ParameterizedTest
  @EnumSource
  void unusualNumbers(Kind kind) {
    for (Activation activation : Activation.values()) {
      check("unusual", 30, 192, 70, kind, true, Residual.NONE, activation);
      check("unusual", 5, 31, 11, kind, false, Residual.OTHER, activation);
    }
  }

  @ParameterizedTest(name = "{0}: {1} x {2} x {3}")
  @CsvSource({
    "ConvNeXtV2-A stage 3, 49, 640, 160",
    "ConvNeXtV2-T stage 4, 49, 3072, 768",
    "one row, 1, 37, 21",
    "nothing, 0, 5, 3",
    "large and odd, 301, 401, 70",
  })
  void scaled(String layer, int rows, int k, int n) {
    Tensor x = random.tensor(rows, k);
    Tensor factors = random.tensor(k);
    Tensor added = random.tensor(rows, n);
    float[] weight = random.floats(n * k);
    Tensor product = Guarded.copy(x);
    KernelParity.SCALAR.scaleChannels(product, factors, product, new Workspace());
    try (Arena arena = Arena.ofShared()) {
      PackedMatrix w = TestMatrices.ACTIVE.pack(arena, weight, k, n);
      PackedMatrix magnitudes =
          TestMatrices.ACTIVE.pack(arena, ErrorBound.magnitudes(weight), k, n);
      KernelParity.check(
          "scaledLinear, %s: %d x %d x %d, %s".formatted(layer, rows, k, n, random),
          added,
          List.of(x, factors),
          bounds(product, w, magnitudes, null, added, Activation.GELU),
          (kernels, y, ws) -> kernels.scaledLinear(x, factors, w, null, y, Activation.GELU, y, ws));
    }
  }

  private void check(
      String layer,
      int rows,
      int k,
      int n,
      Kind kind,
      boolean withBias,
      Residual residual,
      Activation activation) {
    Tensor x = random.tensor(kind, rows, k);
    // Infinite weights belong to no trained model, tiny ones to some.
    Kind ofWeights = kind == Kind.OUTLIERS ? kind : Kind.NORMAL;
    float[] weight = random.floats(ofWeights, n * k);
    float[] bias = withBias ? random.floats(ofWeights, n) : null;
    Tensor added = residual == Residual.NONE ? null : random.tensor(kind, rows, n);
    Tensor initial = residual == Residual.OUTPUT ? added : Guarded.unset(Shape.of(rows, n));
    try (Arena arena = Arena.ofShared()) {
      PackedMatrix w = TestMatrices.ACTIVE.pack(arena, weight, k, n);
      PackedMatrix magnitudes =
          TestMatrices.ACTIVE.pack(arena, ErrorBound.magnitudes(weight), k, n);
      Call call =
          (kernels, y, ws) ->
              kernels.linear(
                  x, w, bias, residual == Residual.OUTPUT ? y : added, activation, y, ws);
      String what =
          "%s: %d x %d x %d, %s, %s bias, residual %s, %s, %s"
              .formatted(
                  layer, rows, k, n, kind, withBias ? "with" : "no", residual, activation, random);
      KernelParity.check(
          what,
          initial,
          Stream.of(x, residual == Residual.OTHER ? added : null).filter(Objects::nonNull).toList(),
          bounds(x, w, magnitudes, bias, added, activation),
          call);
    }
  }

  private static double[] bounds(
      Tensor x,
      PackedMatrix w,
      PackedMatrix magnitudes,
      float[] bias,
      Tensor residual,
      Activation activation) {
    Workspace ws = new Workspace();
    Tensor sums = Tensor.zeros(x.rows(), w.n());
    KernelParity.SCALAR.linear(
        ErrorBound.magnitudes(x),
        magnitudes,
        ErrorBound.magnitudes(bias),
        ErrorBound.magnitudes(residual),
        Activation.IDENTITY,
        sums,
        ws);
    double[] bounds = ErrorBound.ofSums(w.k() + 2, sums);
    if (activation == Activation.IDENTITY) {
      return bounds;
    }
    Tensor z = Tensor.zeros(x.rows(), w.n());
    KernelParity.SCALAR.linear(x, w, bias, residual, Activation.IDENTITY, z, ws);
    return ErrorBound.ofActivation(bounds, z);
  }
}
