package ocellus.models.arch;

import java.util.Objects;
import java.util.Set;
import ocellus.engine.Shape;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.WeightFormat;

/**
 * A checkpoint whose patch embedding is a linear map of patches with their channels innermost,
 * {@code [dim, patch * patch * channels]}, seen as the convolution that it is, {@code [dim,
 * channels, patch, patch]}.
 *
 * @param name of the tensor; another shape stays as it is
 */
record PatchWeights(WeightSource weights, String name, int patch, int channels)
    implements WeightSource {
  private int area() {
    return patch * patch;
  }

  private boolean isSeenOtherwise(String tensor) {
    if (!tensor.equals(name)) {
      return false;
    }
    Shape stored = weights.shape(tensor);
    return stored.rank() == 2 && stored.dim(1) == (long) area() * channels;
  }

  @Override
  public Set<String> names() {
    return weights.names();
  }

  @Override
  public Shape shape(String tensor) {
    Shape stored = weights.shape(tensor);
    return isSeenOtherwise(tensor) ? Shape.of(stored.dim(0), channels, patch, patch) : stored;
  }

  @Override
  public WeightFormat format(String tensor) {
    return weights.format(tensor);
  }

  @Override
  public void read(String tensor, long from, float[] target, int offset, int count) {
    if (!isSeenOtherwise(tensor)) {
      weights.read(tensor, from, target, offset, count);
      return;
    }
    Objects.checkFromIndexSize(from, count, weights.shape(tensor).size());
    int size = area() * channels;
    float[] row = new float[size];
    long inRow = -1;
    for (int i = 0; i < count; i++) {
      long filter = (from + i) / size;
      if (filter != inRow) {
        weights.read(tensor, filter * size, row, 0, size);
        inRow = filter;
      }
      int at = (int) ((from + i) % size);
      target[offset + i] = row[at % area() * channels + at / area()];
    }
  }

  @Override
  public String nameInFile(String tensor) {
    return weights.nameInFile(tensor);
  }

  @Override
  public String description() {
    return weights.description();
  }
}
