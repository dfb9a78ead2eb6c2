package ocellus.engine;

import ocellus.engine.kernels.WeightFormat;

/** One tensor of a checkpoint, found and of the expected shape, not yet read. */
public final class Weight {
  private final WeightSource source; // null: all zeros
  private final String name;
  private final Shape shape;

  Weight(WeightSource source, String name, Shape shape) {
    this.source = source;
    this.name = name;
    this.shape = shape;
  }

  public String name() {
    return name;
  }

  public Shape shape() {
    return shape;
  }

  /** The narrowest format that holds every element exactly; F32 where that is not known. */
  public WeightFormat format() {
    return source == null ? WeightFormat.F32 : source.format(name);
  }

  /** All elements, row-major, in a new array. */
  public float[] toArray() {
    float[] array = new float[Math.toIntExact(shape.size())];
    read(0, array, 0, array.length);
    return array;
  }

  /** Copies {@code count} elements from the {@code from}-th on. */
  public void read(long from, float[] target, int offset, int count) {
    if (source != null) {
      source.read(name, from, target, offset, count);
    }
  }

  @Override
  public String toString() {
    return name + shape;
  }
}
