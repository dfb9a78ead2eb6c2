package ocellus.engine.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PackerTest {
  private static final PackedMatrix.Columns ONES = (_, to, at) -> Arrays.fill(to, at, at + 3, 1f);

  @Test
  void measuringCountsWhatPackingTakes() {
    try (Arena arena = Arena.ofConfined()) {
      for (WeightFormat format : WeightFormat.values()) {
        Packer packing = Packer.into(arena, format);
        Packer measuring = Packer.measuring(format);
        for (int n : new int[] {1, 16, 33, 100, 1000}) {
          PackedMatrix packed = packing.pack(WeightFormat.F32, 3, n, ONES);
          PackedMatrix measured = measuring.pack(WeightFormat.F32, 3, n, ONES);
          assertEquals(packed.bytes(), measured.bytes());
          assertEquals(packed.n(), measured.n());
          assertEquals(packed.panelCount(), measured.panelCount());
        }
        assertEquals(packing.bytes(), measuring.bytes());
        assertEquals(3 * 1150, measuring.elements());
        for (WeightFormat other : WeightFormat.values()) {
          assertEquals(packing.bytesAs(other), measuring.bytesAs(other));
        }
        assertEquals(measuring.bytes().get(format), measuring.bytesAs(format));
      }
    }
  }

  @Test
  void rowsMayDependOnTheFormat() {
    for (WeightFormat format : WeightFormat.values()) {
      Packer packer = Packer.measuring(format);
      PackedMatrix matrix = packer.pack(WeightFormat.F32, 12, 3, 100, ONES);
      assertEquals(format == WeightFormat.F32 ? 12 : 3, matrix.k());
      for (WeightFormat other : WeightFormat.values()) {
        int rows = other == WeightFormat.F32 ? 12 : 3;
        assertEquals(Kernels.outline(other, rows, 100).bytes(), packer.bytesAs(other));
      }
    }
  }

  @Test
  void measuringReadsWhatHasToBeRoundedAndNothingElse() {
    PackedMatrix.Columns unreadable =
        (_, _, _) -> {
          throw new IllegalStateException("read");
        };
    Packer.measuring(null).pack(WeightFormat.BF16, 3, 2, unreadable);
    Packer.measuring(WeightFormat.F32).pack(WeightFormat.BF16, 3, 2, unreadable);
    Packer rounding = Packer.measuring(WeightFormat.F16);
    assertThrows(
        IllegalStateException.class, () -> rounding.pack(WeightFormat.F32, 3, 2, unreadable));
  }
}
