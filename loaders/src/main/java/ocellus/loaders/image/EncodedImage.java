package ocellus.loaders.image;

import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A picture that is yet to be decoded, by who knows which part of it is needed: {@link
 * Preprocessor#decode} leaves out pixels of a JPEG on which its tensor does not depend, as far as
 * that saves time.
 *
 * <p>Nothing is kept: each use reads the bytes again. Immutable, and thread-safe if what supplies
 * the bytes is.
 */
public final class EncodedImage {
  private final String name;
  private final Supplier<byte[]> file;
  private final ImageOptions options;

  private EncodedImage(String name, Supplier<byte[]> file, ImageOptions options) {
    this.name = name;
    this.file = file;
    this.options = options;
  }

  /** The picture in a file, upright as its EXIF orientation says. */
  public static EncodedImage of(Path path) {
    return of(path, ImageOptions.DEFAULT);
  }

  /** The picture in a file, which is not opened yet. */
  public static EncodedImage of(Path path, ImageOptions options) {
    return new EncodedImage(path.toString(), () -> Images.bytes(path), options);
  }

  /**
   * The picture in the bytes of a file.
   *
   * @param name what messages call it
   * @param file gives the bytes, or throws an {@link ImageException}
   */
  public static EncodedImage of(String name, Supplier<byte[]> file, ImageOptions options) {
    return new EncodedImage(name, file, options);
  }

  /**
   * Reads and decodes all of the picture.
   *
   * @throws ImageException if it cannot be read
   */
  public RgbImage decode() {
    return decode(Region::all);
  }

  /**
   * As {@link #decode()}, but what pixels are of which nothing is wanted is not defined. The file
   * is read to its end all the same: what is wrong with it is found, wherever it is.
   *
   * @param wanted which part of a picture of this size, after it has been turned upright
   */
  RgbImage decode(Function<Size, Region> wanted) {
    return Images.decode(file.get(), name, options, wanted);
  }
}
