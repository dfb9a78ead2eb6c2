package ocellus.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class TensorTest {
  private final float[] data = {0, 1, 2, 3, 4, 5, 6, 7};

  @Test
  void isAViewOfItsArray() {
    Tensor tensor = Tensor.of(data, 2, Shape.of(2, 3));
    assertSame(data, tensor.data());
    assertEquals(2, tensor.offset());
    assertArrayEquals(new float[] {2, 3, 4, 5, 6, 7}, tensor.toArray());
    data[2] = 9;
    assertEquals(9, tensor.toArray()[0]);
  }

  @Test
  void hasRowsOfChannels() {
    Tensor map = Tensor.zeros(5, 6, 7);
    assertEquals(210, map.size());
    assertEquals(7, map.channels());
    assertEquals(30, map.rows());
    assertEquals(6, map.dim(1));
    assertEquals(6, map.dim(-2));
    Tensor vector = Tensor.zeros(7);
    assertEquals(7, vector.channels());
    assertEquals(1, vector.rows());
    assertEquals(0, Tensor.zeros(0, 7).rows());
  }

  @Test
  void fillsItsArray() {
    assertEquals(Shape.of(2, 4), Tensor.of(data, 2, 4).shape());
    assertThrows(IllegalArgumentException.class, () -> Tensor.of(data, 7));
    assertThrows(IllegalArgumentException.class, () -> Tensor.of(data, 3, 3));
  }

  @Test
  void staysWithinItsArray() {
    assertThrows(IllegalArgumentException.class, () -> Tensor.of(data, 3, Shape.of(2, 3)));
    assertThrows(IllegalArgumentException.class, () -> Tensor.of(data, -1, Shape.of(2)));
    assertThrows(
        IllegalArgumentException.class, () -> Tensor.of(data, 0, Shape.of(1L << 31, 1L << 31)));
  }

  @Test
  void zerosMustFitAnArray() {
    assertThrows(ArithmeticException.class, () -> Tensor.zeros(1L << 16, 1L << 16));
  }
}
