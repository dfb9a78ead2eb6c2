package ocellus.engine.kernels;

import java.util.List;
import ocellus.engine.Tensor;
import ocellus.engine.kernels.RandomData.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class MultiQueryAttentionParityTest {
  private final RandomData random = new RandomData();

  @ParameterizedTest(name = "{0}: {1} queries of {2} heads, {3} keys of {4}")
  @CsvSource({
    "MobileNetV4-Hybrid-M at 224, 196, 4, 49, 64",
    "MobileNetV4-Hybrid-M at 448, 100, 4, 196, 64",
    "MobileNetV4-Hybrid-L, 64, 8, 144, 48",
    "MobileNetV4-Hybrid-L at 7x7, 49, 8, 49, 64"
  })
  void realLayers(String layer, int queries, int heads, int keys, int width) {
    check(layer, Kind.NORMAL, queries, heads, keys, width);
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.KernelParity#extents")
  void anyNumbers(int extent) {
    check("queries", Kind.NORMAL, extent, 2, 5, 16);
    if (extent > 0) {
      check("keys", Kind.NORMAL, 7, 1, extent, 8);
      check("width", Kind.NORMAL, 4, 3, 6, extent);
    }
  }

  /** More than one block of keys. */
  @Test
  void manyKeys() {
    check("keys", Kind.NORMAL, 3, 2, 1537, 8);
  }

  @ParameterizedTest
  @EnumSource
  void unusualNumbers(Kind kind) {
    check("unusual", kind, 17, 3, 20, 24);
  }

  private void check(String what, Kind kind, int queries, int heads, int keys, int width) {
    Tensor q = random.tensor(kind, queries, heads * width);
    Tensor keysAndValues = random.tensor(kind, 2, keys, width);
    float scale = (float) (1 / Math.sqrt(width));
    KernelParity.check(
        "multiQueryAttention, %s, %s, %s, %s, %s".formatted(what, kind, q, keysAndValues, random),
        Guarded.unset(q.shape()),
        List.of(q, keysAndValues),
        ErrorBound.ofMultiQueryAttention(q, keysAndValues, scale),
        (kernels, y, ws) -> kernels.multiQueryAttention(q, keysAndValues, scale, y, ws));
  }
}
