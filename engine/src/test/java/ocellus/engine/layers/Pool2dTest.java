package ocellus.engine.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Window.Padding;
import org.junit.jupiter.api.Test;

/** Pooling by hand: the map counts up from 1. */
class Pool2dTest {
  private static final Tensor X = counting(3, 4);

  private static Tensor counting(int height, int width) {
    Tensor x = Tensor.zeros(height, width, 1);
    for (int i = 0; i < x.size(); i++) {
      x.data()[x.offset() + i] = i + 1;
    }
    return x;
  }

  @Test
  void maxima() {
    check(Pool2d.Kind.MAX, 2, 2, new Padding.Fixed(0), Shape.of(1, 2, 1), 6, 8);
    check(Pool2d.Kind.MAX, 2, 2, new Padding.Ceiling(0), Shape.of(2, 2, 1), 6, 8, 10, 12);
    check(Pool2d.Kind.MAX, 3, 2, new Padding.Fixed(1), Shape.of(2, 2, 1), 6, 8, 10, 12);
  }

  @Test
  void means() {
    check(Pool2d.Kind.MEAN, 2, 2, new Padding.Same(), Shape.of(2, 2, 1), 3.5f, 5.5f, 9.5f, 11.5f);
    check(
        Pool2d.Kind.MEAN_WITH_PADDING,
        2,
        2,
        new Padding.Same(),
        Shape.of(2, 2, 1),
        3.5f,
        5.5f,
        4.75f,
        5.75f);
  }

  @Test
  void anotherSizeHasAnotherWindow() {
    Pool2d pool = new Pool2d(Pool2d.Kind.MAX, 2, 2, new Padding.Fixed(0));
    assertEquals(Shape.of(1, 2, 1), pool.forward(X, new Workspace()).shape());
    assertEquals(Shape.of(2, 1, 1), pool.forward(counting(4, 3), new Workspace()).shape());
    assertEquals(Shape.of(2, 1, 1), pool.forward(counting(4, 2), new Workspace()).shape());
  }

  private static void check(
      Pool2d.Kind kind, int kernel, int stride, Padding padding, Shape shape, float... expected) {
    Tensor y = new Pool2d(kind, kernel, stride, padding).forward(X, new Workspace());
    assertEquals(shape, y.shape());
    assertArrayEquals(expected, y.toArray());
  }
}
