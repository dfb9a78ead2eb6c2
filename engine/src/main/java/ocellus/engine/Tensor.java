package ocellus.engine;

import java.util.Arrays;

/**
 * Activations: a dense row-major block of a {@code float[]}, starting at an offset.
 *
 * <p>Images and feature maps are {@code [height, width, channels]}, sequences {@code [tokens,
 * channels]}: channels are always innermost and contiguous. A tensor that came from a {@link
 * Workspace} is valid until the workspace is released to an earlier mark. Not thread-safe.
 */
public final class Tensor {
  private float[] data; // null until somebody asks, where only shapes count
  private int offset;
  private Shape shape;

  private Tensor(float[] data, int offset, Shape shape) {
    set(data, offset, shape);
  }

  /** A tensor over the whole of {@code data}, which is not copied. */
  public static Tensor of(float[] data, long... dims) {
    Shape shape = Shape.of(dims);
    if (shape.size() != data.length) {
      throw new IllegalArgumentException(
          "shape " + shape + " does not hold " + data.length + " elements");
    }
    return new Tensor(data, 0, shape);
  }

  /** A tensor over a part of {@code data}, which is not copied. */
  public static Tensor of(float[] data, int offset, Shape shape) {
    return new Tensor(data, offset, shape);
  }

  /** A new tensor of zeros with an array of its own. */
  public static Tensor zeros(long... dims) {
    Shape shape = Shape.of(dims);
    return new Tensor(new float[Math.toIntExact(shape.size())], 0, shape);
  }

  /** Points this tensor elsewhere. Only a workspace does this, to its own tensors. */
  void set(float[] data, int offset, Shape shape) {
    if (offset < 0 || shape.size() > data.length - offset) {
      throw new IllegalArgumentException(
          "shape " + shape + " at offset " + offset + " exceeds " + data.length + " elements");
    }
    this.data = data;
    this.offset = offset;
    this.shape = shape;
  }

  /** Makes this a tensor of which only the shape counts; whoever asks for elements gets zeros. */
  void setShape(Shape shape) {
    this.data = null;
    this.offset = 0;
    this.shape = shape;
  }

  /** The array that holds the elements among others. */
  public float[] data() {
    if (data == null) {
      data = new float[size()];
    }
    return data;
  }

  /** The index in {@link #data()} of the first element. */
  public int offset() {
    return offset;
  }

  public Shape shape() {
    return shape;
  }

  /** The extent of dimension {@code i}; negative {@code i} counts from the innermost, -1. */
  public int dim(int i) {
    return (int) shape.dim(i);
  }

  /** The number of elements. */
  public int size() {
    return (int) shape.size();
  }

  /** The innermost extent. */
  public int channels() {
    return dim(-1);
  }

  /**
   * The product of all extents but the innermost: pixels of a feature map, tokens of a sequence.
   */
  public int rows() {
    int rows = 1;
    for (int i = 0; i < shape.rank() - 1; i++) {
      rows *= dim(i);
    }
    return rows;
  }

  /** A copy of the elements. */
  public float[] toArray() {
    return Arrays.copyOfRange(data(), offset, offset + size());
  }

  @Override
  public String toString() {
    return "Tensor" + shape;
  }
}
