package ocellus.models.arch;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import ocellus.engine.Shape;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.WeightFormat;

/**
 * A checkpoint in which some tensors are parts of others along the first dimension, such as the
 * weights of query, key and value that the file has in one, or a batch of one.
 */
final class SlicedWeights implements WeightSource {
  /**
   * Some of the equal parts of a tensor.
   *
   * @param first of the parts
   * @param count of the parts
   * @param parts how many the tensor has
   * @param batched whether the slice has another dimension of 1 before the others
   */
  record Slice(String tensor, int first, int count, int parts, boolean batched) {
    /** Parts of a tensor. */
    static Slice of(String tensor, int first, int count, int parts) {
      return new Slice(tensor, first, count, parts, false);
    }

    /** A batch of one tensor. */
    static Slice batch(String tensor) {
      return new Slice(tensor, 0, 1, 1, true);
    }

    /** The slice of a tensor of this shape. */
    Shape shape(Shape whole) {
      long[] dims = whole.toArray();
      dims[0] = dims[0] / parts * count;
      if (!batched) {
        return Shape.of(dims);
      }
      long[] batch = new long[dims.length + 1];
      batch[0] = 1;
      System.arraycopy(dims, 0, batch, 1, dims.length);
      return Shape.of(batch);
    }
  }

  private final WeightSource file;
  private final Map<String, Slice> slices; // of all that are asked for
  private final Map<String, Slice> tensors = new LinkedHashMap<>(); // null: as in the file

  /**
   * A view of {@code file}.
   *
   * @param slices from a name to the part of a tensor of the file that it stands for. A tensor that
   *     has no such parts stays as it is.
   */
  SlicedWeights(WeightSource file, Map<String, Slice> slices) {
    this.file = file;
    this.slices = Map.copyOf(slices);
    for (String name : file.names()) {
      tensors.put(name, null);
    }
    slices.forEach(
        (name, slice) -> {
          if (file.names().contains(slice.tensor) && divides(slice)) {
            tensors.put(name, slice);
          }
        });
    tensors.values().stream()
        .filter(Objects::nonNull)
        .map(Slice::tensor)
        .distinct()
        .toList()
        .forEach(tensors::remove);
  }

  private boolean divides(Slice slice) {
    Shape shape = file.shape(slice.tensor);
    return shape.rank() > 0 && shape.dim(0) % slice.parts == 0;
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  @Override
  public Shape shape(String name) {
    Slice slice = slice(name);
    return slice == null ? file.shape(name) : slice.shape(file.shape(slice.tensor));
  }

  @Override
  public WeightFormat format(String name) {
    Slice slice = slice(name);
    return file.format(slice == null ? name : slice.tensor);
  }

  @Override
  public void read(String name, long from, float[] target, int offset, int count) {
    Slice slice = slice(name);
    if (slice == null) {
      file.read(name, from, target, offset, count);
      return;
    }
    Shape whole = file.shape(slice.tensor);
    Objects.checkFromIndexSize(from, count, slice.shape(whole).size());
    long first = whole.size() / slice.parts * slice.first;
    file.read(slice.tensor, first + from, target, offset, count);
  }

  private Slice slice(String name) {
    if (!tensors.containsKey(name)) {
      throw new IllegalArgumentException("no tensor " + name);
    }
    return tensors.get(name);
  }

  @Override
  public String nameInFile(String name) {
    Slice slice = slices.get(name);
    return file.nameInFile(slice == null ? name : slice.tensor);
  }

  @Override
  public String description() {
    return file.description();
  }
}
