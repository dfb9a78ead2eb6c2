package ocellus.engine.kernels;

import static ocellus.engine.kernels.TestWindows.SAME;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.RandomData.Kind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernels that work on maps in blocks of channels. */
class BottleneckParityTest {
  private final RandomData random = new RandomData();

  @ParameterizedTest(name = "{0}: {1}x{1}x{2} to {3}, {4}x{4} stride {5} padding {6}")
  @CsvSource({
    "MobileNetV3-S blocks.1.0, 56, 16, 72, 3, 2, 1",
    "MobileNetV3-S blocks.1.1, 28, 24, 88, 3, 1, 1",
    "MobileNetV3-S blocks.2.0, 28, 24, 96, 5, 2, 2",
    "MobileNetV3-S blocks.2.1, 14, 40, 240, 5, 1, 2",
    "MobileNetV3-S blocks.4.0, 14, 48, 288, 5, 2, 2",
    "MobileNetV3-S blocks.4.1, 7, 96, 576, 5, 1, 2",
    "tf_mobilenetv3_small blocks.2.0, 28, 24, 96, 5, 2, -1",
    "MobileNetV3-L blocks.1.0, 112, 16, 64, 3, 2, 1",
    "MobileNetV2 blocks.2.1, 28, 32, 192, 3, 1, 1",
    "MobileNetV2 1.4 at 448, 56, 448, 40, 3, 1, 1"
  })
  void realLayers(String layer, int size, int in, int channels, int kernel, int stride, int pad) {
    Window window = TestWindows.of(size, size, kernel, stride, 1, pad);
    check(layer, window, in, channels, Kind.NORMAL, Activation.RELU6, Activation.IDENTITY);
  }

  @ParameterizedTest(name = "{0}: {1}x{1}x{2}, {3}x{3} stride {4}")
  @CsvSource({
    "MobileNetV3-S blocks.0, 112, 16, 3, 2",
    "MobileNetV3-L blocks.0, 112, 16, 3, 1",
    "MobileNetV2 blocks.0, 112, 32, 3, 1",
    "wide, 9, 70, 5, 1"
  })
  void withoutExpansion(String layer, int size, int channels, int kernel, int stride) {
    Window window = TestWindows.of(size, size, kernel, stride, 1, kernel / 2);
    check(layer, window, channels, 0, Kind.NORMAL, null, Activation.HARD_SWISH);
  }

  /** All sizes, strides and paddings of the usual kernels, on maps small enough for every edge. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7})
  void windows(int kernel) {
    for (int size : new int[] {1, 2, 5, 8, 14, 19}) {
      for (int stride = 1; stride <= 3; stride++) {
        for (int padding : new int[] {SAME, 0, kernel / 2, kernel}) {
          Window window = TestWindows.of(size, size + stride - 1, kernel, stride, 1, padding);
          check("", window, 3, 18, Kind.NORMAL, Activation.RELU, Activation.IDENTITY);
        }
      }
    }
  }

  /** Rows so long that a step is one of them, and rows that are dilated. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void longRows(int dilation) {
    for (int stride = 1; stride <= 2; stride++) {
      Window window = TestWindows.of(9, 700, 3, stride, dilation, dilation);
      check("long", window, 4, 100, Kind.NORMAL, Activation.RELU, Activation.RELU);
      check("long", window, 37, 0, Kind.NORMAL, null, Activation.RELU);
    }
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.KernelParity#positiveExtents")
  void anyNumberOfChannels(int channels) {
    Window window = TestWindows.of(9, 8, 3, 1, 1, 1);
    check("from", window, channels, 20, Kind.NORMAL, Activation.RELU, Activation.RELU);
    check("to", window, 7, channels, Kind.NORMAL, Activation.RELU, Activation.RELU);
    check("no expansion", window, channels, 0, Kind.NORMAL, null, Activation.RELU);
  }

  @ParameterizedTest
  @EnumSource
  void activations(Activation activation) {
    Window window = TestWindows.of(14, 14, 3, 1, 1, 1);
    check("first", window, 10, 40, Kind.NORMAL, activation, Activation.IDENTITY);
    check("second", window, 10, 23, Kind.NORMAL, Activation.RELU, activation);
  }

  @ParameterizedTest
  @EnumSource
  void unusualNumbers(Kind kind) {
    Window window = TestWindows.of(15, 20, 5, 2, 1, 2);
    check("", window, 11, 37, kind, Activation.HARD_SWISH, Activation.IDENTITY);
    check("", window, 37, 0, kind, null, Activation.IDENTITY);
  }

  @ParameterizedTest(name = "{0}: {1}x{1}x{2} to {3} to {4}, {5}x{5} stride {6}")
  @CsvSource({
    "MobileNetV2 blocks.0, 112, 32, 0, 16, 3, 1",
    "MobileNetV2 blocks.1.0, 112, 16, 96, 24, 3, 2",
    "MobileNetV2 blocks.1.1, 56, 24, 144, 24, 3, 1",
    "MobileNetV2 blocks.2.1, 28, 32, 192, 32, 3, 1",
    "MobileNetV3-L blocks.0, 112, 16, 0, 16, 3, 1",
    "wide, 30, 5, 384, 33, 5, 1",
    "too wide, 29, 5, 385, 33, 5, 1",
    "one tile, 515, 1, 1, 1, 3, 1"
  })
  void inverted(String layer, int size, int in, int channels, int out, int kernel, int stride) {
    Window window = TestWindows.of(size, size, kernel, stride, 1, kernel / 2);
    checkInverted(layer, window, in, channels, out, true);
    checkInverted(layer, window, in, channels, out, false);
  }

  /** Maps just so large that they are projected as they are made, of every remainder of a tile. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 13, 14, 15, 27, 28, 29, 449, 1000})
  void invertedRows(int width) {
    int height = (1 << 18) / (100 * width) + 2;
    Window window = TestWindows.of(height, width, 3, 1, 1, 1);
    checkInverted("rows of " + width, window, 3, 100, 7, true);
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.KernelParity#positiveExtents")
  void linearOfBlocks(int k) {
    checkLinear(14, k, 45, true, true, Activation.IDENTITY);
    checkLinear(31, k, 16, false, true, Activation.RELU);
    checkLinear(1, k, 5, true, false, Activation.HARD_SWISH);
  }

  @ParameterizedTest
  @CsvSource({"3136, 16, 16", "784, 72, 40", "196, 672, 112", "49, 960, 160", "500, 1536, 256"})
  void linearOfRealBlocks(int pixels, int k, int n) {
    checkLinear(pixels, k, n, true, true, Activation.IDENTITY);
    checkLinear(pixels, k, n, false, false, Activation.IDENTITY);
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.KernelParity#positiveExtents")
  void averageBlocks(int channels) {
    for (int pixels : new int[] {1, 2, 49, 63, 64, 65, 200}) {
      Tensor x = random.tensor(pixels, channels);
      Tensor sums = Guarded.unset(Shape.of(channels));
      KernelParity.SCALAR.averageRows(ErrorBound.magnitudes(x), sums, new Workspace());
      KernelParity.check(
          "average of %d x %d, %s".formatted(pixels, channels, random),
          Guarded.unset(Shape.of(channels)),
          List.of(x),
          ErrorBound.ofSums(pixels, sums),
          (kernels, y, ws) -> kernels.averageBlocks(blocks(kernels, x, ws), y, ws));
    }
  }

  /** {@code channels} 0: no expansion. */
  private void check(
      String layer,
      Window window,
      int in,
      int channels,
      Kind kind,
      Activation first,
      Activation second) {
    boolean expands = channels > 0;
    int out = expands ? channels : in;
    Tensor x = random.tensor(kind, window.inHeight(), window.inWidth(), in);
    Kind ofWeights = kind == Kind.OUTLIERS ? kind : Kind.NORMAL;
    float[] matrix = random.floats(ofWeights, in * out);
    float[] shift = random.floats(ofWeights, out);
    float[] taps = random.floats(ofWeights, window.taps() * out);
    float[] bias = random.floats(ofWeights, out);
    try (Arena arena = Arena.ofShared()) {
      PackedMatrix w = TestMatrices.ACTIVE.pack(arena, matrix, in, out);
      Expansion expansion = expands ? new Expansion(w, shift, first) : null;
      PackedMatrix magnitudes =
          TestMatrices.ACTIVE.pack(arena, ErrorBound.magnitudes(matrix), in, out);
      KernelParity.check(
          "%s: %s, %d channels to %d, %s, %s, %s, %s"
              .formatted(layer, window, in, out, kind, first, second, random),
          Guarded.unset(TestWindows.output(window, out)),
          List.of(x),
          bounds(x, window, expansion, magnitudes, taps, bias, second),
          (kernels, y, ws) -> {
            Mark mark = ws.mark();
            int block = kernels.panelWidth();
            Tensor h = ws.tensor(Math.ceilDiv(out, block), window.outPixels(), block);
            kernels.bottleneck(x, expansion, window, taps, bias, second, h, ws);
            unblock(h, y);
            ws.release(mark);
          });
    }
  }

  /** The errors of the expansion, spread by the taps, and those of the convolution itself. */
  private static double[] bounds(
      Tensor x,
      Window window,
      Expansion expansion,
      PackedMatrix magnitudes,
      float[] taps,
      float[] bias,
      Activation second) {
    Workspace ws = new Workspace();
    Tensor expanded = x;
    double[] errors = new double[x.size()];
    if (expansion != null) {
      int n = magnitudes.n();
      float[] shift = Arrays.copyOf(expansion.paddedBias(), n);
      Tensor sums = Tensor.zeros(x.dim(0), x.dim(1), n);
      Tensor z = Tensor.zeros(x.dim(0), x.dim(1), n);
      expanded = Tensor.zeros(x.dim(0), x.dim(1), n);
      PackedMatrix w = expansion.weight();
      float[] shifts = ErrorBound.magnitudes(shift);
      KernelSet scalar = KernelParity.SCALAR;
      scalar.linear(
          ErrorBound.magnitudes(x), magnitudes, shifts, null, Activation.IDENTITY, sums, ws);
      scalar.linear(x, w, shift, null, Activation.IDENTITY, z, ws);
      scalar.linear(x, w, shift, null, expansion.activation(), expanded, ws);
      errors = ErrorBound.ofActivation(ErrorBound.ofSums(w.k() + 1, sums), z);
    }
    Tensor spread = Tensor.zeros(expanded.dim(0), expanded.dim(1), expanded.channels());
    for (int i = 0; i < errors.length; i++) {
      // The limit of an activation is exact.
      boolean limit = !Double.isFinite(errors[i]) && Float.isFinite(expanded.data()[i]);
      spread.data()[i] = limit ? 0 : (float) errors[i];
    }
    Shape shape = TestWindows.output(window, expanded.channels());
    Tensor fromErrors = Guarded.unset(shape);
    Tensor sums = Guarded.unset(shape);
    Tensor z = Guarded.unset(shape);
    float[] weights = ErrorBound.magnitudes(taps);
    KernelSet scalar = KernelParity.SCALAR;
    scalar.depthwise(spread, window, weights, null, Activation.IDENTITY, fromErrors, ws);
    Tensor magnitude = ErrorBound.magnitudes(expanded);
    float[] shifts = ErrorBound.magnitudes(bias);
    scalar.depthwise(magnitude, window, weights, shifts, Activation.IDENTITY, sums, ws);
    scalar.depthwise(expanded, window, taps, bias, Activation.IDENTITY, z, ws);
    double[] bounds = ErrorBound.ofSums(window.taps() + 1, sums);
    float[] before = fromErrors.toArray();
    Arrays.setAll(bounds, i -> bounds[i] + 2 * before[i]);
    return second == Activation.IDENTITY ? bounds : ErrorBound.ofActivation(bounds, z);
  }

  private void checkInverted(
      String layer, Window window, int in, int channels, int out, boolean adds) {
    int middle = channels > 0 ? channels : in;
    Activation act = Activation.RELU6;
    Tensor x = random.tensor(window.inHeight(), window.inWidth(), in);
    Tensor residual = adds ? random.tensor(window.outHeight(), window.outWidth(), out) : null;
    float[] matrix = random.floats(in * middle);
    float[] taps = random.floats(window.taps() * middle);
    float[] bias = random.floats(middle);
    float[] projection = random.floats(middle * out);
    float[] shift = random.floats(out);
    try (Arena arena = Arena.ofShared()) {
      TestMatrices pack = TestMatrices.ACTIVE;
      PackedMatrix w = pack.pack(arena, matrix, in, middle);
      PackedMatrix magnitudes = pack.pack(arena, ErrorBound.magnitudes(matrix), in, middle);
      Expansion expansion = channels > 0 ? new Expansion(w, bias, act) : null;
      PackedMatrix project = pack.pack(arena, projection, middle, out);
      PackedMatrix sizes = pack.pack(arena, ErrorBound.magnitudes(projection), middle, out);
      double[] before = bounds(x, window, expansion, magnitudes, taps, bias, act);
      Workspace ws = new Workspace();
      KernelSet scalar = KernelParity.SCALAR;
      Activation none = Activation.IDENTITY;
      Tensor errors = Tensor.zeros(window.outPixels(), middle);
      for (int i = 0; i < before.length; i++) {
        errors.data()[i] = (float) before[i];
      }
      Tensor spread = Tensor.zeros(window.outPixels(), out);
      scalar.linear(errors, sizes, null, null, none, spread, ws);
      Tensor blocks = ws.tensor(middle, window.outPixels(), 1);
      scalar.bottleneck(x, expansion, window, taps, bias, act, blocks, ws);
      Tensor h = Tensor.zeros(window.outPixels(), middle);
      unblock(blocks, h);
      Tensor sums = Tensor.zeros(window.outPixels(), out);
      Tensor added = adds ? ErrorBound.magnitudes(residual) : null;
      scalar.linear(
          ErrorBound.magnitudes(h),
          sizes,
          ErrorBound.magnitudes(shift),
          adds ? Tensor.of(added.toArray(), window.outPixels(), out) : null,
          none,
          sums,
          ws);
      double[] bounds = ErrorBound.ofSums(middle + 2, sums);
      Arrays.setAll(bounds, i -> bounds[i] + 2 * spread.data()[i]);
      KernelParity.check(
          "%s: %s, %d to %d to %d channels, residual %s, %s"
              .formatted(layer, window, in, middle, out, adds, random),
          Guarded.unset(TestWindows.output(window, out)),
          List.of(x),
          bounds,
          (kernels, y, workspace) ->
              kernels.invertedBottleneck(
                  x, expansion, window, taps, bias, act, project, shift, residual, y, workspace));
    }
  }

  private void checkLinear(
      int pixels, int k, int n, boolean scales, boolean adds, Activation activation) {
    Tensor x = random.tensor(pixels, k);
    Tensor factors = scales ? random.tensor(k) : null;
    Tensor residual = adds ? random.tensor(pixels, n) : null;
    float[] weight = random.floats(n * k);
    float[] bias = random.floats(n);
    try (Arena arena = Arena.ofShared()) {
      PackedMatrix w = TestMatrices.ACTIVE.pack(arena, weight, k, n);
      PackedMatrix magnitudes =
          TestMatrices.ACTIVE.pack(arena, ErrorBound.magnitudes(weight), k, n);
      Workspace ws = new Workspace();
      Tensor scaled = Tensor.of(x.toArray(), pixels, k);
      if (scales) {
        KernelParity.SCALAR.scaleChannels(scaled, factors, scaled, ws);
      }
      Tensor sums = Tensor.zeros(pixels, n);
      KernelParity.SCALAR.linear(
          ErrorBound.magnitudes(scaled),
          magnitudes,
          ErrorBound.magnitudes(bias),
          ErrorBound.magnitudes(residual),
          Activation.IDENTITY,
          sums,
          ws);
      Tensor z = Tensor.zeros(pixels, n);
      KernelParity.SCALAR.linear(scaled, w, bias, residual, Activation.IDENTITY, z, ws);
      double[] bounds = ErrorBound.ofSums(k + 3, sums);
      KernelParity.check(
          "%d x %d x %d, factors %s, residual %s, %s, %s"
              .formatted(pixels, k, n, scales, adds, activation, random),
          Guarded.unset(Shape.of(pixels, n)),
          List.of(x),
          activation == Activation.IDENTITY ? bounds : ErrorBound.ofActivation(bounds, z),
          (kernels, y, workspace) -> {
            Mark mark = workspace.mark();
            Tensor h = blocks(kernels, x, workspace);
            kernels.linearOfBlocks(h, factors, w, bias, residual, activation, y, workspace);
            workspace.release(mark);
          });
    }
  }

  /** Rows in the order of these kernels, NaN for the channels that there are not. */
  private static Tensor blocks(KernelSet kernels, Tensor rows, Workspace ws) {
    int block = kernels.panelWidth();
    int channels = rows.channels();
    Tensor blocks = ws.tensor(Math.ceilDiv(channels, block), rows.rows(), block);
    Arrays.fill(blocks.data(), blocks.offset(), blocks.offset() + blocks.size(), Float.NaN);
    float[] values = rows.toArray();
    for (int i = 0; i < values.length; i++) {
      blocks.data()[index(blocks, i / channels, i % channels)] = values[i];
    }
    return blocks;
  }

  private static void unblock(Tensor blocks, Tensor rows) {
    int channels = rows.channels();
    for (int i = 0; i < rows.size(); i++) {
      rows.data()[rows.offset() + i] = blocks.data()[index(blocks, i / channels, i % channels)];
    }
  }

  private static int index(Tensor blocks, int pixel, int channel) {
    int block = blocks.channels();
    int panel = channel / block * blocks.dim(1) + pixel;
    return blocks.offset() + panel * block + channel % block;
  }
}
