package ocellus.engine.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.threads.Threads;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What lies behind a matrix in memory, which kernels may read ahead, is no part of the result; nor
 * is what was packed first disturbed by what is packed next.
 */
class NeighbouringWeightsTest {
  private static final Activation RELU = Activation.RELU;

  private final RandomData random = new RandomData();

  @ParameterizedTest
  @CsvSource({
    "2, 1, 1",
    "14, 17, 8",
    "15, 64, 32",
    "28, 64, 40",
    "49, 160, 96",
    "49, 400, 33",
    "197, 192, 576",
    "29, 768, 288",
    "400, 800, 64",
    "449, 64, 96",
    "60, 1000, 1000"
  })
  void doNotCount(int rows, int k, int n) {
    float[] weight = random.tensor(RandomData.Kind.NORMAL, n, k).toArray();
    Tensor x = random.tensor(RandomData.Kind.NORMAL, rows, k);
    try (Arena arena = Arena.ofShared()) {
      Packer packer = Packer.into(arena);
      PackedMatrix first = pack(packer, weight, k, n);
      PackedMatrix second = pack(packer, weight, k, n);
      PackedMatrix alone = pack(Packer.into(arena), weight, k, n);
      float[] expected = linear(x, alone, 1);
      for (int threads = 1; threads <= 2; threads++) {
        assertArrayEquals(expected, linear(x, first, threads));
        assertArrayEquals(expected, linear(x, second, threads));
      }
    }
  }

  @Test
  void bytesAreThoseOfTheMatrixAlone() {
    try (Arena arena = Arena.ofShared()) {
      Packer packer = Packer.into(arena);
      PackedMatrix matrix = pack(packer, new float[64 * 32], 32, 64);
      assertEquals(64 * 32 * Float.BYTES, matrix.bytes());
      assertEquals(matrix.bytes(), packer.bytes().get(WeightFormat.F32));
    }
  }

  private static PackedMatrix pack(Packer packer, float[] weight, int k, int n) {
    return packer.pack(
        WeightFormat.F32, k, n, (j, to, at) -> System.arraycopy(weight, j * k, to, at, k));
  }

  private static float[] linear(Tensor x, PackedMatrix w, int count) {
    Tensor y = Tensor.zeros(x.rows(), w.n());
    try (Threads threads = Threads.of(count)) {
      Kernels.linear(x, w, null, null, RELU, y, new Workspace(threads));
    }
    return y.toArray();
  }
}
