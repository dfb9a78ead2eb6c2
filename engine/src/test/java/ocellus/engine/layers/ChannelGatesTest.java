package ocellus.engine.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Naive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The factors of channels against their formulas in double. */
class ChannelGatesTest {
  private static final int CHANNELS = 37;

  private final RandomWeights weights = new RandomWeights();
  private final Tensor x = weights.random.tensor(5, 3, CHANNELS);
  private final double[] means = Naive.averageRows(x.toArray(), CHANNELS);

  @Test
  void squeezeExcite() {
    int reduced = 6;
    float[] reduce = weights.add("fc1.weight", reduced, CHANNELS, 1, 1);
    float[] reduceBias = weights.add("fc1.bias", reduced);
    float[] expand = weights.add("fc2.weight", CHANNELS, reduced, 1, 1);
    float[] expandBias = weights.add("fc2.bias", CHANNELS);
    WeightScope w = weights.scope();
    var gate =
        new SqueezeExcite(
            w.in("fc1"), w.in("fc2"), CHANNELS, reduced, Activation.RELU, Activation.SIGMOID);
    double[] few = Naive.linear(narrow(means), CHANNELS, reduce, reduceBias, reduced);
    float[] active = narrow(Naive.activate(Activation.RELU, few));
    double[] expected =
        Naive.activate(
            Activation.SIGMOID, Naive.linear(active, reduced, expand, expandBias, CHANNELS));
    weights.assertClose(Shape.of(CHANNELS), expected, gate.factors(x, weights.ws));
  }

  @Test
  void efficientChannelAttention() {
    float[] taps = weights.add("conv.weight", 1, 1, 5);
    var gate = new EfficientChannelAttention(weights.scope(), 5);
    double[] expected = new double[CHANNELS];
    for (int c = 0; c < CHANNELS; c++) {
      for (int tap = 0; tap < 5; tap++) {
        int i = c + tap - 2;
        expected[c] += i >= 0 && i < CHANNELS ? taps[tap] * means[i] : 0;
      }
    }
    weights.assertClose(
        Shape.of(CHANNELS),
        Naive.activate(Activation.SIGMOID, expected),
        gate.factors(x, weights.ws));
  }

  /** By timm's {@code EcaModule(channels).conv.kernel_size}. */
  @ParameterizedTest
  @CsvSource({"8, 3", "64, 3", "128, 5", "256, 5", "512, 5", "1024, 5", "2048, 7"})
  void theKernelGrowsWithTheChannels(int channels, int kernel) {
    assertEquals(kernel, EfficientChannelAttention.kernelFor(channels));
  }

  @Test
  void anEvenKernelHasNoCentre() {
    assertThrows(
        IllegalArgumentException.class, () -> new EfficientChannelAttention(weights.scope(), 4));
  }

  private static float[] narrow(double[] values) {
    float[] narrow = new float[values.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) values[i];
    }
    return narrow;
  }
}
