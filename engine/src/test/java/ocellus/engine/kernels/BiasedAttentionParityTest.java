package ocellus.engine.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attention with something added to its scores, in windows and without. */
class BiasedAttentionParityTest {
  private final RandomData random = new RandomData();

  @ParameterizedTest(name = "{0}: {1} tokens, {2} heads of {3}")
  @CsvSource({
    "Swin window 7, 49, 3, 32",
    "Swin window 12, 144, 2, 32",
    "SwinV2 window 8, 64, 3, 32",
    "BEiT-B/16, 197, 2, 64",
  })
  void realLayers(String layer, int tokens, int heads, int width) {
    check(layer, tokens, heads, width, dense(heads, tokens));
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.KernelParity#positiveExtents")
  void anyNumberOfTokens(int tokens) {
    check("tokens", tokens, 2, 16, dense(2, tokens));
    check("tokens", tokens, 1, 7, dense(1, tokens));
  }

  /** More than one block of keys, wherever blocks and runs begin. */
  @Test
  void manyTokens() {
    check("dense", 1025, 1, 8, dense(1, 1025));
    check("runs", 1025, 1, 8, runs(1, new int[] {0, 1, 7, 760, 771, 1000, 1025}));
    check("a block", 768, 1, 8, dense(1, 768));
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.KernelParity#positiveExtents")
  void runsOfAnyLength(int length) {
    check("runs", 2 * length + 1, 2, 8, runs(2, new int[] {0, length, length, 2 * length + 1}));
    check("runs", length + 1, 2, 8, runs(2, new int[] {0, 1, length + 1}));
  }

  /** Keys that are not heard by some queries. */
  @ParameterizedTest
  @ValueSource(floats = {Float.NEGATIVE_INFINITY, -100})
  void masks(float masked) {
    int tokens = 37;
    float[] bias = random.floats(tokens * tokens);
    for (int query = 0; query < tokens; query++) {
      for (int key = query + 1; key < tokens; key++) {
        bias[query * tokens + key] = masked;
      }
    }
    check("causal", tokens, 1, 16, AttentionBias.of(bias, 1, tokens));
  }

  @ParameterizedTest
  @CsvSource({"NaN", "Infinity", "-Infinity"})
  void oneSpecialNumber(float special) {
    int tokens = 19;
    float[] bias = random.floats(2 * tokens * tokens);
    bias[tokens * tokens + 7 * tokens + 3] = special;
    check(special + "", tokens, 2, 16, AttentionBias.of(bias, 2, tokens));
    Arrays.fill(bias, 7 * tokens, 8 * tokens, special);
    check("a row of " + special, tokens, 2, 16, AttentionBias.of(bias, 2, tokens));
  }

  @ParameterizedTest(name = "{0} windows of {1}, {2} rows of padding, {3} heads of {4}")
  @CsvSource({
    "1, 49, 0, 2, 32",
    "4, 49, 0, 3, 32",
    "4, 49, 5, 3, 32",
    "9, 16, 1, 2, 8",
    "7, 1, 0, 1, 5",
    "3, 33, 40, 2, 7",
    "2, 150, 0, 2, 16",
  })
  void windows(int count, int tokens, int padding, int heads, int width) {
    int rows = count * tokens - padding;
    List<AttentionBias> biases = new ArrayList<>();
    for (int window = 0; window < count; window++) {
      biases.add(dense(heads, tokens));
    }
    checkWindows(shuffled(tokens, rows, padding, biases), heads, width);
    checkWindows(shuffled(tokens, rows, padding, List.of()), heads, width);
  }

  @Test
  void windowsThatDoNotPartitionTheMapAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> windows(2, 4, 0, 1, 2, 3, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> windows(2, 4, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> windows(2, 4, 0, 1, 2, -1));
    assertThrows(IllegalArgumentException.class, () -> windows(3, 4, 0, 1, 2, 3));
    assertEquals(6, windows(2, 4, 0, 1, 2, 5, 3, 5).inputs());
  }

  @Test
  void biasesOfOtherSizesAreRefused() {
    Workspace ws = new Workspace();
    Tensor qkv = Tensor.zeros(4, 24);
    Tensor y = Tensor.zeros(4, 8);
    for (AttentionBias bias : List.of(dense(2, 3), dense(1, 4))) {
      assertThrows(
          IllegalArgumentException.class, () -> AttentionKernels.attention(qkv, 2, 1, bias, y, ws));
    }
    assertThrows(IllegalArgumentException.class, () -> AttentionBias.of(new float[7], 2, 2));
    assertThrows(
        IllegalArgumentException.class,
        () -> AttentionBias.ofRuns(new float[4], 1, new int[] {0, 3}, new int[] {0, 1, 2}));
    var windows = new AttentionWindows(2, new int[] {0, 1, 2, 3}, List.of(), 4);
    assertThrows(
        IllegalArgumentException.class,
        () -> AttentionKernels.windowAttention(Tensor.zeros(3, 24), windows, 2, 1, y, ws));
    assertThrows(
        IllegalArgumentException.class,
        () -> AttentionKernels.windowAttention(qkv, windows, 2, 1, Tensor.zeros(3, 8), ws));
  }

  private static AttentionWindows windows(int tokens, int outputs, int... rows) {
    return new AttentionWindows(tokens, rows, List.of(), outputs);
  }

  /** Windows of rows in any order, the last of which are heard alone. */
  private AttentionWindows shuffled(int tokens, int rows, int padding, List<AttentionBias> biases) {
    List<Integer> order =
        new ArrayList<>(
            IntStream.range(0, rows + padding).map(i -> Math.min(i, rows)).boxed().toList());
    Collections.shuffle(order, new Random(rows));
    int[] shuffled = order.stream().mapToInt(i -> i).toArray();
    return new AttentionWindows(tokens, shuffled, biases, rows);
  }

  private AttentionBias dense(int heads, int tokens) {
    return AttentionBias.of(random.floats(heads * tokens * tokens), heads, tokens);
  }

  /** Each query's runs begin elsewhere, the last at the end of the values. */
  private AttentionBias runs(int heads, int[] bounds) {
    int runs = bounds.length - 1;
    int tokens = bounds[runs];
    int[] starts = new int[tokens * runs];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = tokens - 1 - i / runs + i % runs;
    }
    int size = 2 * tokens + runs;
    return AttentionBias.ofRuns(random.floats(heads * size), heads, bounds, starts);
  }

  private void check(String what, int tokens, int heads, int width, AttentionBias bias) {
    int dim = heads * width;
    Tensor qkv = random.tensor(tokens, 3 * dim);
    float scale = scale(width);
    KernelParity.check(
        "attention, %s, %s, %d heads, %s".formatted(what, qkv, heads, random),
        Guarded.unset(Shape.of(tokens, dim)),
        List.of(qkv),
        ErrorBound.ofAttention(qkv, heads, scale, bias),
        (kernels, y, ws) -> kernels.attention(qkv, heads, scale, bias, y, ws));
  }

  private void checkWindows(AttentionWindows windows, int heads, int width) {
    int dim = heads * width;
    Tensor qkv = random.tensor(windows.inputs(), 3 * dim);
    float scale = scale(width);
    double[] bounds = new double[windows.outputs() * dim];
    for (int window = 0; window < windows.count(); window++) {
      boundWindow(qkv, windows, window, heads, scale, bounds);
    }
    KernelParity.check(
        "%d windows of %d, %s".formatted(windows.count(), windows.tokens(), random),
        Guarded.unset(Shape.of(windows.outputs(), dim)),
        List.of(qkv),
        bounds,
        (kernels, y, ws) -> kernels.windowAttention(qkv, windows, heads, scale, y, ws));
  }

  /** The bounds of one window, put where its rows are. */
  private static void boundWindow(
      Tensor qkv, AttentionWindows windows, int window, int heads, float scale, double[] bounds) {
    int channels = qkv.channels();
    float[] own = new float[windows.tokens() * channels];
    for (int t = 0; t < windows.tokens(); t++) {
      int from = qkv.offset() + windows.row(window, t) * channels;
      System.arraycopy(qkv.data(), from, own, t * channels, channels);
    }
    Tensor of = Tensor.of(own, windows.tokens(), channels);
    double[] ofWindow = ErrorBound.ofAttention(of, heads, scale, windows.bias(window));
    int dim = channels / 3;
    for (int t = 0; t < windows.tokens(); t++) {
      int row = windows.row(window, t);
      if (row < windows.outputs()) {
        System.arraycopy(ofWindow, t * dim, bounds, row * dim, dim);
      }
    }
  }

  private static float scale(int width) {
    return (float) (1 / Math.sqrt(width));
  }
}
