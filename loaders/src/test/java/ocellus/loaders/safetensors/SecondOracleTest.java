package ocellus.loaders.safetensors;

import static ocellus.loaders.safetensors.Bytes.entry;
import static ocellus.loaders.safetensors.Bytes.file;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.util.passthrough.PassthroughNDManager;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Valid files read as they do in DJL, whose decoder shares nothing with this one. It does not know
 * the unsigned types and I16.
 */
class SecondOracleTest {
  @TempDir private Path dir;

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"BOOL", "U8", "I8", "F16", "BF16", "I32", "F32", "F64", "I64"})
  void randomFilesOfEachTypeReadTheSame(DType type) throws IOException {
    Random random = new Random(type.name().hashCode());
    for (int i = 0; i < 20; i++) {
      compare(Files.write(dir.resolve("random-" + i + ".safetensors"), randomFile(type, random)));
    }
  }

  private static byte[] randomFile(DType type, Random random) {
    List<String> entries = new ArrayList<>();
    int end = 0;
    for (int t = 0; t < 1 + random.nextInt(8); t++) {
      int[] shape = random.ints(random.nextInt(5), 1, 6).toArray();
      int begin = end;
      end += Arrays.stream(shape).reduce(1, (a, b) -> a * b) * type.bits() / 8;
      entries.add(entry("layer." + t + ".weight", type.name(), Arrays.toString(shape), begin, end));
    }
    byte[] data = new byte[end];
    random.nextBytes(data);
    return file("{\"__metadata__\":{\"format\":\"pt\"}," + String.join(",", entries) + "}", data);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vit_tiny_patch16_224", "tf_mobilenetv3_small_100"})
  void publishedWeightsReadTheSame(String model) throws IOException {
    Path path =
        Path.of(System.getProperty("ocellus.testData", ""), "models", model, "model.safetensors");
    assumeTrue(Files.exists(path), () -> path + " is not there");
    compare(path);
  }

  @Test
  void anEmptyTensorReadsTheSame() throws IOException {
    compare(
        Files.write(
            dir.resolve("e.safetensors"),
            file(
                "{" + entry("e", "F32", "[0,3]", 0, 0) + "," + entry("f", "F32", "[1]", 0, 4) + "}",
                new byte[] {0, 0, -128, 63})));
  }

  private static void compare(Path path) throws IOException {
    try (SafetensorsFile ours = SafetensorsFile.open(path)) {
      NDList theirs = NDList.decode(PassthroughNDManager.INSTANCE, Files.readAllBytes(path));
      assertEquals(theirs.size(), ours.names().size());
      for (NDArray array : theirs) {
        String name = array.getName();
        TensorInfo info = ours.info(name);
        assertEquals(array.getDataType().asSafetensors(), info.dtype().name(), name);
        assertArrayEquals(array.getShape().getShape(), info.shape().toArray(), name);
        ByteBuffer bytes = array.toByteBuffer();
        assertEquals(info.byteSize(), bytes.remaining(), name);
        assertArrayEquals(floats(info, bytes), read(ours, info), name);
      }
    }
  }

  private static float[] read(SafetensorsFile file, TensorInfo info) {
    float[] values = new float[(int) info.shape().size()];
    file.read(info.name(), 0, values, 0, values.length);
    return values;
  }

  /** The other decoder's bytes as numbers, one element at a time. */
  private static float[] floats(TensorInfo info, ByteBuffer bytes) {
    float[] values = new float[(int) info.shape().size()];
    ByteBuffer in = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (info.dtype()) {
            case BOOL -> in.get() == 0 ? 0 : 1;
            case U8 -> in.get() & 255;
            case I8 -> in.get();
            case F16 -> Float.float16ToFloat(in.getShort());
            case BF16 -> Float.intBitsToFloat(in.getShort() << 16);
            case I32 -> in.getInt();
            case F32 -> in.getFloat();
            case F64 -> (float) in.getDouble();
            case I64 -> in.getLong();
            default -> throw new IllegalArgumentException(info.toString());
          };
    }
    return values;
  }
}
