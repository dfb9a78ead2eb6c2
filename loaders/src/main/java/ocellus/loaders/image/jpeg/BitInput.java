package ocellus.loaders.image.jpeg;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The bits of entropy-coded data, 32 or more at a time. At a marker they go on as zeros. Not
 * thread-safe.
 *
 * <p>Decoders keep {@link #bits} and {@link #count} in local variables while they work, and store
 * them back before they call a method here.
 */
final class BitInput {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final int LOW_BITS = 0x01010101;
  private static final int HIGH_BITS = 0x80808080;

  /** Has a byte of 255, so it cannot be the bytes themselves. */
  static final int NOT_PLAIN = -1;

  final Input input;

  /** The next bits, from the highest on; zeros behind {@link #count} of them. */
  long bits;

  int count;

  /** How many of the bits so far stand in for data behind a marker. */
  private int made;

  BitInput(Input input) {
    this.input = input;
  }

  /** Forgets the bits of the byte, and begins with the next byte of the input. */
  void restart() {
    bits = 0;
    count = 0;
    made = 0;
  }

  /** Whether bits have been used that were not there. */
  boolean overdrawn() {
    return count < made;
  }

  /** Makes the bits 32 at least. */
  void refill() throws JpegException {
    if (count >= Integer.SIZE) {
      return;
    }
    int next = plainBytes(input.data, input.position, lastPlain());
    if (next != NOT_PLAIN) {
      bits |= (next & 0xffff_ffffL) << (Integer.SIZE - count);
      count += Integer.SIZE;
      input.position += Integer.BYTES;
      return;
    }
    refillByBytes();
  }

  /**
   * The next four bytes, or {@link #NOT_PLAIN} if one of them is 255.
   *
   * @param last what {@link #lastPlain} says
   */
  static int plainBytes(byte[] data, int position, int last) {
    if (position > last) {
      return NOT_PLAIN;
    }
    int next = (int) INT.get(data, position);
    return ((~next - LOW_BITS) & next & HIGH_BITS) == 0 ? next : NOT_PLAIN;
  }

  /** The last position from where four bytes of data can be read; negative if there is none. */
  int lastPlain() {
    return input.marker == 0 ? input.data.length - Integer.BYTES : -1;
  }

  private void refillByBytes() throws JpegException {
    while (count <= Long.SIZE - Byte.SIZE) {
      int next = input.marker == 0 ? nextByte() : 0;
      if (input.marker != 0) {
        made += Byte.SIZE;
      }
      count += Byte.SIZE;
      bits |= (long) next << (Long.SIZE - count);
    }
  }

  /** The next byte of data, or 0 at a marker, which is taken note of. */
  private int nextByte() throws JpegException {
    int next = input.u8();
    if (next == 0xff) {
      int second = input.u8();
      while (second == 0xff) {
        second = input.u8();
      }
      input.marker = second;
      return second == 0 ? 0xff : 0;
    }
    return next;
  }

  /** The next bits, at most 17, as a number. For decoders without need for haste. */
  int take(int wanted) throws JpegException {
    if (wanted == 0) {
      return 0;
    }
    refill();
    int value = (int) (bits >>> (Long.SIZE - wanted));
    bits <<= wanted;
    count -= wanted;
    return value;
  }

  /** The next symbol of a code. */
  int symbol(HuffmanTable table) throws JpegException {
    refill();
    int entry = table.symbol(bits);
    bits <<= entry >> 8;
    count -= entry >> 8;
    return entry & 0xff;
  }
}
