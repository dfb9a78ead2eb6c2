package ocellus.loaders.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.Checksum;
import java.util.zip.Inflater;

/**
 * The unsigned integers of a part of a file, read by position. Never reads outside of that part.
 */
final class Bytes {
  private final byte[] data;
  private final int start;
  private final int length;
  private final boolean littleEndian;

  private Bytes(byte[] data, int start, int length, boolean littleEndian) {
    this.data = data;
    this.start = start;
    this.length = length;
    this.littleEndian = littleEndian;
  }

  static Bytes bigEndian(byte[] data) {
    return new Bytes(data, 0, data.length, false);
  }

  static Bytes littleEndian(byte[] data) {
    return new Bytes(data, 0, data.length, true);
  }

  /** The part of {@code count} bytes that starts at {@code position}. */
  Bytes part(long position, long count) throws MalformedImageException {
    check(position, count);
    return new Bytes(data, start + (int) position, (int) count, littleEndian);
  }

  /** The same bytes in the other order. */
  Bytes littleEndian() {
    return new Bytes(data, start, length, true);
  }

  int length() {
    return length;
  }

  int u8(long position) throws MalformedImageException {
    check(position, 1);
    return data[start + (int) position] & 0xff;
  }

  int u16(long position) throws MalformedImageException {
    int a = u8(position);
    int b = u8(position + 1);
    return littleEndian ? b << 8 | a : a << 8 | b;
  }

  long u32(long position) throws MalformedImageException {
    long a = u16(position);
    long b = u16(position + 2);
    return littleEndian ? b << 16 | a : a << 16 | b;
  }

  /** As a signed number: values of 2^63 and more, which no file needs, are negative. */
  long u64(long position) throws MalformedImageException {
    long a = u32(position);
    long b = u32(position + 4);
    return littleEndian ? b << 32 | a : a << 32 | b;
  }

  /** Whether the numbers start with their lowest byte. */
  boolean isLittleEndian() {
    return littleEndian;
  }

  /** Whether the characters of {@code text} stand at {@code position}. */
  boolean has(long position, String text) {
    if (position < 0 || position + text.length() > length) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if ((data[start + (int) position + i] & 0xff) != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Adds the bytes to a checksum. */
  void update(Checksum checksum) {
    checksum.update(data, start, length);
  }

  /** Gives the bytes to an inflater that needs input. */
  void feed(Inflater inflater) {
    inflater.setInput(data, start, length);
  }

  /** Copies all bytes to {@code target}, from {@code at} on. */
  void copyTo(byte[] target, int at) {
    System.arraycopy(data, start, target, at, length);
  }

  byte[] toArray() {
    return Arrays.copyOfRange(data, start, start + length);
  }

  /** One character a byte. */
  String toLatin1() {
    return new String(data, start, length, StandardCharsets.ISO_8859_1);
  }

  private void check(long position, long count) throws MalformedImageException {
    if (position < 0 || count < 0 || position > length - count) {
      throw new MalformedImageException("it is truncated");
    }
  }
}
