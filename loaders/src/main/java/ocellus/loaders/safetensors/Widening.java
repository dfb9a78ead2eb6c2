package ocellus.loaders.safetensors;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Elements of any readable type as {@code float}.
 *
 * <p>Each type is copied out of the file in chunks, then converted from array to array: bulk copies
 * are as fast for any kind of segment, and the loops vectorise.
 */
final class Widening {
  private static final int CHUNK = 2048;

  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(LITTLE);

  private Widening() {}

  /**
   * @param data the bytes of all tensors
   * @param begin where those of the tensor begin
   * @param from index of the first element
   */
  static void read(
      DType type,
      MemorySegment data,
      long begin,
      long from,
      float[] target,
      int offset,
      int count) {
    switch (type) {
      case F32 ->
          MemorySegment.copy(data, FLOAT, begin + from * Float.BYTES, target, offset, count);
      case F64 -> doubles(data, begin, from, target, offset, count);
      case F16, BF16, I16, U16 -> shorts(type, data, begin, from, target, offset, count);
      case I8, U8, BOOL -> bytes(type, data, begin, from, target, offset, count);
      case I32, U32 -> ints(type, data, begin, from, target, offset, count);
      case I64, U64 -> longs(type, data, begin, from, target, offset, count);
      case F4, F6_E2M3, F6_E3M2, F8_E5M2, F8_E4M3, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ, C64 ->
          throw new IllegalArgumentException(type + " is not readable");
    }
  }

  private static void doubles(
      MemorySegment data, long begin, long from, float[] to, int offset, int count) {
    double[] chunk = new double[Math.min(count, CHUNK)];
    for (int done = 0; done < count; done += chunk.length) {
      int n = Math.min(chunk.length, count - done);
      MemorySegment.copy(data, DOUBLE, begin + (from + done) * Double.BYTES, chunk, 0, n);
      for (int i = 0; i < n; i++) {
        to[offset + done + i] = (float) chunk[i];
      }
    }
  }

  private static void shorts(
      DType type, MemorySegment data, long begin, long from, float[] to, int offset, int count) {
    short[] chunk = new short[Math.min(count, CHUNK)];
    for (int done = 0; done < count; done += chunk.length) {
      int n = Math.min(chunk.length, count - done);
      MemorySegment.copy(data, SHORT, begin + (from + done) * Short.BYTES, chunk, 0, n);
      int at = offset + done;
      switch (type) {
        case F16 -> halfs(chunk, to, at, n);
        case BF16 -> brainFloats(chunk, to, at, n);
        case I16 -> signed(chunk, to, at, n);
        default -> unsigned(chunk, to, at, n);
      }
    }
  }

  private static void halfs(short[] from, float[] to, int offset, int n) {
    for (int i = 0; i < n; i++) {
      to[offset + i] = Float.float16ToFloat(from[i]);
    }
  }

  private static void brainFloats(short[] from, float[] to, int offset, int n) {
    for (int i = 0; i < n; i++) {
      to[offset + i] = Float.intBitsToFloat(from[i] << 16);
    }
  }

  private static void signed(short[] from, float[] to, int offset, int n) {
    for (int i = 0; i < n; i++) {
      to[offset + i] = from[i];
    }
  }

  private static void unsigned(short[] from, float[] to, int offset, int n) {
    for (int i = 0; i < n; i++) {
      to[offset + i] = Short.toUnsignedInt(from[i]);
    }
  }

  private static void bytes(
      DType type, MemorySegment data, long begin, long from, float[] to, int offset, int count) {
    byte[] chunk = new byte[Math.min(count, CHUNK)];
    for (int done = 0; done < count; done += chunk.length) {
      int n = Math.min(chunk.length, count - done);
      MemorySegment.copy(data, JAVA_BYTE, begin + from + done, chunk, 0, n);
      for (int i = 0; i < n; i++) {
        to[offset + done + i] =
            switch (type) {
              case I8 -> chunk[i];
              case U8 -> Byte.toUnsignedInt(chunk[i]);
              default -> chunk[i] != 0 ? 1 : 0;
            };
      }
    }
  }

  private static void ints(
      DType type, MemorySegment data, long begin, long from, float[] to, int offset, int count) {
    int[] chunk = new int[Math.min(count, CHUNK)];
    for (int done = 0; done < count; done += chunk.length) {
      int n = Math.min(chunk.length, count - done);
      MemorySegment.copy(data, INT, begin + (from + done) * Integer.BYTES, chunk, 0, n);
      for (int i = 0; i < n; i++) {
        to[offset + done + i] = type == DType.I32 ? chunk[i] : Integer.toUnsignedLong(chunk[i]);
      }
    }
  }

  private static void longs(
      DType type, MemorySegment data, long begin, long from, float[] to, int offset, int count) {
    long[] chunk = new long[Math.min(count, CHUNK)];
    for (int done = 0; done < count; done += chunk.length) {
      int n = Math.min(chunk.length, count - done);
      MemorySegment.copy(data, LONG, begin + (from + done) * Long.BYTES, chunk, 0, n);
      for (int i = 0; i < n; i++) {
        to[offset + done + i] =
            type == DType.I64 || chunk[i] >= 0 ? chunk[i] : unsignedToFloat(chunk[i]);
      }
    }
  }

  /** Halved, so that it fits; the bit that falls off still decides how a tie is rounded. */
  private static float unsignedToFloat(long value) {
    return 2f * ((value >>> 1) | (value & 1));
  }
}
