package ocellus.loaders.image.webp;

/** Bits, the lowest of each byte first. */
final class LosslessBits {
  private final byte[] data;
  private final int end;
  private int position;
  private long value;
  private int count;

  LosslessBits(byte[] data, int start, int end) {
    this.data = data;
    this.position = start;
    this.end = end;
  }

  int read(int bits) throws WebpException {
    int result = peek(bits);
    skip(bits);
    return result;
  }

  boolean flag() throws WebpException {
    return read(1) != 0;
  }

  /** The next bits, at most 24; zeros behind the end. */
  int peek(int bits) {
    while (count < bits) {
      value |= (position < end ? data[position] & 0xffL : 0) << count;
      position++;
      count += 8;
    }
    return (int) (value & ((1L << bits) - 1));
  }

  /** Goes on by bits that have been looked at. */
  void skip(int bits) throws WebpException {
    value >>>= bits;
    count -= bits;
    if (position - count / 8 > end) {
      throw WebpException.truncated();
    }
  }
}
