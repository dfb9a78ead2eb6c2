package ocellus.engine;

import java.util.Arrays;

/** The extents of a tensor, outermost first. Immutable. A shape without dimensions is a scalar. */
public final class Shape {
  private final long[] dims;

  private Shape(long[] dims) {
    this.dims = dims;
  }

  /**
   * @throws IllegalArgumentException if an extent is negative
   * @throws ArithmeticException if the number of elements exceeds a {@code long}
   */
  public static Shape of(long... dims) {
    long size = 1;
    for (long d : dims) {
      if (d < 0) {
        throw new IllegalArgumentException("negative extent in shape " + Arrays.toString(dims));
      }
      size = Math.multiplyExact(size, d);
    }
    return new Shape(dims.clone());
  }

  public int rank() {
    return dims.length;
  }

  /** The extent of dimension {@code i}; negative {@code i} counts from the innermost, -1. */
  public long dim(int i) {
    return dims[i < 0 ? dims.length + i : i];
  }

  /** The number of elements. */
  public long size() {
    long size = 1;
    for (long d : dims) {
      size *= d;
    }
    return size;
  }

  /** Whether this is the only extent. */
  public boolean is(long d0) {
    return dims.length == 1 && dims[0] == d0;
  }

  /** Whether these are the extents, in this order. */
  public boolean is(long d0, long d1) {
    return dims.length == 2 && dims[0] == d0 && dims[1] == d1;
  }

  /** Whether these are the extents, in this order. */
  public boolean is(long d0, long d1, long d2) {
    return dims.length == 3 && dims[0] == d0 && dims[1] == d1 && dims[2] == d2;
  }

  /** Whether these are the extents, in this order. */
  public boolean is(long... expected) {
    return Arrays.equals(dims, expected);
  }

  public long[] toArray() {
    return dims.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** As in {@code [197, 192]}. */
  @Override
  public String toString() {
    return Arrays.toString(dims);
  }
}
