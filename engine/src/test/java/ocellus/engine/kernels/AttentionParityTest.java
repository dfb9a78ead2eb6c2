package ocellus.engine.kernels;

import java.util.List;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.kernels.RandomData.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttentionParityTest {
  private final RandomData random = new RandomData();

  @ParameterizedTest(name = "{0}: {1} tokens, {2} heads of {3}")
  @CsvSource({
    "ViT-Ti/16, 197, 3, 64",
    "ViT-B/32, 50, 12, 64",
    "ViT-S/16 without class token, 196, 6, 64",
    "ViT-S/14 with registers at 98x98, 54, 6, 64",
    "ViT-H/14 at 56x56, 17, 16, 80",
    "SO400M, 64, 2, 72",
    "ViT-g/14, 26, 2, 88"
  })
  void realLayers(String layer, int tokens, int heads, int width) {
    check(layer, Kind.NORMAL, tokens, heads, width);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 8, 16, 17, 24, 32, 33, 40, 64, 80, 88})
  void anyHeadWidth(int width) {
    check("width", Kind.NORMAL, 1, 2, width);
    check("width", Kind.NORMAL, 5, 1, width);
    check("width", Kind.NORMAL, 23, 3, width);
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.KernelParity#extents")
  void anyNumberOfTokens(int tokens) {
    check("tokens", Kind.NORMAL, tokens, 2, 16);
    check("tokens", Kind.NORMAL, tokens, 1, 7);
  }

  /** More than one block of keys, wherever blocks begin. */
  @Test
  void manyTokens() {
    check("tokens", Kind.NORMAL, 1025, 1, 8);
  }

  @ParameterizedTest
  @EnumSource
  void unusualNumbers(Kind kind) {
    check("unusual", kind, 50, 3, 64);
    check("unusual", kind, 5, 4, 24);
  }

  @ParameterizedTest
  @CsvSource({"NaN", "Infinity", "-Infinity"})
  void oneSpecialNumber(float special) {
    int tokens = 19;
    int dim = 34;
    for (int part = 0; part < 3; part++) {
      Tensor qkv = random.tensor(tokens, 3 * dim);
      qkv.data()[qkv.offset() + 7 * 3 * dim + part * dim + 20] = special;
      check(special + " in part " + part, qkv, 2);
    }
  }

  @ParameterizedTest(name = "{0}: {1} tokens, {2} heads of {3}")
  @CsvSource({"EVA-02-S, 576, 6, 64", "DINOv3 7B, 196, 2, 128", "odd, 7, 3, 26", "few, 1, 1, 2"})
  void rotations(String layer, int tokens, int heads, int width) {
    for (Kind kind : Kind.values()) {
      checkRotation(layer, kind, tokens, heads, width);
    }
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.KernelParity#extents")
  void rotationsOfAnySize(int size) {
    checkRotation("tokens", Kind.NORMAL, size, 2, 8);
    if (size > 0) {
      checkRotation("half of a head", Kind.NORMAL, 3, 2, 2 * size);
    }
  }

  private void checkRotation(String layer, Kind kind, int tokens, int heads, int width) {
    Tensor qkv = random.tensor(kind, tokens, 3 * heads * width);
    float[] cosines = random.floats(tokens * width / 2);
    float[] sines = random.floats(tokens * width / 2);
    Tensor magnitudes = ErrorBound.magnitudes(qkv);
    float[] negative = ErrorBound.magnitudes(sines);
    double[] bounds = new double[qkv.size()];
    float[] values = magnitudes.toArray();
    float[] positive = ErrorBound.magnitudes(cosines);
    int half = width / 2;
    for (int i = 0; i < bounds.length; i++) {
      int token = i / (3 * heads * width);
      int channel = i % width;
      int angle = token * half + channel % half;
      int other = channel < half ? i + half : i - half;
      double terms =
          positive[angle] * (double) values[i] + negative[angle] * (double) values[other];
      bounds[i] = 3 * ErrorBound.ROUNDOFF * terms + 3 * Float.MIN_VALUE;
    }
    KernelParity.check(
        "rotate, %s, %s %d tokens, %d heads of %d, %s"
            .formatted(layer, kind, tokens, heads, width, random),
        qkv,
        List.of(),
        bounds,
        (kernels, y, ws) -> kernels.rotate(y, heads, cosines, sines, ws));
  }

  private void check(String layer, Kind kind, int tokens, int heads, int width) {
    check(layer + ", " + kind, random.tensor(kind, tokens, 3 * heads * width), heads);
  }

  private void check(String what, Tensor qkv, int heads) {
    int dim = qkv.channels() / 3;
    float scale = (float) (1 / Math.sqrt((double) dim / heads));
    KernelParity.check(
        "attention, %s, %s, %d heads, %s".formatted(what, qkv, heads, random),
        Guarded.unset(Shape.of(qkv.rows(), dim)),
        List.of(qkv),
        ErrorBound.ofAttention(qkv, heads, scale, null),
        (kernels, y, ws) -> kernels.attention(qkv, heads, scale, null, y, ws));
  }
}
