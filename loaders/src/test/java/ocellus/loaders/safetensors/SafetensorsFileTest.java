package ocellus.loaders.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static ocellus.loaders.safetensors.Bytes.entry;
import static ocellus.loaders.safetensors.Bytes.file;
import static ocellus.loaders.safetensors.Bytes.littleEndian;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.IntToDoubleFunction;
import ocellus.engine.WeightException;
import ocellus.loaders.safetensors.SafetensorsException.Defect;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {
  /** Longer than the reader's chunks, and no multiple of them. */
  private static final int MANY = 5003;

  @TempDir private Path dir;

  /** The elements of a tensor of this type, behind one byte that puts them out of alignment. */
  private static float[] read(DType type, int count, Consumer<ByteBuffer> elements) {
    byte[] data = new byte[1 + count * type.bits() / 8];
    elements.accept(ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).put((byte) 1));
    String header =
        "{%s,%s}"
            .formatted(
                entry("pad", "U8", "[1]", 0, 1),
                entry("w", type.name(), "[" + count + "]", 1, data.length));
    float[] target = new float[count];
    try (var f = SafetensorsFile.of("m", file(header, data))) {
      f.read("w", 0, target, 0, count);
    }
    return target;
  }

  private static float[] expected(int count, IntToDoubleFunction value) {
    float[] expected = new float[count];
    for (int i = 0; i < count; i++) {
      expected[i] = (float) value.applyAsDouble(i);
    }
    return expected;
  }

  @Test
  void f32IsCopied() {
    float[] values = {0f, -0f, Float.MIN_VALUE, Float.NaN, Float.NEGATIVE_INFINITY, 3.1415927f};
    float[] read =
        read(
            DType.F32,
            values.length,
            b -> {
              for (float v : values) {
                b.putFloat(v);
              }
            });
    assertArrayEquals(values, read);
  }

  @Test
  void f64IsRounded() {
    double[] values = {1.0 / 3, 1e300, 1e-300, -0.0, 1 + 0x1p-24, 1 + 0x1.8p-24};
    float[] read =
        read(
            DType.F64,
            values.length,
            b -> {
              for (double v : values) {
                b.putDouble(v);
              }
            });
    assertArrayEquals(
        new float[] {1f / 3, Float.POSITIVE_INFINITY, 0f, -0f, 1f, 1 + 0x1p-23f}, read);
  }

  @Test
  void everyF16IsWidened() {
    float[] read =
        read(
            DType.F16,
            1 << 16,
            b -> {
              for (int i = 0; i < 1 << 16; i++) {
                b.putShort((short) i);
              }
            });
    assertArrayEquals(expected(1 << 16, i -> halfByDefinition(i)), read);
  }

  /** IEEE 754 binary16. */
  private static double halfByDefinition(int bits) {
    int exponent = bits >> 10 & 31;
    int mantissa = bits & 1023;
    double sign = bits >> 15 == 0 ? 1 : -1;
    return switch (exponent) {
      case 0 -> sign * mantissa * 0x1p-24;
      case 31 -> mantissa == 0 ? sign / 0.0 : Double.NaN;
      default -> sign * (1024 + mantissa) * Math.scalb(1.0, exponent - 25);
    };
  }

  @Test
  void everyBf16IsTheUpperHalfOfAFloat() {
    float[] read =
        read(
            DType.BF16,
            1 << 16,
            b -> {
              for (int i = 0; i < 1 << 16; i++) {
                b.putShort((short) i);
              }
            });
    for (int i = 0; i < read.length; i++) {
      assertEquals(i << 16, Float.floatToRawIntBits(read[i]), "element " + i);
    }
  }

  @Test
  void integersAreConverted() {
    assertArrayEquals(
        expected(MANY, i -> (byte) i), read(DType.I8, MANY, b -> fill(MANY, i -> b.put((byte) i))));
    assertArrayEquals(
        expected(MANY, i -> i & 255), read(DType.U8, MANY, b -> fill(MANY, i -> b.put((byte) i))));
    assertArrayEquals(
        expected(MANY, i -> i % 3 == 0 ? 0 : 1),
        read(DType.BOOL, MANY, b -> fill(MANY, i -> b.put((byte) (i % 3)))));
    assertArrayEquals(
        expected(MANY, i -> (short) (i * 31)),
        read(DType.I16, MANY, b -> fill(MANY, i -> b.putShort((short) (i * 31)))));
    assertArrayEquals(
        expected(MANY, i -> i * 31 & 0xffff),
        read(DType.U16, MANY, b -> fill(MANY, i -> b.putShort((short) (i * 31)))));
    assertArrayEquals(
        expected(MANY, i -> i * 0x1234567),
        read(DType.I32, MANY, b -> fill(MANY, i -> b.putInt(i * 0x1234567))));
    assertArrayEquals(
        expected(MANY, i -> Integer.toUnsignedLong(i * 0x1234567)),
        read(DType.U32, MANY, b -> fill(MANY, i -> b.putInt(i * 0x1234567))));
  }

  private static void fill(int count, IntConsumer element) {
    for (int i = 0; i < count; i++) {
      element.accept(i);
    }
  }

  @Test
  void longsAreRoundedOnce() {
    long[] values = {
      0,
      -1,
      Long.MIN_VALUE,
      Long.MAX_VALUE,
      (1L << 24) + 1,
      0x8000_0080_0000_0000L,
      0x8000_0080_0000_0001L,
      0x8000_0180_0000_0000L
    };
    Consumer<ByteBuffer> elements =
        b -> {
          for (long v : values) {
            b.putLong(v);
          }
        };
    assertArrayEquals(
        expected(values.length, i -> new BigDecimal(values[i]).floatValue()),
        read(DType.I64, values.length, elements));
    float[] unsigned = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      unsigned[i] = new BigDecimal(Long.toUnsignedString(values[i])).floatValue();
    }
    assertArrayEquals(unsigned, read(DType.U64, values.length, elements));
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F64", "F16", "BF16", "I8", "I16", "I32", "I64"})
  void anyRangeCanBeRead(DType type) {
    int bytes = type.bits() / 8;
    byte[] data = new byte[MANY * bytes];
    byte[] header = ("{" + entry("w", type.name(), "[5003]", 0, data.length) + "}").getBytes(UTF_8);
    new Random(1).nextBytes(data);
    try (var f = SafetensorsFile.of("m", file(header.length, header, data))) {
      float[] all = new float[MANY];
      f.read("w", 0, all, 0, MANY);
      for (int[] range : new int[][] {{0, 1}, {1, 2048}, {2049, 2954}, {5002, 1}, {5003, 0}}) {
        float[] part = new float[range[1] + 7];
        f.read("w", range[0], part, 3, range[1]);
        float[] want = new float[range[1] + 7];
        System.arraycopy(all, range[0], want, 3, range[1]);
        assertArrayEquals(want, part);
      }
    }
  }

  @Test
  void rangesOutsideOfTensorOrArrayAreRefused() {
    try (var f =
        SafetensorsFile.of("m", file("{" + entry("w", "F32", "[4]", 0, 16) + "}", new byte[16]))) {
      float[] target = new float[4];
      assertThrows(IndexOutOfBoundsException.class, () -> f.read("w", 1, target, 0, 4));
      assertThrows(IndexOutOfBoundsException.class, () -> f.read("w", -1, target, 0, 2));
      assertThrows(IndexOutOfBoundsException.class, () -> f.read("w", 0, target, 1, 4));
      assertThrows(IndexOutOfBoundsException.class, () -> f.read("w", 0, target, 0, -1));
      assertThrows(IllegalArgumentException.class, () -> f.read("v", 0, target, 0, 1));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"C64", "F8_E4M3", "F8_E5M2", "F8_E8M0"})
  void typesThatCannotBeReadAreNamed(String dtype) {
    int bytes = DType.valueOf(dtype).bits() / 8;
    try (var f =
        SafetensorsFile.of(
            "m", file("{" + entry("w", dtype, "[1]", 0, bytes) + "}", new byte[bytes]))) {
      var e = assertThrows(WeightException.class, () -> f.read("w", 0, new float[1], 0, 1));
      assertEquals(WeightException.Defect.WRONG_TYPE, e.defect());
      assertEquals("w", e.tensorName());
      assertTrue(e.getMessage().contains("m: tensor w is stored as " + dtype), e.getMessage());
    }
  }

  @Test
  void filesThatCannotBeOpenedAreReported() {
    Path absent = dir.resolve("absent.safetensors");
    var e = assertThrows(SafetensorsException.class, () -> SafetensorsFile.open(absent));
    assertEquals(Defect.UNREADABLE, e.defect());
    assertTrue(
        e.getMessage().endsWith("absent.safetensors: cannot be read: there is no such file"));
    var folder = assertThrows(SafetensorsException.class, () -> SafetensorsFile.open(dir));
    assertEquals(Defect.UNREADABLE, folder.defect());
    assertTrue(folder.getMessage().contains("is a folder"), folder.getMessage());
    assertTrue(e.getMessage().startsWith(dir.getFileName() + "/"), e.getMessage());
  }

  @Test
  void aClosedFileIsNotRead() throws IOException {
    Path path = Files.write(dir.resolve("w.safetensors"), oneTensor(4));
    var f = SafetensorsFile.open(path);
    f.close();
    assertThrows(IllegalStateException.class, () -> f.read("w", 0, new float[1], 0, 1));
  }

  private static byte[] oneTensor(int floats) {
    return file(
        "{" + entry("w", "F32", "[" + floats + "]", 0, 4L * floats) + "}", new byte[4 * floats]);
  }

  @Test
  void tensorsBeyondTwoGibibytesAreRead() throws IOException {
    long first = (2L << 30) + 12;
    String header =
        "{%s,%s}"
            .formatted(
                entry("big", "U8", "[" + first + "]", 0, first),
                entry("w", "F32", "[3]", first, first + 12));
    byte[] start = file(header);
    Path path = dir.resolve("big.safetensors");
    try (FileChannel sparse =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      sparse.write(ByteBuffer.wrap(start));
      sparse.write(
          littleEndian(12).putFloat(1.5f).putFloat(-2f).putFloat(3f).flip(), start.length + first);
      sparse.write(ByteBuffer.wrap(new byte[] {7}), start.length + first - 1);
    }
    try (var f = SafetensorsFile.open(path)) {
      float[] read = new float[3];
      f.read("w", 0, read, 0, 3);
      assertArrayEquals(new float[] {1.5f, -2f, 3f}, read);
      f.read("big", first - 2, read, 1, 2);
      assertArrayEquals(new float[] {1.5f, 0f, 7f}, read);
    }
  }

  /**
   * @param warmUp how often the tensor is read before: enough that the reading code is compiled,
   *     where the JVM reports the missing pages later than in interpreted code
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 20_000})
  void aFileCutShortWhileOpenIsReported(int warmUp) throws IOException {
    int floats = 1 << 20;
    float[] target = new float[MANY];
    Path path = Files.write(dir.resolve("w.safetensors"), oneTensor(floats));
    try (var f = SafetensorsFile.open(path)) {
      for (int i = 0; i < warmUp; i++) {
        f.read("w", i % 100, target, 0, MANY);
      }
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
        channel.truncate(1 << 16);
      }
      for (int i = 0; i < 20; i++) {
        int from = floats - MANY - i;
        var e = assertThrows(SafetensorsException.class, () -> f.read("w", from, target, 0, MANY));
        assertEquals(Defect.TRUNCATED_WHILE_OPEN, e.defect());
        assertTrue(e.getMessage().contains("w.safetensors: the file became shorter"));
      }
      f.read("w", 0, target, 0, 100); // what is still there can still be read
    }
  }
}
