package ocellus.loaders.image;

/** The compressed indices of a GIF frame: LZW codes of growing length in blocks of bytes. */
final class GifIndices {
  private static final int MAX_CODE_BITS = 12;
  private static final int MAX_CODES = 1 << MAX_CODE_BITS;
  private static final int NONE = -1;

  private final Bytes file;
  private final int indexBits;
  private final int clearCode;

  /** Code = the string of {@code prefix}, then {@code last}; strings have {@code length}. */
  private final short[] prefix = new short[MAX_CODES];

  private final byte[] last = new byte[MAX_CODES];
  private final short[] length = new short[MAX_CODES];
  private int codes;
  private int codeBits;
  private int previous = NONE;

  private long position;
  private int blockLeft;
  private int bits;
  private int bitCount;

  /** The string of the latest code, as far as it has not been read. */
  private final byte[] string = new byte[MAX_CODES];

  private int stringAt;
  private int stringEnd;

  /**
   * @param position of the byte that tells the size of the alphabet
   */
  GifIndices(Bytes file, long position) throws MalformedImageException {
    this.file = file;
    this.indexBits = file.u8(position);
    this.position = position + 1;
    if (indexBits < 1 || indexBits > 8) {
      throw new MalformedImageException("its indices have " + indexBits + " bits, not 1 to 8");
    }
    this.clearCode = 1 << indexBits;
    for (int i = 0; i < clearCode; i++) {
      last[i] = (byte) i;
      length[i] = 1;
    }
    clear();
  }

  private void clear() {
    codes = clearCode + 2;
    codeBits = indexBits + 1;
    previous = NONE;
  }

  /** Reads the next {@code count} indices. */
  void read(byte[] out, int offset, int count) throws MalformedImageException {
    int to = offset;
    while (to < offset + count) {
      if (stringAt == stringEnd) {
        nextString();
      }
      int part = Math.min(stringEnd - stringAt, offset + count - to);
      System.arraycopy(string, stringAt, out, to, part);
      stringAt += part;
      to += part;
    }
  }

  private void nextString() throws MalformedImageException {
    int code = nextCode();
    while (code == clearCode) {
      clear();
      code = nextCode();
    }
    if (code == clearCode + 1) {
      throw new MalformedImageException("its pixels end too early");
    }
    boolean repeatsPrevious = code == codes && previous != NONE && codes < MAX_CODES;
    if (code >= codes && !repeatsPrevious) {
      throw new MalformedImageException("its compressed data is corrupt");
    }
    expand(repeatsPrevious ? previous : code);
    if (repeatsPrevious) {
      string[stringEnd++] = string[0];
    }
    if (previous != NONE && codes < MAX_CODES) {
      prefix[codes] = (short) previous;
      last[codes] = string[0];
      length[codes] = (short) (length[previous] + 1);
      codes++;
      if (codes == 1 << codeBits && codeBits < MAX_CODE_BITS) {
        codeBits++;
      }
    }
    previous = code;
  }

  private void expand(int code) {
    stringAt = 0;
    stringEnd = length[code];
    int rest = code;
    for (int i = stringEnd - 1; i >= 0; i--) {
      string[i] = last[rest];
      rest = prefix[rest];
    }
  }

  private int nextCode() throws MalformedImageException {
    while (bitCount < codeBits) {
      if (blockLeft == 0) {
        blockLeft = file.u8(position++);
        if (blockLeft == 0) {
          throw new MalformedImageException("it is truncated");
        }
      }
      bits |= file.u8(position++) << bitCount;
      bitCount += 8;
      blockLeft--;
    }
    int code = bits & ((1 << codeBits) - 1);
    bits >>>= codeBits;
    bitCount -= codeBits;
    return code;
  }
}
