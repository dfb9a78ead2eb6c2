package ocellus.engine.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackedMatrixTest {
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
      PackedMatrix matrix =
          PackedMatrix.pack(
              arena,
              k,
              n,
              panelWidth,
              granule,
              (column, to, at) -> {
                for (int row = 0; row < k; row++) {
                  to[at + row] = 1 + column * 100 + row;
                }
              });
      assertEquals(0, matrix.panels().address() % 64);
      long index = 0;
      for (int p = 0; p < matrix.panelCount(); p++) {
        assertEquals(index * Float.BYTES, matrix.panelOffset(p));
        int width = matrix.panelWidth(p);
        assertEquals(0, width % granule);
        for (int row = 0; row < k; row++) {
          for (int j = 0; j < width; j++, index++) {
            int column = p * panelWidth + j;
            float expected = column < n ? 1 + column * 100 + row : 0;
            assertEquals(expected, matrix.panels().getAtIndex(ValueLayout.JAVA_FLOAT, index));
          }
        }
      }
      assertEquals(matrix.bytes(), index * Float.BYTES);
      assertEquals((long) Math.ceilDiv(n, granule) * granule * k, index);
    }
  }

  @Test
  void mayBeEmpty() {
    try (Arena arena = Arena.ofConfined()) {
      assertEquals(0, PackedMatrix.pack(arena, 0, 5, 4, 4, (j, to, at) -> {}).bytes());
      PackedMatrix noColumns = PackedMatrix.pack(arena, 5, 0, 4, 4, (j, to, at) -> {});
      assertEquals(0, noColumns.bytes());
      assertEquals(0, noColumns.panelCount());
    }
  }

  @Test
  void canBeMerelyDescribed() {
    PackedMatrix matrix = PackedMatrix.unpacked(1 << 20, 1 << 20);
    assertEquals(1 << 20, matrix.k());
    assertEquals(1 << 20, matrix.n());
    assertEquals(0, matrix.bytes());
  }
}
