package ocellus.loaders.image;

/** Lempel-Ziv-Welch as in TIFF 6.0, section 13: codes start with their highest bit. */
final class TiffLzw {
  /** The longest string, which one code of 12 bits stands for, is 3839 bytes long. */
  static final int MOST_FROM_A_BYTE = 2560;

  private static final int CLEAR = 256;
  private static final int END = 257;
  private static final int FIRST_FREE = 258;
  private static final int FEWEST_BITS = 9;
  private static final int MOST_BITS = 12;

  private TiffLzw() {}

  /** Fills {@code out}. What follows is not looked at. */
  static void decode(Bytes in, byte[] out) throws MalformedImageException {
    if (in.length() > 1 && in.u8(0) == 0 && (in.u8(1) & 1) != 0) {
      throw new MalformedImageException("LZW as before TIFF 5.0 is not supported");
    }
    // The string of a code is somewhere in what has been put out.
    int[] starts = new int[1 << MOST_BITS];
    int[] lengths = new int[1 << MOST_BITS];
    int free = FIRST_FREE;
    int codeBits = FEWEST_BITS;
    int previous = 0;
    int previousLength = 0;
    int pending = 0;
    int pendingBits = 0;
    long position = 0;
    int at = 0;
    while (at < out.length) {
      while (pendingBits < codeBits) {
        pending = pending << 8 | in.u8(position++);
        pendingBits += 8;
      }
      pendingBits -= codeBits;
      int code = pending >>> pendingBits & ((1 << codeBits) - 1);
      if (code == CLEAR) {
        free = FIRST_FREE;
        codeBits = FEWEST_BITS;
        previousLength = 0;
        continue;
      }
      if (previousLength > 0 && free < starts.length) {
        // The string before, and the first byte of this one, which follows it.
        starts[free] = previous;
        lengths[free] = previousLength + 1;
        free++;
      }
      int length = 1;
      if (code < CLEAR) {
        out[at] = (byte) code;
      } else if (code != END && code < free) {
        int from = starts[code];
        length = Math.min(lengths[code], out.length - at);
        for (int i = 0; i < length; i++) {
          out[at + i] = out[from + i];
        }
      } else {
        throw new MalformedImageException(
            code == END ? "it is truncated" : "its LZW codes are damaged");
      }
      previous = at;
      previousLength = length;
      at += length;
      // A code earlier than necessary, as the first writers did.
      if (free >= (1 << codeBits) - 1 && codeBits < MOST_BITS) {
        codeBits++;
      }
    }
  }
}
