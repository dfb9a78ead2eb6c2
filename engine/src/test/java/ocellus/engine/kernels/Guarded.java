package ocellus.engine.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;

/**
 * Tensors in the middle of a larger array, at an offset that no vector is aligned to, between NaNs:
 * who reads too much gets NaN, who writes too much is caught.
 */
final class Guarded {
  private static final int BEFORE = 21;
  private static final int AFTER = 37;

  /** A NaN that no computation makes. */
  private static final int CANARY = 0x7fc0_ca4a;

  private Guarded() {}

  /** A guarded copy of these elements. */
  static Tensor tensor(float[] elements, Shape shape) {
    float[] data = new float[BEFORE + elements.length + AFTER];
    Arrays.fill(data, Float.intBitsToFloat(CANARY));
    System.arraycopy(elements, 0, data, BEFORE, elements.length);
    return Tensor.of(data, BEFORE, shape);
  }

  static Tensor copy(Tensor tensor) {
    return tensor(tensor.toArray(), tensor.shape());
  }

  /** A guarded tensor that is itself filled with canaries. */
  static Tensor unset(Shape shape) {
    float[] elements = new float[(int) shape.size()];
    Arrays.fill(elements, Float.intBitsToFloat(CANARY));
    return tensor(elements, shape);
  }

  static void assertIntact(Tensor tensor, String what) {
    float[] data = tensor.data();
    for (int i = 0; i < data.length; i++) {
      if (i < BEFORE || i >= data.length - AFTER) {
        int index = i - BEFORE;
        assertEquals(
            CANARY, Float.floatToRawIntBits(data[i]), () -> what + ": wrote to element " + index);
      }
    }
  }
}
