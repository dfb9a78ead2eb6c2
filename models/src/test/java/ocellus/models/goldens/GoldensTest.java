package ocellus.models.goldens;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class GoldensTest {
  private static final float[] EXPECTED = {100, -1, 0};

  @Test
  void smallDifferencesPass() {
    assertClose(100.001f, -1, 0);
    assertClose(100, -1, 0.0019f);
  }

  @Test
  void largeOnesAndNaNDoNot() {
    assertDiffers(100.003f, -1, 0);
    assertDiffers(100, -1, 0.0021f);
    assertDiffers(100, -1, Float.NaN);
    assertDiffers(Float.NaN, -1, 0);
    assertDiffers(100, -1);
  }

  private static void assertClose(float... actual) {
    assertDoesNotThrow(() -> Goldens.assertClose("t", EXPECTED, actual));
  }

  private static void assertDiffers(float... actual) {
    assertThrows(AssertionError.class, () -> Goldens.assertClose("t", EXPECTED, actual));
  }
}
