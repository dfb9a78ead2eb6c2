package ocellus.loaders.image.jpeg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import ocellus.engine.kernels.VectorWidth;
import ocellus.loaders.image.Checksums;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Vector code against the plain code, which is held to Pillow's pixels. */
class VectorisedTest {
  private static final int STRIDE = Coefficients.LANES * Component.EDGE;

  @BeforeEach
  void vectors() {
    assumeTrue(VectorWidth.BITS != 0, "there are no vectors");
  }

  @Test
  void everyGeneratedFile() throws IOException {
    byte[] archive = Checksums.bytes("/images/jpegs.zip");
    int decoded = 0;
    try (var in = new ZipInputStream(new ByteArrayInputStream(archive))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        byte[] file = in.readAllBytes();
        byte[] expected;
        try {
          expected = JpegFile.open(file).decode(false);
        } catch (JpegException _) {
          continue;
        }
        byte[] actual = decode(file, entry.getName());
        assertArrayEquals(expected, actual, entry.getName());
        decoded++;
      }
    }
    assertTrue(decoded > 300, decoded + " files");
  }

  private static byte[] decode(byte[] file, String name) {
    try {
      return JpegFile.open(file).decode(true);
    } catch (JpegException e) {
      throw new AssertionError(name + " is refused only with vectors", e);
    }
  }

  @Test
  void transformOfBlocks() {
    var random = new SplittableRandom(3);
    int taken = 0;
    for (int turn = 0; turn < 2000; turn++) {
      int[] steps = new int[Frame.BLOCK];
      int largestStep = turn % 2 == 0 ? 8 : 64;
      Arrays.setAll(steps, _ -> random.nextInt(1, largestStep));
      short[] coefficients = coefficients(random, 1 << (turn % 11), turn % 3 == 0 ? 4 : 8);
      byte[] actual = new byte[Component.EDGE * STRIDE];
      if (new VectorDct(steps).group(coefficients, 0, actual, 0, STRIDE)) {
        assertArrayEquals(plain(steps, coefficients), actual, "turn " + turn);
        taken++;
      }
    }
    assertTrue(taken > 1000, taken + " taken");
  }

  @Test
  void numbersThatOverflowAreLeftAlone() {
    short[] coefficients = new short[Coefficients.GROUP];
    byte[] samples = new byte[Component.EDGE * STRIDE];
    int[] steps = new int[Frame.BLOCK];
    Arrays.fill(steps, 255);
    coefficients[5] = Short.MIN_VALUE;
    assertFalse(new VectorDct(steps).group(coefficients, 0, samples, 0, STRIDE));
    coefficients[5] = 1;
    assertTrue(new VectorDct(steps).group(coefficients, 0, samples, 0, STRIDE));
    steps[63] = 65_535;
    assertFalse(new VectorDct(steps).group(coefficients, 0, samples, 0, STRIDE));
  }

  /** Coefficients below a bound in the first rows and columns, the rarer the higher they are. */
  private static short[] coefficients(SplittableRandom random, int bound, int edge) {
    short[] coefficients = new short[Coefficients.GROUP];
    for (int i = 0; i < coefficients.length; i++) {
      int place = i / Coefficients.LANES;
      int frequency = place / Component.EDGE + place % Component.EDGE;
      boolean inside = place / Component.EDGE < edge && place % Component.EDGE < edge;
      if (inside && random.nextInt(1 + frequency) == 0) {
        coefficients[i] = (short) random.nextInt(-bound, bound + 1);
      }
    }
    return coefficients;
  }

  private static byte[] plain(int[] steps, short[] coefficients) {
    byte[] samples = new byte[Component.EDGE * STRIDE];
    var transform = new InverseDct(steps);
    for (int block = 0; block < Coefficients.LANES; block++) {
      transform.block(
          coefficients, Coefficients.offset(block), samples, block * Component.EDGE, STRIDE);
    }
    return samples;
  }

  @Test
  void pixelsAtTheEndOfTheirArray() {
    long[] pixels = {0x060504030201L, 0x0c0b0a090807L, 0x121110_0f0e0dL};
    for (int width = 1; width <= 6; width++) {
      byte[] rgb = new byte[3 * width];
      VectorRows.write(pixels, width, rgb, 0);
      for (int i = 0; i < rgb.length; i++) {
        assertEquals(i + 1, rgb[i], "width " + width);
      }
    }
  }
}
