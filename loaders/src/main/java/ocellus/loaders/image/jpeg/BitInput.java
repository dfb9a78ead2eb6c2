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
    int position = input.position;
    if (position <= input.data.length - Integer.BYTES && input.marker == 0) {
      int next = (int) INT.get(input.data, position);
      if (((~next - LOW_BITS) & next & HIGH_BITS) == 0) { // no byte of 255
        bits |= (next & 0xffff_ffffL) << (Integer.SIZE - count);
        count += Integer.SIZE;
        input.position = position + Integer.BYTES;
        return;
      }
    }
    refillByBytes();
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
