package ocellus.engine.layers;

import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.kernels.Naive;
import org.junit.jupiter.api.Test;

/** Matrices as they are stored. */
class LinearTest {
  private final RandomWeights weights = new RandomWeights();

  @Test
  void withoutBias() {
    float[] matrix = weights.add("weight", 7, 5);
    Tensor x = weights.random.tensor(3, 5);
    Tensor y = Linear.withoutBias(weights.scope(), 5, 7).forward(x, weights.ws);
    weights.assertClose(Shape.of(3, 7), Naive.linear(x.toArray(), 5, matrix, null, 7), y);
  }

  @Test
  void transposed() {
    float[] stored = weights.add("proj", 5, 7);
    float[] matrix = new float[stored.length];
    for (int i = 0; i < matrix.length; i++) {
      matrix[i] = stored[i % 5 * 7 + i / 5];
    }
    Tensor x = weights.random.tensor(3, 5);
    Tensor y = Linear.transposed(weights.scope(), "proj", 5, 7).forward(x, weights.ws);
    weights.assertClose(Shape.of(3, 7), Naive.linear(x.toArray(), 5, matrix, null, 7), y);
  }
}
