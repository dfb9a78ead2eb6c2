package ocellus.engine.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ocellus.engine.Tensor;
import ocellus.engine.kernels.Activation;
import ocellus.engine.layers.Conv2d.Spec;
import org.junit.jupiter.api.Test;

/** Rows that go through two layers some at a time are what they are alone. */
class BandsTest {
  private static final int WIDE = 4096;
  private static final int ROWS = 100;
  private static final int DIM = 8;

  private final RandomWeights weights = new RandomWeights();

  @Test
  void areOfAboutTheSameSize() {
    assertEquals(25, Bands.rows(ROWS, WIDE, DIM, 1)); // of at most 32
    assertEquals(50, Bands.rows(ROWS, WIDE, DIM, 2));
    assertEquals(ROWS, Bands.rows(ROWS, 16, DIM, 1));
    assertEquals(48, Bands.rows(48, WIDE, DIM, 1)); // rather than 24 twice
    assertEquals(1, Bands.rows(3, Integer.MAX_VALUE, DIM, 1));
  }

  @Test
  void ofLargeMatricesThereIsOne() {
    assertEquals(ROWS, Bands.rows(ROWS, WIDE, 1 << 20, 1));
  }

  @Test
  void mlp() {
    weights.add("fc1.weight", WIDE, DIM);
    weights.add("fc1.bias", WIDE);
    weights.add("fc2.weight", DIM, WIDE);
    weights.add("fc2.bias", DIM);
    Mlp mlp = new Mlp(weights.scope(), DIM, WIDE, Activation.GELU, null);
    Tensor x = weights.random.tensor(ROWS, DIM);
    Tensor y = Tensor.zeros(ROWS, DIM);
    Tensor alone = Tensor.zeros(ROWS, DIM);
    for (int row = 0; row < ROWS; row++) {
      mlp.forward(row(x, row), row(alone, row), weights.ws);
      mlp.addTo(row(x, row), row(alone, row), weights.ws);
    }
    mlp.forward(x, y, weights.ws);
    mlp.addTo(x, y, weights.ws);
    assertArrayEquals(alone.toArray(), y.toArray());
  }

  private Tensor row(Tensor x, int row) {
    return weights.ws.view(x, row * DIM, 1, DIM);
  }

  @Test
  void pointwiseConvolutions() {
    weights.add("first.weight", WIDE, DIM, 1, 1);
    weights.add("first.bias", WIDE);
    weights.add("second.weight", DIM, WIDE, 1, 1);
    weights.add("second.bias", DIM);
    Conv2d first = new Conv2d(Spec.of(DIM, WIDE, 1), weights.scope().in("first"));
    Conv2d second = new Conv2d(Spec.of(WIDE, DIM, 1), weights.scope().in("second"));
    Tensor x = weights.random.tensor(ROWS / 10, 10, DIM);
    Tensor y = weights.random.tensor(ROWS / 10, 10, WIDE);
    Tensor sum = first.forward(x, y, weights.ws);
    Tensor z = Tensor.zeros(ROWS / 10, 10, DIM);
    Bands.forward(first, x, y, y, second, z, weights.ws);
    assertArrayEquals(sum.toArray(), y.toArray());
    assertArrayEquals(second.forward(sum, weights.ws).toArray(), z.toArray());
  }
}
