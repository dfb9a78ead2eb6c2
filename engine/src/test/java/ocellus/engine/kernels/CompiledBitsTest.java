package ocellus.engine.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import org.junit.jupiter.api.Test;

/**
 * Interpreted, half compiled and compiled kernels give the same bits: the first picture of a
 * process gets the same answer as the thousandth.
 */
class CompiledBitsTest {
  /** Enough for the kernels to be compiled by the last tier while they run. */
  private static final int ROUNDS = 1000;

  private static final long PATIENCE_SECONDS = 300;

  @Test
  void bitsDoNotDependOnTheCompiler() throws Exception {
    Map<String, Long> interpreted = interpreted();
    assertTrue(interpreted.size() > 10, interpreted.toString());
    for (int round = 0; round < ROUNDS; round++) {
      Map<String, Long> checksums = checksums();
      for (String kernel : checksums.keySet()) {
        String what = kernel + " in round " + round;
        assertEquals(interpreted.get(kernel), checksums.get(kernel), what);
      }
    }
  }

  /** The checksums of a process that compiles nothing. */
  private static Map<String, Long> interpreted()
      throws IOException, URISyntaxException, InterruptedException {
    String program = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Path classes =
        Path.of(Kernels.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path testClasses = Path.of(System.getProperty("basedir", "."), "target", "test-classes");
    String classPath = classes + File.pathSeparator + testClasses;
    Process process =
        new ProcessBuilder(
                List.of(
                    program,
                    "-Xint",
                    "--add-modules=jdk.incubator.vector",
                    "-D" + VectorWidth.PROPERTY + "=" + VectorWidth.BITS,
                    "-cp",
                    classPath,
                    CompiledBitsTest.class.getName()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), output);
    Map<String, Long> checksums = new LinkedHashMap<>();
    for (String line : output.lines().toList()) {
      String[] parts = line.split(" ", 2);
      checksums.put(parts[0], Long.valueOf(parts[1]));
    }
    return checksums;
  }

  /** What the interpreting process does. */
  public static void main(String[] args) {
    checksums().forEach((kernel, bits) -> System.out.println(kernel + " " + bits));
  }

  /** A checksum of the output of each kernel, for one small input with tails in every direction. */
  private static Map<String, Long> checksums() {
    Random random = new Random(1);
    Workspace ws = new Workspace();
    Map<String, Long> sums = new LinkedHashMap<>();
    try (Arena arena = Arena.ofConfined()) {
      Tensor x = tensor(random, 15, 43);
      float[] weight = floats(random, 43 * 37);
      PackedMatrix w = pack(arena, weight, 43, 37);
      for (Activation activation : Activation.values()) {
        Tensor y = Tensor.zeros(15, 37);
        Kernels.linear(x, w, floats(random, 37), null, activation, y, ws);
        sums.put("linear-" + activation, checksum(y));
      }
      for (WeightFormat format : WeightFormat.values()) {
        PackedMatrix half = pack(arena, format, weight, 43, 37);
        for (int rows : new int[] {1, 15}) {
          Tensor y = Tensor.zeros(rows, 37);
          Kernels.linear(tensor(random, rows, 43), half, null, null, Activation.IDENTITY, y, ws);
          sums.put("linear-" + format + "-" + rows, checksum(y));
        }
      }
      PackedMatrix[] stem = {pack(arena, floats(random, 27 * 21), 27, 21)};
      Tensor edges = Tensor.zeros(5, 17, 21);
      Window halving = TestWindows.of(9, 33, 3, 2, 1, 1);
      Kernels.conv2d(
          tensor(random, 9, 33, 3), halving, stem, null, null, Activation.RELU, edges, ws);
      sums.put("conv2d-stem", checksum(edges));
      Tensor map = tensor(random, 6, 7, 43);
      PackedMatrix[] filters = {pack(arena, floats(random, 9 * 43 * 5), 9 * 43, 5)};
      Window window = TestWindows.of(6, 7, 3, 2, 1, 1);
      Tensor pooled = Tensor.zeros(3, 4, 5);
      Kernels.conv2d(map, window, filters, null, null, Activation.SILU, pooled, ws);
      sums.put("conv2d", checksum(pooled));
      Tensor y = Tensor.zeros(3, 4, 43);
      Kernels.depthwise(map, window, floats(random, 9 * 43), null, Activation.HARD_SWISH, y, ws);
      sums.put("depthwise", checksum(y));
      PackedMatrix grouped = pack(arena, floats(random, 9 * 2 * 42), 9 * 2, 42);
      Tensor groups = Tensor.zeros(3, 4, 42);
      Kernels.groupedConv2d(
          tensor(random, 6, 7, 42), window, grouped, null, null, Activation.RELU, groups, ws);
      sums.put("groupedConv2d", checksum(groups));
      PackedMatrix wide = pack(arena, floats(random, 43 * 50), 43, 50);
      Expansion expansion = new Expansion(wide, floats(random, 50), Activation.RELU6);
      Tensor blocks = Kernels.blocks(12, 50, ws);
      float[] taps = floats(random, 9 * 50);
      Kernels.bottleneck(map, expansion, window, taps, null, Activation.SILU, blocks, ws);
      PackedMatrix narrow = pack(arena, floats(random, 50 * 21), 50, 21);
      Tensor projected = Tensor.zeros(12, 21);
      Tensor gate = Tensor.zeros(50);
      Kernels.averageBlocks(blocks, gate, ws);
      sums.put("averageBlocks", checksum(gate));
      Activation none = Activation.IDENTITY;
      Kernels.linearOfBlocks(blocks, gate, narrow, null, null, none, projected, ws);
      sums.put("bottleneck", checksum(projected));
      Tensor large = tensor(random, 61, 43, 43);
      Window same = TestWindows.of(61, 43, 3, 1, 1, 1);
      Tensor inverted = Tensor.zeros(61, 43, 21);
      Kernels.invertedBottleneck(
          large, expansion, same, taps, null, Activation.RELU, narrow, null, null, inverted, ws);
      sums.put("invertedBottleneck", checksum(inverted));
      Kernels.maxPool(map, window, y, ws);
      sums.put("maxPool", checksum(y));
      Kernels.averagePool(map, window, false, y, ws);
      sums.put("averagePool", checksum(y));
      Tensor means = Tensor.zeros(43);
      Kernels.averageRows(map, means, ws);
      sums.put("averageRows", checksum(means));
      Tensor heard = Tensor.zeros(19, 22);
      AttentionKernels.attention(tensor(random, 19, 66), 2, 0.3f, heard, ws);
      sums.put("attention", checksum(heard));
      AttentionKernels.causalAttention(tensor(random, 19, 66), 2, 0.3f, heard, ws);
      sums.put("causalAttention", checksum(heard));
      Tensor rows = Tensor.zeros(6, 7, 43);
      Kernels.layerNorm(map, floats(random, 43), floats(random, 43), 1e-6, rows, ws);
      sums.put("layerNorm", checksum(rows));
      Kernels.rmsNorm(map, floats(random, 43), 1e-6, rows, ws);
      sums.put("rmsNorm", checksum(rows));
      Kernels.softmax(rows, ws);
      sums.put("softmax", checksum(rows));
    }
    return sums;
  }

  private static PackedMatrix pack(Arena arena, float[] weight, int k, int n) {
    return pack(arena, WeightFormat.F32, weight, k, n);
  }

  private static PackedMatrix pack(Arena arena, WeightFormat format, float[] weight, int k, int n) {
    return Kernels.pack(
        arena, format, k, n, (column, to, at) -> System.arraycopy(weight, column * k, to, at, k));
  }

  private static float[] floats(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static Tensor tensor(Random random, long... dims) {
    return Tensor.of(floats(random, (int) Shape.of(dims).size()), dims);
  }

  private static long checksum(Tensor tensor) {
    CRC32 crc = new CRC32();
    for (float value : tensor.toArray()) {
      int bits = Float.floatToIntBits(value);
      for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
        crc.update(bits >>> shift);
      }
    }
    return crc.getValue();
  }
}
