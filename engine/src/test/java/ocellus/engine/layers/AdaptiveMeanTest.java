package ocellus.engine.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import org.junit.jupiter.api.Test;

/** Against PyTorch's adaptive_avg_pool2d of a map that counts up from 1, in two channels. */
class AdaptiveMeanTest {
  private static final Tensor X = Tensor.zeros(3, 5, 2);

  static {
    for (int i = 0; i < X.size(); i++) {
      X.data()[X.offset() + i] = i + 1;
    }
  }

  @Test
  void fewerParts() {
    check(2, 2, 8, 9, 12, 13, 18, 19, 22, 23);
  }

  @Test
  void moreParts() {
    check(4, 1, 5, 6, 10, 11, 20, 21, 25, 26);
  }

  @Test
  void theSameSizeIsTheMapItself() {
    assertSame(X, AdaptiveMean.forward(X, 3, 5, new Workspace()));
  }

  private static void check(int height, int width, float... expected) {
    Tensor y = AdaptiveMean.forward(X, height, width, new Workspace());
    assertEquals(Shape.of(height, width, 2), y.shape());
    assertArrayEquals(expected, y.toArray());
  }
}
