package ocellus.loaders.image;

/** Reads the images of one format. Stateless and thread-safe. */
interface ImageDecoder {
  /** What the header says. Allocates nothing whose size depends on it. */
  ImageInfo info(byte[] file) throws MalformedImageException;

  /**
   * The pixels as they are stored, in the colours of Pillow's {@code convert("RGB")}: grey is
   * repeated, palettes are looked up, 16 bits become 8, transparency is dropped.
   *
   * @param info what {@link #info} gave; its size has been found acceptable
   */
  RgbImage decode(byte[] file, ImageInfo info) throws MalformedImageException;

  /**
   * As above, but pixels that are not wanted may have any value.
   *
   * @param wanted of the pixels as they are stored
   */
  default RgbImage decode(byte[] file, ImageInfo info, Region wanted)
      throws MalformedImageException {
    return decode(file, info);
  }
}
