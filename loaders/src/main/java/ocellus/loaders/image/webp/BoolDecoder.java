package ocellus.loaders.image.webp;

/** Arithmetic decoding of decisions: RFC 6386, section 7. Behind its end are zeros. */
final class BoolDecoder {
  private final byte[] data;
  private final int end;
  private int position;
  private int range = 255;

  /** The bits at hand, the latest {@link #bits} of which have not been compared yet. */
  private long value;

  private int bits = -8;

  BoolDecoder(byte[] data, int start, int end) {
    this.data = data;
    this.position = start;
    this.end = end;
  }

  /** A decision that is false with a probability of {@code probability} in 256. */
  boolean bit(int probability) {
    while (bits < 0) {
      value = value << 8 | (position < end ? data[position] & 0xff : 0);
      position++;
      bits += 8;
    }
    int split = 1 + (((range - 1) * probability) >> 8);
    long scaled = (long) split << bits;
    boolean result = value >= scaled;
    if (result) {
      value -= scaled;
      range -= split;
    } else {
      range = split;
    }
    int shift = Integer.numberOfLeadingZeros(range) - 24;
    range <<= shift;
    bits -= shift;
    return result;
  }

  boolean flag() {
    return bit(128);
  }

  /** A number, its highest bit first. */
  int literal(int count) {
    int number = 0;
    for (int i = 0; i < count; i++) {
      number = number << 1 | (flag() ? 1 : 0);
    }
    return number;
  }

  /** A number, then its sign. */
  int signed(int count) {
    int number = literal(count);
    return flag() ? -number : number;
  }

  /** A signed number behind a flag that tells whether it is there. */
  int optional(int count) {
    return flag() ? signed(count) : 0;
  }

  /** Whether more than a little of what was read was behind the end. */
  boolean isExhausted() {
    return position > end + 8;
  }
}
