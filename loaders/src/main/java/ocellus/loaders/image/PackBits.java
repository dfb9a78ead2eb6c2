package ocellus.loaders.image;

/** Runs of bytes as TIFF and Photoshop write them: TIFF 6.0, section 9. */
final class PackBits {
  /** Two bytes give as many at most, so one as many as that. */
  static final int MOST_FROM_A_BYTE = 64;

  private static final int NOTHING = -128;

  private PackBits() {}

  /**
   * Fills {@code out}. What follows is not looked at.
   *
   * @return where in {@code in} the next byte is
   */
  static long decode(Bytes in, long from, byte[] out) throws MalformedImageException {
    long position = from;
    int at = 0;
    while (at < out.length) {
      int head = (byte) in.u8(position++);
      if (head >= 0) {
        int count = Math.min(head + 1, out.length - at);
        in.part(position, count).copyTo(out, at);
        at += count;
        position += head + 1;
      } else if (head != NOTHING) {
        int end = Math.min(at + 1 - head, out.length);
        byte value = (byte) in.u8(position++);
        while (at < end) {
          out[at++] = value;
        }
      }
    }
    return position;
  }
}
