package ocellus.engine.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.RandomData.Kind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ActivationParityTest {
  private static final int SWEEP = 1 << 20;

  private final RandomData random = new RandomData();

  /** Dense over [-100, 100], against the definition rather than against the scalar kernels. */
  @ParameterizedTest
  @EnumSource
  void isAccurate(Activation activation) {
    float[] x = new float[SWEEP];
    for (int i = 0; i < x.length; i++) {
      x[i] = -100 + 200 * (i / (SWEEP - 1f));
    }
    float[] y = x.clone();
    Kernels.activate(activation, Tensor.of(y, y.length), new Workspace());
    double worst = 0;
    float where = 0;
    for (int i = 0; i < x.length; i++) {
      double error = Math.abs(y[i] - activation.apply(x[i])) / Math.max(1, Math.abs(x[i]));
      if (!(error <= worst)) {
        worst = error;
        where = x[i];
      }
    }
    assertTrue(worst <= ErrorBound.ACTIVATION, activation + ": " + worst + " at " + where);
  }

  @ParameterizedTest
  @EnumSource
  void isDefinedEverywhere(Activation activation) {
    float[] special = {
      0,
      -0f,
      Float.MIN_VALUE,
      -Float.MIN_VALUE,
      Float.MIN_NORMAL,
      -Float.MIN_NORMAL,
      1e-20f,
      -1e-20f,
      3,
      -3,
      6,
      -6,
      1e4f,
      -1e4f,
      1e20f,
      -1e20f,
      Float.MAX_VALUE,
      -Float.MAX_VALUE,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.NaN
    };
    // Once in the middle of many, where vectors are, and once alone.
    for (float x : special) {
      for (int size : new int[] {1, 100}) {
        float[] values = random.floats(size);
        values[size / 2] = x;
        Kernels.activate(activation, Tensor.of(values, size), new Workspace());
        float expected = (float) activation.apply(x);
        double tolerance =
            Float.isFinite(expected) ? ErrorBound.ACTIVATION * Math.max(1, Math.abs(x)) : 0;
        assertEquals(expected, values[size / 2], tolerance, activation + " at " + x);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anySize(Activation activation) {
    KernelParity.extents().forEach(n -> check(activation, random.tensor(n)));
    check(activation, random.tensor(56, 56, 72));
    for (Kind kind : Kind.values()) {
      check(activation, random.tensor(kind, 197, 19));
    }
  }

  private void check(Activation activation, Tensor x) {
    double[] exact = new double[x.size()];
    KernelParity.check(
        activation + " of " + x + ", " + random,
        x,
        List.of(),
        ErrorBound.ofActivation(exact, x),
        (kernels, y, ws) -> kernels.activate(activation, y, ws));
  }
}
