package ocellus.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ShapeTest {
  @Test
  void countsElements() {
    assertEquals(24, Shape.of(2, 3, 4).size());
    assertEquals(0, Shape.of(2, 0, 4).size());
    assertEquals(1, Shape.of().size());
    assertEquals(1L << 62, Shape.of(1L << 31, 1L << 31).size());
  }

  @Test
  void countsDimensionsFromBothEnds() {
    Shape shape = Shape.of(5, 6, 7);
    assertEquals(3, shape.rank());
    assertEquals(5, shape.dim(0));
    assertEquals(7, shape.dim(2));
    assertEquals(7, shape.dim(-1));
    assertEquals(5, shape.dim(-3));
    assertThrows(IndexOutOfBoundsException.class, () -> shape.dim(3));
    assertThrows(IndexOutOfBoundsException.class, () -> shape.dim(-4));
  }

  @Test
  void isComparedByExtents() {
    assertEquals(Shape.of(2, 3), Shape.of(2, 3));
    assertEquals(Shape.of(2, 3).hashCode(), Shape.of(2, 3).hashCode());
    assertNotEquals(Shape.of(2, 3), Shape.of(3, 2));
    assertNotEquals(Shape.of(6), Shape.of(6, 1));
    assertTrue(Shape.of(2, 3).is(2, 3));
    assertFalse(Shape.of(2, 3).is(2, 3, 1));
  }

  @Test
  void isImmutable() {
    long[] dims = {2, 3};
    Shape shape = Shape.of(dims);
    dims[0] = 9;
    shape.toArray()[1] = 9;
    assertArrayEquals(new long[] {2, 3}, shape.toArray());
  }

  @Test
  void refusesNegativeExtents() {
    Exception e = assertThrows(IllegalArgumentException.class, () -> Shape.of(2, -3));
    assertTrue(e.getMessage().contains("[2, -3]"), e.getMessage());
  }

  @Test
  void refusesMoreElementsThanALongCounts() {
    assertThrows(ArithmeticException.class, () -> Shape.of(1L << 32, 1L << 31));
    assertThrows(ArithmeticException.class, () -> Shape.of(Long.MAX_VALUE, 2));
  }

  @Test
  void printsItsExtents() {
    assertEquals("[197, 192]", Shape.of(197, 192).toString());
  }
}
