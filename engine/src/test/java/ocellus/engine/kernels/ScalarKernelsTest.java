package ocellus.engine.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.function.Function;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Naive.Pool;
import ocellus.engine.kernels.scalar.ScalarKernels;
import ocellus.engine.threads.Threads;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The oracle of the parity tests, itself against the textbook formulas. */
class ScalarKernelsTest {
  /**
   * Both sides sum in double, in different orders; what is left is one rounding to float, half a
   * unit in the last place, and the cancellation of sums that are a few units large.
   */
  private static final double RELATIVE_TOLERANCE = 0x1p-23;

  private static final double ABSOLUTE_TOLERANCE = 1e-11;

  private final ScalarKernels kernels = new ScalarKernels();
  private final RandomData random = new RandomData();

  @ParameterizedTest
  @CsvSource({
    // rows, k, n, columns of a panel, granule
    "1,1,1,1,1",
    "1,7,3,1,1",
    "5,3,2,1,1",
    "4,0,3,1,1",
    "0,5,3,1,1",
    "6,5,0,4,4",
    "9,17,33,16,16",
    "9,17,37,16,8",
    "70,6,19,8,8",
    "3,40,18,32,16",
    "2,300,5,3,1"
  })
  void linear(int rows, int k, int n, int panelWidth, int granule) {
    Tensor x = random.tensor(rows, k);
    float[] weight = random.floats(n * k);
    float[] bias = random.floats(n);
    Tensor residual = random.tensor(rows, n);
    double[] product =
        rows * k == 0 ? biases(bias, rows) : Naive.linear(x.toArray(), k, weight, bias, n);
    double[] expected =
        Naive.activate(Activation.SILU, Naive.add(product, Naive.widen(residual.toArray())));
    try (Arena arena = Arena.ofShared()) {
      PackedMatrix w =
          new TestMatrices(panelWidth, granule, WeightFormat.F32).pack(arena, weight, k, n);
      check(
          expected,
          Shape.of(rows, n),
          (y, ws) -> kernels.linear(x, w, bias, residual, Activation.SILU, y, ws));
    }
  }

  private static double[] biases(float[] bias, int rows) {
    double[] y = new double[rows * bias.length];
    Arrays.setAll(y, i -> bias[i % bias.length]);
    return y;
  }

  @Test
  void linearAddsToItsOutput() {
    Tensor x = random.tensor(6, 5);
    float[] weight = random.floats(7 * 5);
    float[] before = random.floats(6 * 7);
    Tensor y = Guarded.tensor(before, Shape.of(6, 7));
    try (Arena arena = Arena.ofShared()) {
      PackedMatrix w = new TestMatrices(4, 2, WeightFormat.F32).pack(arena, weight, 5, 7);
      kernels.linear(x, w, null, y, Activation.IDENTITY, y, new Workspace());
    }
    double[] product = Naive.linear(x.toArray(), 5, weight, null, 7);
    assertClose(Naive.add(product, Naive.widen(before)), y);
  }

  @ParameterizedTest
  @CsvSource({
    // height, width, cin, cout (both per group), groups, kernel, stride, dilation, padding (-1:
    // SAME)
    "1,1,1,1,1,1,1,1,0",
    "5,4,3,2,1,3,1,1,1",
    "7,6,2,17,1,3,2,1,-1",
    "8,9,3,4,1,3,2,1,-1",
    "9,9,2,3,2,3,1,2,2",
    "6,5,2,1,3,5,2,1,2",
    "4,8,3,20,1,4,4,1,0",
    "3,3,1,2,1,5,1,1,4",
    "2,2,1,2,1,3,1,1,0"
  })
  void conv2d(
      int height,
      int width,
      int cin,
      int cout,
      int groups,
      int kernel,
      int stride,
      int dilation,
      int padding) {
    Window window = TestWindows.of(height, width, kernel, stride, dilation, padding);
    int out = groups * cout;
    Tensor x = random.tensor(height, width, groups * cin);
    float[] weight = random.floats(out * cin * kernel * kernel);
    float[] bias = random.floats(out);
    Tensor residual = random.tensor(window.outHeight(), window.outWidth(), out);
    double[] expected =
        Naive.activate(
            Activation.HARD_SWISH,
            Naive.add(
                Naive.conv2d(x.toArray(), cin, window, weight, bias, out, groups),
                Naive.widen(residual.toArray())));
    try (Arena arena = Arena.ofShared()) {
      PackedMatrix[] w =
          new TestMatrices(4, 2, WeightFormat.F32)
              .packFilters(arena, weight, cin, cout, groups, kernel * kernel);
      check(
          expected,
          residual.shape(),
          (y, ws) -> kernels.conv2d(x, window, w, bias, residual, Activation.HARD_SWISH, y, ws));
    }
  }

  @Test
  void windowsNeedNotBeSquare() {
    Window window = new Window(7, 8, 2, 3, 1, 2, 3, 1, 1, 2, 5, 4);
    Tensor x = random.tensor(7, 8, 2);
    float[] weight = random.floats(3 * 2 * 6);
    try (Arena arena = Arena.ofShared()) {
      PackedMatrix[] w =
          new TestMatrices(4, 2, WeightFormat.F32).packFilters(arena, weight, 2, 3, 1, 6);
      check(
          Naive.conv2d(x.toArray(), 2, window, weight, null, 3, 1),
          Shape.of(5, 4, 3),
          (y, ws) -> kernels.conv2d(x, window, w, null, null, Activation.IDENTITY, y, ws));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "5,4,1,3,1,1,1",
    "7,6,17,3,2,1,-1",
    "9,8,5,5,1,2,4",
    "3,3,2,7,1,1,3",
    "6,6,3,4,2,1,0"
  })
  void depthwise(
      int height, int width, int channels, int kernel, int stride, int dilation, int padding) {
    Window window = TestWindows.of(height, width, kernel, stride, dilation, padding);
    Tensor x = random.tensor(height, width, channels);
    float[] weight = random.floats(channels * window.taps());
    float[] bias = random.floats(channels);
    float[] channelsLast = new float[weight.length];
    for (int i = 0; i < weight.length; i++) {
      channelsLast[i] = weight[i % channels * window.taps() + i / channels];
    }
    double[] expected =
        Naive.activate(
            Activation.RELU6,
            Naive.conv2d(x.toArray(), 1, window, weight, bias, channels, channels));
    check(
        expected,
        TestWindows.output(window, channels),
        (y, ws) -> kernels.depthwise(x, window, channelsLast, bias, Activation.RELU6, y, ws));
  }

  @ParameterizedTest
  @CsvSource({"1,true", "1,false", "2,true", "7,true", "7,false", "64,false", "193,true"})
  void norms(int channels, boolean learned) {
    Tensor x = random.tensor(11, channels);
    float[] weight = learned ? random.floats(channels) : null;
    float[] bias = learned ? random.floats(channels) : null;
    check(
        Naive.layerNorm(x.toArray(), channels, weight, bias, 1e-2),
        x.shape(),
        (y, ws) -> kernels.layerNorm(x, weight, bias, 1e-2, y, ws));
    check(
        Naive.rmsNorm(x.toArray(), channels, weight, 1e-5),
        x.shape(),
        (y, ws) -> kernels.rmsNorm(x, weight, 1e-5, y, ws));
    if (channels >= 2) {
      check(
          Naive.simpleNorm(x.toArray(), channels, weight, 1e-2),
          x.shape(),
          (y, ws) -> kernels.simpleNorm(x, weight, 1e-2, y, ws));
    }
  }

  @Test
  void normsInPlace() {
    Tensor x = random.tensor(3, 10);
    double[] layerNorm = Naive.layerNorm(x.toArray(), 10, null, null, 1e-5);
    kernels.layerNorm(x, null, null, 1e-5, x, new Workspace());
    assertClose(layerNorm, x);
    double[] rmsNorm = Naive.rmsNorm(x.toArray(), 10, null, 1e-5);
    kernels.rmsNorm(x, null, 1e-5, x, new Workspace());
    assertClose(rmsNorm, x);
    double[] simpleNorm = Naive.simpleNorm(x.toArray(), 10, null, 1e-5);
    kernels.simpleNorm(x, null, 1e-5, x, new Workspace());
    assertClose(simpleNorm, x);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 1000})
  void softmax(int channels) {
    Tensor x = random.tensor(9, channels);
    double[] expected = Naive.softmax(Naive.widen(x.toArray()), channels);
    kernels.softmax(x, new Workspace());
    assertClose(expected, x);
  }

  @Test
  void softmaxOfLargeAndSpecialValues() {
    float inf = Float.POSITIVE_INFINITY;
    float nan = Float.NaN;
    assertSoftmax(new float[] {1000, 1000}, 0.5f, 0.5f);
    assertSoftmax(new float[] {-1000, 1000}, 0, 1);
    assertSoftmax(new float[] {-inf, 3}, 0, 1);
    assertSoftmax(new float[] {inf, 3}, nan, nan);
    assertSoftmax(new float[] {nan, 3}, nan, nan);
    assertSoftmax(new float[] {-inf, -inf}, nan, nan);
  }

  private void assertSoftmax(float[] x, float... expected) {
    kernels.softmax(Tensor.of(x, x.length), new Workspace());
    assertEquals(Arrays.toString(expected), Arrays.toString(x));
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "1,3,4", "5,2,8", "20,3,5", "33,1,16"})
  void attention(int tokens, int heads, int width) {
    int dim = heads * width;
    Tensor qkv = random.tensor(tokens, 3 * dim);
    float scale = 0.3f;
    check(
        Naive.attention(Naive.widen(qkv.toArray()), tokens, heads, dim, scale),
        Shape.of(tokens, dim),
        (y, ws) -> kernels.attention(qkv, heads, scale, null, y, ws));
    float[] bias = random.floats(heads * tokens * tokens);
    check(
        Naive.attention(Naive.widen(qkv.toArray()), tokens, heads, dim, scale, Naive.widen(bias)),
        Shape.of(tokens, dim),
        (y, ws) ->
            kernels.attention(qkv, heads, scale, AttentionBias.of(bias, heads, tokens), y, ws));
  }

  @Test
  void channelLengths() {
    Tensor x = Tensor.of(new float[] {3, 1, -4, 0, 0, -1}, 3, 2);
    Tensor y = Guarded.unset(Shape.of(2));
    kernels.channelLengths(x, y, new Workspace());
    assertClose(new double[] {5, Math.sqrt(2)}, y);
  }

  @Test
  void normalizeHeads() {
    float[] elements = {3, 4, 0, 0, 0, 5, 1, -1, 7, 8, 9, 10};
    Tensor qkv = Guarded.tensor(elements, Shape.of(1, 12));
    kernels.normalizeHeads(qkv, 2, new float[] {2, 3}, new Workspace());
    double half = Math.sqrt(0.5);
    assertClose(new double[] {1.2, 1.6, 0, 0, 0, 1, half, -half, 7, 8, 9, 10}, qkv);
  }

  /** That of one head with as many queries as keys is self-attention. */
  @ParameterizedTest
  @CsvSource({"1,1", "3,4", "20,5", "33,16"})
  void multiQueryAttention(int tokens, int width) {
    float[] qkv = random.floats(tokens * 3 * width);
    float[] q = new float[2 * tokens * width];
    float[] keysAndValues = new float[2 * tokens * width];
    for (int t = 0; t < tokens; t++) {
      int from = t * 3 * width;
      System.arraycopy(qkv, from, q, t * width, width);
      System.arraycopy(qkv, from, q, (tokens + t) * width, width);
      System.arraycopy(qkv, from + width, keysAndValues, t * width, width);
      System.arraycopy(qkv, from + 2 * width, keysAndValues, (tokens + t) * width, width);
    }
    Shape twoHeads = Shape.of(tokens, 2L * width);
    float scale = 0.3f;
    double[] once = Naive.attention(Naive.widen(qkv), tokens, 1, width, scale);
    double[] twice = Arrays.copyOf(once, 2 * once.length);
    System.arraycopy(once, 0, twice, once.length, once.length);
    check(
        twice,
        twoHeads,
        (y, ws) ->
            kernels.multiQueryAttention(
                Tensor.of(q, 0, twoHeads),
                Tensor.of(keysAndValues, 2, tokens, width),
                scale,
                y,
                ws));
  }

  @ParameterizedTest
  @EnumSource
  void activate(Activation activation) {
    Tensor x = random.tensor(4099);
    double[] expected = Naive.activate(activation, Naive.widen(x.toArray()));
    kernels.activate(activation, x, new Workspace());
    assertClose(expected, x);
  }

  @Test
  void addAndScale() {
    Tensor x = random.tensor(70, 3);
    Tensor other = random.tensor(70, 3);
    double[] sum = Naive.add(Naive.widen(x.toArray()), Naive.widen(other.toArray()));
    kernels.add(x, other, new Workspace());
    assertClose(sum, x);
    Tensor factors = random.tensor(3);
    double[] scaled = Naive.widen(x.toArray());
    Arrays.setAll(scaled, i -> scaled[i] * factors.toArray()[i % 3]);
    check(scaled, x.shape(), (y, ws) -> kernels.scaleChannels(x, factors, y, ws));
    Tensor y = random.tensor(70, 3);
    double[] scaledSum = Naive.add(Naive.widen(y.toArray()), scaled);
    kernels.addScaled(x, factors, Activation.RELU, y, new Workspace());
    assertClose(Naive.activate(Activation.RELU, scaledSum), y);
    kernels.scaleChannels(x, factors, x, new Workspace());
    assertClose(scaled, x);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,70", "49,130", "3,64"})
  void averageRows(int rows, int channels) {
    Tensor x = random.tensor(rows, channels);
    check(
        Naive.averageRows(x.toArray(), channels),
        Shape.of(channels),
        (y, ws) -> kernels.averageRows(x, y, ws));
  }

  @ParameterizedTest
  @CsvSource({
    "8,7,3,3,2,1,1",
    "5,5,2,2,2,1,0",
    "6,6,1,3,1,2,-1",
    "7,9,4,3,2,1,-1",
    "2,2,2,3,2,1,4"
  })
  void pooling(
      int height, int width, int channels, int kernel, int stride, int dilation, int padding) {
    Window window = TestWindows.of(height, width, kernel, stride, dilation, padding);
    Tensor x = random.tensor(height, width, channels);
    Shape shape = TestWindows.output(window, channels);
    Function<Pool, double[]> expected = p -> Naive.pool(x.toArray(), channels, window, p);
    check(expected.apply(Pool.MAX), shape, (y, ws) -> kernels.maxPool(x, window, y, ws));
    check(
        expected.apply(Pool.AVERAGE),
        shape,
        (y, ws) -> kernels.averagePool(x, window, false, y, ws));
    check(
        expected.apply(Pool.AVERAGE_WITH_PADDING),
        shape,
        (y, ws) -> kernels.averagePool(x, window, true, y, ws));
  }

  @FunctionalInterface
  private interface Call {
    void run(Tensor y, Workspace ws);
  }

  /** Runs on one thread and on three. */
  private void check(double[] expected, Shape shape, Call call) {
    Tensor alone = Guarded.unset(shape);
    call.run(alone, new Workspace());
    assertClose(expected, alone);
    try (Threads threads = Threads.of(3)) {
      Tensor shared = Guarded.unset(shape);
      call.run(shared, new Workspace(threads));
      assertClose(expected, shared);
    }
  }

  private void assertClose(double[] expected, Tensor actual) {
    Guarded.assertIntact(actual, random.toString());
    float[] y = actual.toArray();
    assertEquals(expected.length, y.length);
    for (int i = 0; i < y.length; i++) {
      double tolerance = RELATIVE_TOLERANCE * Math.abs(expected[i]) + ABSOLUTE_TOLERANCE;
      boolean close = y[i] == expected[i] || Math.abs(y[i] - expected[i]) <= tolerance;
      String message = i + ": " + y[i] + " instead of " + expected[i] + ", " + random;
      assertTrue(close, message);
    }
  }
}
