package ocellus.models.goldens;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import ocellus.engine.Shape;
import org.junit.jupiter.api.Test;

class ListingsTest {
  private static final Map<String, Shape> REFERENCE = Map.of("conv", Shape.of(8, 4, 1, 1));

  @Test
  void aPointwiseConvolutionMayBeAMatrix() {
    var listed = Map.of("conv", Shape.of(8, 4));
    assertDoesNotThrow(() -> Listings.assertSame("preset", REFERENCE, listed));
  }

  @Test
  void differencesAreSeen() {
    assertDiffers(Map.of());
    assertDiffers(Map.of("conv", Shape.of(4, 8)));
    assertDiffers(Map.of("conv", Shape.of(8, 4, 3, 3)));
    assertDiffers(Map.of("conv", Shape.of(8, 4), "bias", Shape.of(8)));
  }

  private static void assertDiffers(Map<String, Shape> listed) {
    assertThrows(AssertionError.class, () -> Listings.assertSame("preset", REFERENCE, listed));
  }
}
