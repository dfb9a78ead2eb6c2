package ocellus.engine.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackedMatrixTest {
  /** Elements that are all different, and the same in every format. */
  private static PackedMatrix matrix(
      Arena arena, WeightFormat format, int k, int n, int panelWidth, int granule) {
    return PackedMatrix.pack(
        arena,
        format,
        k,
        n,
        panelWidth,
        granule,
        (column, to, at) -> {
          for (int row = 0; row < k; row++) {
            to[at + row] = element(row, column);
          }
        });
  }

  private static float element(int row, int column) {
    return 1 + column * 16 % 128 + row;
  }

  @ParameterizedTest
  @CsvSource({
    "3, 5, 1, 1",
    "3, 5, 4, 2",
    "3, 7, 4, 4",
    "1, 64, 32, 16",
    "7, 50, 32, 16",
    "2, 9, 8, 1"
  })
  void isStoredPanelByPanelAndRowByRow(int k, int n, int panelWidth, int granule) {
    try (Arena arena = Arena.ofConfined()) {
      PackedMatrix matrix = matrix(arena, WeightFormat.F32, k, n, panelWidth, granule);
      assertEquals(0, matrix.panels().address() % 64);
      long index = 0;
      for (int p = 0; p < matrix.panelCount(); p++) {
        assertEquals(index * Float.BYTES, matrix.panelOffset(p));
        int width = matrix.panelWidth(p);
        assertEquals(0, width % granule);
        for (int row = 0; row < k; row++) {
          for (int j = 0; j < width; j++, index++) {
            int column = p * panelWidth + j;
            float expected = column < n ? element(row, column) : 0;
            assertEquals(expected, matrix.panels().getAtIndex(ValueLayout.JAVA_FLOAT, index));
          }
        }
      }
      assertEquals(matrix.bytes(), index * Float.BYTES);
      assertEquals(matrix.elements(), index);
      assertEquals((long) Math.ceilDiv(n, granule) * granule * k, index);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "F16, 3, 5, 1, 1",
    "BF16, 3, 5, 4, 2",
    "F16, 3, 7, 4, 4",
    "BF16, 1, 64, 32, 16",
    "F16, 7, 50, 32, 16",
    "BF16, 5, 50, 16, 16",
    "F16, 2, 9, 8, 1"
  })
  void halvesArePairsOfGranules(WeightFormat format, int k, int n, int panelWidth, int granule) {
    try (Arena arena = Arena.ofConfined()) {
      PackedMatrix matrix = matrix(arena, format, k, n, panelWidth, granule);
      assertEquals(0, matrix.panels().address() % 64);
      long at = 0;
      for (int p = 0; p < matrix.panelCount(); p++) {
        assertEquals(at, matrix.panelOffset(p));
        int granules = matrix.panelWidth(p) / granule * k;
        for (int g = 0; g < 2 * Math.ceilDiv(granules, 2); g++) {
          for (int j = 0; j < granule; j++) {
            int row = g * granule / matrix.panelWidth(p);
            int column = p * panelWidth + g * granule % matrix.panelWidth(p) + j;
            float expected = g < granules && column < n ? element(row, column) : 0;
            long pair = at / Integer.BYTES + (long) (g / 2) * granule + j;
            int both = matrix.panels().getAtIndex(ValueLayout.JAVA_INT, pair);
            assertEquals(expected, format.widen((short) (g % 2 == 0 ? both : both >>> 16)));
          }
        }
        at += (long) Math.ceilDiv(granules, 2) * granule * Integer.BYTES;
      }
      assertEquals(matrix.bytes(), at);
      float[] column = new float[k + 1];
      for (int j = 0; j < n; j++) {
        matrix.read(j, column, 1);
        for (int row = 0; row < k; row++) {
          assertEquals(element(row, j), column[1 + row]);
        }
      }
    }
  }

  @Test
  void mayBeEmpty() {
    try (Arena arena = Arena.ofConfined()) {
      for (WeightFormat format : WeightFormat.values()) {
        assertEquals(0, matrix(arena, format, 0, 5, 4, 4).bytes());
        PackedMatrix noColumns = matrix(arena, format, 5, 0, 4, 4);
        assertEquals(0, noColumns.bytes());
        assertEquals(0, noColumns.panelCount());
      }
    }
  }

  @Test
  void canBeMerelyDescribed() {
    PackedMatrix matrix = PackedMatrix.unpacked(1 << 20, 1 << 20);
    assertEquals(1 << 20, matrix.k());
    assertEquals(1 << 20, matrix.n());
    assertEquals(0, matrix.bytes());
  }

  @Test
  void readsBackWhatItsFormatMakesOfAColumn() {
    float[] values = {0x1.004p0f, -0.1f, 1e-7f, 65504, -3};
    for (WeightFormat format : WeightFormat.values()) {
      try (Arena arena = Arena.ofConfined()) {
        PackedMatrix matrix =
            PackedMatrix.pack(
                arena, format, 5, 1, 4, 4, (j, to, at) -> System.arraycopy(values, 0, to, at, 5));
        float[] column = new float[5];
        matrix.read(0, column, 0);
        float[] expected =
            switch (format) {
              case F32 -> values;
              case F16 -> new float[] {0x1.004p0f, -0x1.998p-4f, 0x1p-23f, 65504, -3};
              case BF16 -> new float[] {1, -0x1.9ap-4f, 0x1.aep-24f, 65536, -3};
            };
        assertArrayEquals(expected, column);
      }
    }
  }
}
