package ocellus.engine.layers;

import java.util.ArrayList;
import java.util.List;
import ocellus.engine.Weight;
import ocellus.engine.WeightScope;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.WeightFormat;

/**
 * The matrix and the bias of a fully connected layer, put together from the rows of several tensors
 * and in an order of its own: maps that share their input are one product. Not thread-safe.
 */
public final class LinearRows {
  private final int in;
  private final List<Weight> matrices = new ArrayList<>();
  private final List<Integer> firstRows = new ArrayList<>(); // of each matrix
  private float[] bias = new float[0];
  private boolean biased;

  public LinearRows(int in) {
    this.in = in;
  }

  /**
   * Appends {@code weight [rows, in]} of the scope.
   *
   * @param bias of as many rows, or null for zeros
   */
  public LinearRows add(WeightScope w, int rows, float[] bias) {
    int first = this.bias.length;
    matrices.add(w.matrix("weight", rows, in));
    firstRows.add(first);
    float[] longer = new float[first + rows];
    System.arraycopy(this.bias, 0, longer, 0, first);
    if (bias != null) {
      System.arraycopy(bias, 0, longer, first, rows);
      biased = true;
    }
    this.bias = longer;
    return this;
  }

  /** Appends {@code weight [rows, in]} and, unless it has none, {@code bias} of the scope. */
  public LinearRows add(WeightScope w, int rows, boolean hasBias) {
    return add(w, rows, hasBias ? w.tensor("bias", rows).toArray() : null);
  }

  /** The rows as they were appended. */
  Linear pack(WeightScope w) {
    return pack(w, 0, bias.length, Activation.IDENTITY);
  }

  /** The rows from {@code first} to before {@code end}. */
  public Linear pack(WeightScope w, int first, int end, Activation activation) {
    int[] order = new int[end - first];
    for (int i = 0; i < order.length; i++) {
      order[i] = first + i;
    }
    return pack(w, order, activation);
  }

  /**
   * Rows in another order.
   *
   * @param order for each row of the layer, which of those that were appended it is
   */
  Linear pack(WeightScope w, int[] order, Activation activation) {
    PackedMatrix matrix =
        w.pack(
            matrices.getFirst(),
            format(),
            in,
            order.length,
            (row, target, offset) -> read(order[row], target, offset));
    float[] shift = new float[order.length];
    for (int i = 0; i < shift.length; i++) {
      shift[i] = bias[order[i]];
    }
    return new Linear(matrix, biased ? shift : null, activation);
  }

  /** The narrowest format that holds all, if it is that of each. */
  private WeightFormat format() {
    WeightFormat first = matrices.getFirst().format();
    boolean same = matrices.stream().allMatch(matrix -> matrix.format() == first);
    return same ? first : WeightFormat.F32;
  }

  private void read(int row, float[] target, int offset) {
    int part = matrices.size() - 1;
    while (row < firstRows.get(part)) {
      part--;
    }
    matrices.get(part).read((long) (row - firstRows.get(part)) * in, target, offset, in);
  }
}
