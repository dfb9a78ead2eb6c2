package ocellus.models.arch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PresetsTest {
  private final Presets presets = new Presets("convnext");

  @Test
  void areWhatTheEntryPointsSay() {
    assertTrue(presets.architectures().contains("convnext_xxlarge"));
    assertArrayEquals(
        new int[] {3, 4, 30, 3}, presets.arguments("convnext_xxlarge").integers("depths"));
  }
}
