package ocellus.loaders.image;

/** The data chunks of a PNG, one behind the other. Their checksums have been verified. */
final class PngData {
  /** Length, type and checksum. */
  private static final int OVERHEAD = 12;

  private final Bytes chunks;
  private long position;

  /**
   * @param chunks nothing but whole data chunks
   */
  PngData(Bytes chunks) {
    this.chunks = chunks;
  }

  /** The content of the next chunk, or null if there is none. */
  Bytes next() throws MalformedImageException {
    if (position == chunks.length()) {
      return null;
    }
    long length = chunks.u32(position);
    Bytes content = chunks.part(position + 8, length);
    position += OVERHEAD + length;
    return content;
  }

  /** No less than the bytes of all content. */
  long most() {
    return chunks.length();
  }
}
