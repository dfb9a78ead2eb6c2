package ocellus.loaders.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Safetensors files for tests, well-formed or not. */
final class Bytes {
  private Bytes() {}

  /** A file of this header, followed by {@code data}. */
  static byte[] file(String header, byte... data) {
    byte[] json = header.getBytes(UTF_8);
    return file(json.length, json, data);
  }

  /** A file whose length field says {@code headerLength}, whatever follows. */
  static byte[] file(long headerLength, byte[] json, byte... data) {
    return littleEndian(Long.BYTES + json.length + data.length)
        .putLong(headerLength)
        .put(json)
        .put(data)
        .array();
  }

  static ByteBuffer littleEndian(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The entry of one tensor, for a header. */
  static String entry(String name, String dtype, String shape, long begin, long end) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
        .formatted(name, dtype, shape, begin, end);
  }
}
