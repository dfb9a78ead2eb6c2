package ocellus.loaders.image;

/**
 * Decoded pixels: 8-bit red, green, blue, in the file's own colour values, row by row from the top
 * left corner, without padding.
 *
 * <p>The array is shared, not copied; whoever holds it must not write to it once the image has been
 * handed on. Under that condition an image may be used by many threads.
 */
public final class RgbImage {
  /** Bytes of a pixel. */
  public static final int CHANNELS = 3;

  private final int width;
  private final int height;
  private final byte[] data;

  private RgbImage(int width, int height, byte[] data) {
    this.width = width;
    this.height = height;
    this.data = data;
  }

  /**
   * An image over {@code data}, which is not copied.
   *
   * @param data {@code [height, width, 3]}, unsigned
   * @throws IllegalArgumentException if an edge is not positive or {@code data} has another length
   */
  public static RgbImage of(int width, int height, byte[] data) {
    if (width <= 0 || height <= 0 || (long) width * height * CHANNELS != data.length) {
      throw new IllegalArgumentException(
          data.length + " bytes are no RGB image of " + width + " x " + height + " pixels");
    }
    return new RgbImage(width, height, data);
  }

  public int width() {
    return width;
  }

  public int height() {
    return height;
  }

  /** The pixels, {@code [height, width, 3]}, unsigned. Not a copy. */
  public byte[] data() {
    return data;
  }

  @Override
  public String toString() {
    return "RgbImage[" + width + " x " + height + "]";
  }
}
