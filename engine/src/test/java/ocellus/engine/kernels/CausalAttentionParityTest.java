package ocellus.engine.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
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

class CausalAttentionParityTest {
  private final RandomData random = new RandomData();

  @ParameterizedTest(name = "{0}: {1} tokens, {2} heads of {3}")
  @CsvSource({
    "CLIP ViT-B/32, 77, 8, 64",
    "a short prompt, 9, 8, 64",
    "CLIP ViT-bigG/14, 77, 3, 64",
    "a context of 64, 64, 2, 72"
  })
  void realLayers(String layer, int tokens, int heads, int width) {
    check(layer, random.tensor(tokens, 3 * heads * width), heads);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8, 17, 32, 40, 80})
  void anyHeadWidth(int width) {
    check("width", random.tensor(23, 9 * width), 3);
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.KernelParity#extents")
  void anyNumberOfTokens(int tokens) {
    check("tokens", random.tensor(tokens, 6 * 16), 2);
    check("tokens", random.tensor(tokens, 3 * 7), 1);
  }

  /** A tile whose own keys are in two blocks. */
  @Test
  void manyTokens() {
    check("tokens", random.tensor(801, 3 * 8), 1);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SPECIAL")
  void unusualNumbers(Kind kind) {
    check("unusual " + kind, random.tensor(kind, 50, 9 * 64), 3);
  }

  /** A query or a key that is not a number is seen by itself, or by itself and those behind it. */
  @ParameterizedTest
  @CsvSource({"NaN", "Infinity", "-Infinity"})
  void oneSpecialNumber(float special) {
    int dim = 34;
    for (int part = 0; part < 2; part++) {
      Tensor qkv = random.tensor(19, 3 * dim);
      qkv.data()[qkv.offset() + 7 * 3 * dim + part * dim + 20] = special;
      check(special + " in part " + part, qkv, 2);
    }
  }

  @Test
  void theDefinitionIsAMask() {
    Tensor qkv = random.tensor(21, 3 * 10);
    Tensor masked = Tensor.zeros(21, 10);
    Tensor causal = Tensor.zeros(21, 10);
    Workspace ws = new Workspace();
    KernelParity.SCALAR.attention(qkv, 2, 0.4f, mask(2, 21), masked, ws);
    KernelParity.SCALAR.causalAttention(qkv, 2, 0.4f, causal, ws);
    assertArrayEquals(masked.toArray(), causal.toArray());
  }

  /** That what follows a token changes no bit of its result is why it need not be computed. */
  @Test
  void theFutureChangesNothing() {
    int dim = 2 * 24;
    Tensor all = random.tensor(77, 3 * dim);
    Workspace ws = new Workspace();
    Tensor whole = Tensor.zeros(77, dim);
    AttentionKernels.causalAttention(all, 2, 0.2f, whole, ws);
    for (int tokens = 1; tokens < 77; tokens += 5) {
      Tensor part = Tensor.zeros(tokens, dim);
      AttentionKernels.causalAttention(ws.view(all, 0, tokens, 3 * dim), 2, 0.2f, part, ws);
      assertArrayEquals(
          Arrays.copyOf(whole.toArray(), tokens * dim), part.toArray(), tokens + " tokens");
    }
  }

  private void check(String what, Tensor qkv, int heads) {
    int tokens = qkv.rows();
    int dim = qkv.channels() / 3;
    float scale = (float) (1 / Math.sqrt((double) dim / heads));
    double[] bounds = ErrorBound.ofAttention(qkv, heads, scale, mask(heads, tokens));
    for (int i = 0; i < bounds.length; i++) {
      bounds[i] += Float.MIN_VALUE; // what a denormal result is rounded to
    }
    KernelParity.check(
        "causal attention, %s, %s, %d heads, %s".formatted(what, qkv, heads, random),
        Guarded.unset(Shape.of(tokens, dim)),
        List.of(qkv),
        bounds,
        (kernels, y, ws) -> kernels.causalAttention(qkv, heads, scale, y, ws));
  }

  /** -infinity behind the diagonal. */
  private static AttentionBias mask(int heads, int tokens) {
    float[] elements = new float[heads * tokens * tokens];
    for (int row = 0; row < heads * tokens; row++) {
      int query = row % tokens;
      Arrays.fill(elements, row * tokens + query + 1, (row + 1) * tokens, Float.NEGATIVE_INFINITY);
    }
    return AttentionBias.of(elements, heads, tokens);
  }
}
