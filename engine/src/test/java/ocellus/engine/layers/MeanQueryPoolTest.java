package ocellus.engine.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against keys, values and a softmax for each head, in double. */
class MeanQueryPoolTest {
  private final RandomWeights weights = new RandomWeights();

  @ParameterizedTest
  @CsvSource({"1, 1, 4, 1", "2, 3, 12, 3", "4, 4, 64, 16", "7, 5, 160, 5", "1, 17, 33, 1"})
  void hearsWhatTheMeanAsksFor(int height, int width, int dim, int heads) {
    int tokens = height * width + 1;
    float[] positions = weights.add("pos_embed", tokens, dim);
    Projection query = map("q", dim);
    Projection key = map("k", dim);
    Projection value = map("v", dim);
    Tensor x = weights.random.tensor(height, width, dim);
    double[][] t = new double[tokens][dim];
    for (int c = 0; c < dim; c++) {
      for (int i = 1; i < tokens; i++) {
        t[i][c] = x.data()[x.offset() + (i - 1) * dim + c];
        t[0][c] += t[i][c] / (tokens - 1);
      }
    }
    for (int i = 0; i < tokens; i++) {
      for (int c = 0; c < dim; c++) {
        t[i][c] += positions[i * dim + c];
      }
    }
    double[] q = query.of(t[0]);
    double[] expected = new double[dim];
    int of = dim / heads;
    for (int h = 0; h < heads; h++) {
      double[] weight = new double[tokens];
      double sum = 0;
      for (int i = 0; i < tokens; i++) {
        double[] k = key.of(t[i]);
        double score = 0;
        for (int c = h * of; c < (h + 1) * of; c++) {
          score += q[c] * k[c];
        }
        weight[i] = Math.exp(score / Math.sqrt(of));
        sum += weight[i];
      }
      for (int i = 0; i < tokens; i++) {
        double[] v = value.of(t[i]);
        for (int c = h * of; c < (h + 1) * of; c++) {
          expected[c] += weight[i] / sum * v[c];
        }
      }
    }
    Tensor y = Tensor.zeros(dim);
    float[] before = x.toArray();
    new MeanQueryPool(weights.scope(), tokens - 1, dim, heads).forward(x, y, weights.ws);
    weights.assertClose(Shape.of(dim), expected, y);
    assertArrayEquals(before, x.toArray());
  }

  /** Weights of a size that leaves the softmax undecided. */
  private Projection map(String name, int dim) {
    float[] matrix = weights.add(name + ".weight", dim, dim);
    for (int i = 0; i < matrix.length; i++) {
      matrix[i] /= (float) Math.sqrt(dim);
    }
    return new Projection(matrix, weights.add(name + ".bias", dim));
  }

  private static final class Projection {
    private final float[] matrix;
    private final float[] bias;

    Projection(float[] matrix, float[] bias) {
      this.matrix = matrix;
      this.bias = bias;
    }

    double[] of(double[] x) {
      double[] y = new double[bias.length];
      for (int r = 0; r < y.length; r++) {
        y[r] = bias[r];
        for (int c = 0; c < x.length; c++) {
          y[r] += (double) matrix[r * x.length + c] * x[c];
        }
      }
      return y;
    }
  }
}
