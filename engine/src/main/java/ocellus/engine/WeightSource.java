package ocellus.engine;

import java.util.Set;
import ocellus.engine.kernels.WeightFormat;

/**
 * Named tensors of a checkpoint, read as {@code float} whatever type they are stored in.
 *
 * <p>Implementations are immutable and thread-safe as long as the file behind them stays open.
 */
public interface WeightSource {
  /** The names of all tensors, in a stable order. */
  Set<String> names();

  /**
   * The shape of a tensor.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  Shape shape(String name);

  /**
   * The narrowest format that is known to hold every element of a tensor exactly: what it is stored
   * as, mostly.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  default WeightFormat format(String name) {
    return WeightFormat.F32;
  }

  /**
   * Copies elements of a tensor in row-major order, widened to {@code float} (F64: rounded).
   *
   * @param from index of the first element
   * @throws IndexOutOfBoundsException if the range is not within tensor and array
   * @throws WeightException if the tensor's element type holds no weights
   */
  void read(String name, long from, float[] target, int offset, int count);

  /**
   * What messages should call a tensor, whether it is there or not: in a view that renames, its
   * name in the file.
   */
  default String nameInFile(String name) {
    return name;
  }

  /** What holds the tensors, for messages: a file name, for instance. */
  String description();
}
