package ocellus.engine.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ocellus.engine.WeightException;
import ocellus.engine.WeightScope;
import org.junit.jupiter.api.Test;

class AffineTest {
  private static final int CHANNELS = 5;

  private final RandomWeights weights = new RandomWeights();

  @Test
  void nothingChangesNothing() {
    float[] filter = {1, 2, 3};
    Affine.none().scale(0, filter, 0, 3);
    assertArrayEquals(new float[] {1, 2, 3}, filter);
    assertNull(Affine.none().bias());
  }

  @Test
  void aBiasIsAddedAndDoesNotScale() {
    float[] bias = weights.add("bias", CHANNELS);
    Affine affine = Affine.bias(weights.scope(), CHANNELS);
    assertArrayEquals(bias, affine.bias());
    float[] filter = {1, 2, 3};
    affine.scale(4, filter, 0, 3);
    assertArrayEquals(new float[] {1, 2, 3}, filter);
  }

  @Test
  void batchNormIsFolded() {
    float[] gamma = weights.add("weight", CHANNELS);
    float[] beta = weights.add("bias", CHANNELS);
    float[] mean = weights.add("running_mean", CHANNELS);
    float[] variance = weights.addPositive("running_var", CHANNELS);
    double epsilon = 1e-3;
    Affine affine = Affine.batchNorm(weights.scope(), CHANNELS, epsilon);
    float[] shift = affine.bias();
    for (int c = 0; c < CHANNELS; c++) {
      float[] filter = {9, 1, 9};
      affine.scale(c, filter, 1, 1);
      assertEquals(9, filter[0]);
      assertEquals(9, filter[2]);
      // (x - mean) / sqrt(variance + epsilon) gamma + beta, at an x of 2.5
      double expected = (2.5 - mean[c]) / Math.sqrt(variance[c] + epsilon) * gamma[c] + beta[c];
      double folded = 2.5 * filter[1] + shift[c];
      assertEquals(expected, folded, 1e-5, "channel " + c + ", " + weights.random);
    }
  }

  @Test
  void layerScaleMultipliesScaleAndShift() {
    float[] bias = weights.add("bias", CHANNELS);
    float[] gamma = weights.random.floats(CHANNELS);
    Affine scaled = Affine.bias(weights.scope(), CHANNELS).then(gamma);
    Affine twice = scaled.then(gamma);
    for (int c = 0; c < CHANNELS; c++) {
      float[] filter = {2};
      scaled.scale(c, filter, 0, 1);
      assertEquals(2 * gamma[c], filter[0]);
      assertEquals(bias[c] * gamma[c], scaled.bias()[c]);
      filter[0] = 2;
      twice.scale(c, filter, 0, 1);
      assertEquals((float) (2.0 * gamma[c] * gamma[c]), filter[0]);
    }
    assertNull(Affine.none().then(gamma).bias());
  }

  @Test
  void aBiasMayComeBeforeABatchNorm() {
    float[] gamma = weights.add("bn.weight", CHANNELS);
    float[] beta = weights.add("bn.bias", CHANNELS);
    float[] mean = weights.add("bn.running_mean", CHANNELS);
    float[] variance = weights.addPositive("bn.running_var", CHANNELS);
    float[] bias = weights.add("bias", CHANNELS);
    WeightScope w = weights.scope();
    Affine norm = Affine.batchNorm(w.in("bn"), CHANNELS, 1e-3);
    Affine both = Affine.bias(w, CHANNELS).then(norm);
    Affine normAlone = Affine.none().then(norm);
    Affine biasLast = norm.then(Affine.bias(w, CHANNELS));
    for (int c = 0; c < CHANNELS; c++) {
      double factor = gamma[c] / Math.sqrt(variance[c] + 1e-3);
      double shift = beta[c] - mean[c] * factor;
      assertFolded(factor, shift + bias[c] * factor, both, c);
      assertFolded(factor, shift, normAlone, c);
      assertFolded(factor, shift + bias[c], biasLast, c);
    }
  }

  private void assertFolded(double factor, double shift, Affine affine, int c) {
    float[] filter = {1};
    affine.scale(c, filter, 0, 1);
    assertEquals(factor, filter[0], 1e-5, "channel " + c + ", " + weights.random);
    assertEquals(shift, affine.bias()[c], 1e-5, "channel " + c + ", " + weights.random);
  }

  @Test
  void everyTensorOfABatchNormMustBeThere() {
    weights.add("weight", CHANNELS);
    weights.add("bias", CHANNELS);
    weights.add("running_mean", CHANNELS);
    assertThrows(WeightException.class, () -> Affine.batchNorm(weights.scope(), CHANNELS, 1e-5));
  }
}
