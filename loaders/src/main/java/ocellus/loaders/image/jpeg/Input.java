package ocellus.loaders.image.jpeg;

/** The bytes of a file from a position on, and the marker that was met last. Not thread-safe. */
final class Input {
  final byte[] data;
  int position;

  /** The second byte of a marker that has been read but not acted upon, or 0. */
  int marker;

  Input(byte[] data, int position) {
    this.data = data;
    this.position = position;
  }

  int u8() throws JpegException {
    if (position >= data.length) {
      throw JpegException.truncated();
    }
    return data[position++] & 0xff;
  }

  int u16() throws JpegException {
    int high = u8();
    return high << 8 | u8();
  }

  void skip(int count) throws JpegException {
    if (count > data.length - position) {
      throw JpegException.truncated();
    }
    position += count;
  }

  /**
   * Goes to the next marker, over whatever is between: bytes that belong to nothing, fill bytes,
   * the rest of a scan.
   */
  void nextMarker() throws JpegException {
    do {
      while (u8() != 0xff) {
        // Extraneous.
      }
      marker = u8();
      while (marker == 0xff) {
        marker = u8();
      }
    } while (marker == 0); // a data byte of 255
  }
}
