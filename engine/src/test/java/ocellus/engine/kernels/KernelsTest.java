package ocellus.engine.kernels;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What does not fit together is refused before a kernel sees it. */
class KernelsTest {
  private final Workspace ws = new Workspace();
  private final PackedMatrix w = matrix(4, 6);

  private static PackedMatrix matrix(int k, int n) {
    return Kernels.pack(Arena.ofAuto(), WeightFormat.F32, k, n, (column, to, at) -> {});
  }

  private static Tensor t(long... dims) {
    return Tensor.zeros(dims);
  }

  private static void refused(String part, Executable call) {
    Exception e = assertThrows(IllegalArgumentException.class, call);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  private void linear(Tensor x, float[] bias, Tensor residual, Tensor y) {
    Kernels.linear(x, w, bias, residual, Activation.IDENTITY, y, ws);
  }

  @Test
  void linear() {
    assertDoesNotThrow(() -> linear(t(2, 4), new float[6], t(2, 6), t(2, 6)));
    assertDoesNotThrow(() -> linear(t(2, 3, 4), null, null, t(6, 6)));
    refused("linear: input", () -> linear(t(2, 5), null, null, t(2, 6)));
    refused("linear: output", () -> linear(t(2, 4), null, null, t(2, 5)));
    refused("linear: output", () -> linear(t(2, 4), null, null, t(3, 6)));
    refused("linear: bias", () -> linear(t(2, 4), new float[5], null, t(2, 6)));
    refused("linear: residual", () -> linear(t(2, 4), null, t(3, 6), t(2, 6)));
  }

  private void conv2d(
      Tensor x, Window window, PackedMatrix[] w, float[] bias, Tensor residual, Tensor y) {
    Kernels.conv2d(x, window, w, bias, residual, Activation.IDENTITY, y, ws);
  }

  @Test
  void conv2d() {
    Window window = TestWindows.of(5, 7, 2, 1, 1, 0); // to 4 x 6
    PackedMatrix[] two = {matrix(12, 2), matrix(12, 2)}; // groups of 3 to 2 channels
    Tensor x = t(5, 7, 6);
    Tensor y = t(4, 6, 4);
    assertDoesNotThrow(() -> conv2d(x, window, two, new float[4], y, y));
    refused("conv2d: input", () -> conv2d(t(5, 7, 3), window, two, null, null, y));
    refused("conv2d: input", () -> conv2d(t(5, 6, 6), window, two, null, null, y));
    refused("conv2d: input", () -> conv2d(t(35, 6), window, two, null, null, y));
    PackedMatrix[] unequal = {matrix(16, 3), matrix(8, 1)};
    assertDoesNotThrow(() -> conv2d(x, window, unequal, null, null, y));
    PackedMatrix[] odd = {matrix(13, 2), matrix(11, 2)};
    refused("conv2d: a matrix of 13 rows", () -> conv2d(x, window, odd, null, null, y));
    refused("conv2d: output", () -> conv2d(x, window, two, null, null, t(6, 4, 4)));
    refused("conv2d: output", () -> conv2d(x, window, two, null, null, t(4, 6, 2)));
    refused("conv2d: bias", () -> conv2d(x, window, two, new float[2], null, y));
    refused("conv2d: residual", () -> conv2d(x, window, two, null, t(4, 6, 2), y));
  }

  private void grouped(Tensor x, Window window, PackedMatrix w, Tensor residual, Tensor y) {
    Kernels.groupedConv2d(x, window, w, null, residual, Activation.IDENTITY, y, ws);
  }

  @Test
  void groupedConv2d() {
    Window window = TestWindows.of(5, 7, 2, 1, 1, 0);
    PackedMatrix pairs = PackedMatrix.unpacked(8, 6);
    Tensor x = t(5, 7, 6);
    Tensor y = t(4, 6, 6);
    refused("groupedConv2d: input", () -> grouped(t(5, 7, 5), window, pairs, null, y));
    refused("groupedConv2d: input", () -> grouped(t(7, 5, 6), window, pairs, null, y));
    refused("groupedConv2d: output", () -> grouped(x, window, pairs, null, t(4, 6, 5)));
    refused("groupedConv2d: output", () -> grouped(x, window, pairs, null, t(4, 5, 6)));
    refused("groupedConv2d: residual", () -> grouped(x, window, pairs, t(4, 6, 5), y));
    refused(
        "groupedConv2d: bias",
        () ->
            Kernels.groupedConv2d(
                x, window, pairs, new float[5], null, Activation.IDENTITY, y, ws));
    String matrix = "groupedConv2d: a matrix of ";
    refused(matrix, () -> grouped(x, window, PackedMatrix.unpacked(9, 6), null, y));
    refused(matrix, () -> grouped(x, window, PackedMatrix.unpacked(8, 5), null, y));
  }

  private void depthwise(Tensor x, Window window, float[] w, float[] bias, Tensor y) {
    Kernels.depthwise(x, window, w, bias, Activation.IDENTITY, y, ws);
  }

  @Test
  void depthwise() {
    Window window = TestWindows.of(5, 7, 2, 1, 1, 0);
    Tensor x = t(5, 7, 3);
    Tensor y = t(4, 6, 3);
    assertDoesNotThrow(() -> depthwise(x, window, new float[12], new float[3], y));
    refused("depthwise: input", () -> depthwise(t(7, 5, 3), window, new float[12], null, y));
    refused("depthwise: output", () -> depthwise(x, window, new float[12], null, t(4, 6, 2)));
    refused("depthwise: output", () -> depthwise(x, window, new float[12], null, t(4, 5, 3)));
    refused("depthwise: weight", () -> depthwise(x, window, new float[11], null, y));
    refused("depthwise: bias", () -> depthwise(x, window, new float[12], new float[2], y));
  }

  @Test
  void bottleneck() {
    Window window = TestWindows.of(5, 7, 2, 1, 1, 0); // to 4 x 6
    Expansion expansion = new Expansion(w, null, Activation.RELU); // 4 to 6 channels
    Tensor x = t(5, 7, 4);
    Tensor h = Kernels.blocks(24, 6, ws);
    float[] taps = new float[24];
    Activation act = Activation.RELU;
    assertDoesNotThrow(() -> Kernels.bottleneck(x, expansion, window, taps, null, act, h, ws));
    refused(
        "bottleneck: input",
        () -> Kernels.bottleneck(t(7, 5, 4), expansion, window, taps, null, act, h, ws));
    refused(
        "bottleneck: input",
        () -> Kernels.bottleneck(t(5, 7, 3), expansion, window, taps, null, act, h, ws));
    refused(
        "bottleneck: weight",
        () -> Kernels.bottleneck(x, expansion, window, new float[16], null, act, h, ws));
    refused(
        "bottleneck: bias",
        () -> Kernels.bottleneck(x, expansion, window, taps, new float[4], act, h, ws));
    refused(
        "bottleneck: output",
        () -> Kernels.bottleneck(x, expansion, window, taps, null, act, t(24, 6), ws));
    refused("bias of 5", () -> new Expansion(w, new float[5], act));
  }

  @Test
  void invertedBottleneck() {
    Window window = TestWindows.of(5, 7, 2, 1, 1, 0); // to 4 x 6
    Expansion expansion = new Expansion(w, null, Activation.RELU); // 4 to 6 channels
    Tensor x = t(5, 7, 4);
    Tensor y = t(4, 6, 3);
    PackedMatrix project = matrix(6, 3);
    assertDoesNotThrow(() -> invertedBottleneck(x, expansion, window, project, null, y, y));
    refused(
        "bottleneck: input",
        () -> invertedBottleneck(t(5, 7, 3), expansion, window, project, null, null, y));
    refused(
        "invertedBottleneck: projection of 5 channels",
        () -> invertedBottleneck(x, expansion, window, matrix(5, 3), null, null, y));
    refused(
        "invertedBottleneck: output",
        () -> invertedBottleneck(x, expansion, window, project, null, null, t(6, 4, 3)));
    refused(
        "invertedBottleneck: output",
        () -> invertedBottleneck(x, expansion, window, project, null, null, t(4, 6, 4)));
    refused(
        "invertedBottleneck: projection bias",
        () -> invertedBottleneck(x, expansion, window, project, new float[4], null, y));
    refused(
        "invertedBottleneck: residual",
        () -> invertedBottleneck(x, expansion, window, project, null, t(4, 6, 2), y));
  }

  private void invertedBottleneck(
      Tensor x,
      Expansion expansion,
      Window window,
      PackedMatrix project,
      float[] bias,
      Tensor residual,
      Tensor y) {
    float[] taps = new float[24];
    Activation act = Activation.RELU;
    Kernels.invertedBottleneck(
        x, expansion, window, taps, null, act, project, bias, residual, y, ws);
  }

  @Test
  void blocks() {
    PackedMatrix project = matrix(6, 3);
    Tensor h = Kernels.blocks(24, 6, ws);
    Tensor y = t(4, 6, 3);
    Activation act = Activation.IDENTITY;
    assertDoesNotThrow(() -> Kernels.linearOfBlocks(h, t(6), project, null, y, act, y, ws));
    refused(
        "linearOfBlocks: input",
        () -> Kernels.linearOfBlocks(t(24, 6), null, project, null, null, act, y, ws));
    refused(
        "linearOfBlocks: factors",
        () -> Kernels.linearOfBlocks(h, t(5), project, null, null, act, y, ws));
    refused(
        "linearOfBlocks: output",
        () -> Kernels.linearOfBlocks(h, null, project, null, null, act, t(24, 4), ws));
    assertDoesNotThrow(() -> Kernels.averageBlocks(h, t(6), ws));
    refused("averageBlocks: output", () -> Kernels.averageBlocks(h, t(1, 6), ws));
  }

  @Test
  void norms() {
    Tensor x = t(2, 3);
    float[] good = new float[3];
    float[] bad = new float[4];
    assertDoesNotThrow(() -> Kernels.layerNorm(x, good, good, 1e-5, x, ws));
    refused("layerNorm: output", () -> Kernels.layerNorm(x, good, good, 1e-5, t(3, 2), ws));
    refused("layerNorm: weight", () -> Kernels.layerNorm(x, bad, good, 1e-5, x, ws));
    refused("layerNorm: bias", () -> Kernels.layerNorm(x, good, bad, 1e-5, x, ws));
    assertDoesNotThrow(() -> Kernels.rmsNorm(x, good, 1e-5, x, ws));
    refused("rmsNorm: output", () -> Kernels.rmsNorm(x, good, 1e-5, t(6), ws));
    refused("rmsNorm: weight", () -> Kernels.rmsNorm(x, bad, 1e-5, x, ws));
  }

  @Test
  void multiQueryAttention() {
    Tensor kv = t(2, 3, 4);
    assertDoesNotThrow(() -> AttentionKernels.multiQueryAttention(t(5, 8), kv, 1, t(5, 8), ws));
    refused("output", () -> AttentionKernels.multiQueryAttention(t(5, 8), kv, 1, t(5, 4), ws));
    refused("heads of 4", () -> AttentionKernels.multiQueryAttention(t(5, 6), kv, 1, t(5, 6), ws));
    refused(
        "[2, keys,", () -> AttentionKernels.multiQueryAttention(t(5, 8), t(3, 4), 1, t(5, 8), ws));
    refused(
        "[2, keys,",
        () -> AttentionKernels.multiQueryAttention(t(5, 8), t(3, 3, 4), 1, t(5, 8), ws));
    refused(
        "[2, keys,",
        () -> AttentionKernels.multiQueryAttention(t(5, 8), t(2, 0, 4), 1, t(5, 8), ws));
  }

  @Test
  void attention() {
    assertDoesNotThrow(() -> AttentionKernels.attention(t(2, 12), 2, 1, t(2, 4), ws));
    refused("attention: qkv", () -> AttentionKernels.attention(t(2, 4), 2, 1, t(2, 4), ws));
    refused("attention: output", () -> AttentionKernels.attention(t(2, 12), 2, 1, t(3, 4), ws));
    refused("4 channels in 3 heads", () -> AttentionKernels.attention(t(2, 12), 3, 1, t(2, 4), ws));
    refused("4 channels in 0 heads", () -> AttentionKernels.attention(t(2, 12), 0, 1, t(2, 4), ws));
    assertDoesNotThrow(() -> AttentionKernels.causalAttention(t(2, 12), 2, 1, t(2, 4), ws));
    refused("attention: qkv", () -> AttentionKernels.causalAttention(t(2, 4), 2, 1, t(2, 4), ws));
    refused(
        "causalAttention: output",
        () -> AttentionKernels.causalAttention(t(2, 12), 2, 1, t(3, 4), ws));
  }

  @Test
  void elementWise() {
    Tensor x = t(2, 3);
    refused("add: second operand", () -> Kernels.add(x, t(3, 2), ws));
    refused("scaleChannels: factors", () -> Kernels.scaleChannels(x, t(2), x, ws));
    refused("scaleChannels: output", () -> Kernels.scaleChannels(x, t(3), t(6), ws));
    refused("addScaled: factors", () -> Kernels.addScaled(x, t(2), Activation.RELU, t(2, 3), ws));
    refused("addScaled: output", () -> Kernels.addScaled(x, t(3), Activation.RELU, t(3, 2), ws));
    refused("rotate: 18 channels", () -> AttentionKernels.rotate(t(2, 18), 2, null, null, ws));
    float[] angles = new float[4];
    refused("rotate: sines", () -> AttentionKernels.rotate(t(2, 24), 2, angles, new float[5], ws));
    refused(
        "rotate: cosines", () -> AttentionKernels.rotate(t(2, 24), 2, new float[3], angles, ws));
    refused("weightedSums: weights", () -> Kernels.weightedSums(t(2, 5), t(4, 3), t(2, 3), ws));
    refused("weightedSums: output", () -> Kernels.weightedSums(t(2, 4), t(4, 3), t(2, 2), ws));
    refused("weightedSums: output", () -> Kernels.weightedSums(t(2, 4), t(4, 3), t(3, 3), ws));
    refused("gate: input", () -> Kernels.gate(t(2, 5), Activation.SILU, t(2, 2), ws));
    refused("gate: output", () -> Kernels.gate(t(2, 4), Activation.SILU, t(3, 2), ws));
    refused("averageRows: output", () -> Kernels.averageRows(x, t(2), ws));
    refused("averageRows: no rows", () -> Kernels.averageRows(t(0, 3), t(3), ws));
  }

  @Test
  void pooling() {
    Window window = TestWindows.of(5, 7, 2, 1, 1, 0);
    Tensor x = t(5, 7, 3);
    refused("maxPool: input", () -> Kernels.maxPool(t(5, 6, 3), window, t(4, 6, 3), ws));
    refused("maxPool: output", () -> Kernels.maxPool(x, window, t(4, 6, 2), ws));
    refused("averagePool: input", () -> Kernels.averagePool(t(35, 3), window, true, x, ws));
    refused("averagePool: output", () -> Kernels.averagePool(x, window, true, x, ws));
  }
}
