package ocellus.loaders.image;

/**
 * TIFF 6.0 and BigTIFF: the first picture, in strips or tiles, raw or compressed with PackBits,
 * LZW, Deflate, JPEG or as fax. As in Pillow, grey of more than 8 bits is clipped to 255, colours
 * lose their lower byte, and opacity is dropped, but colours multiplied with it are divided by it.
 */
final class TiffDecoder implements ImageDecoder {
  private static final int TAG_ORIENTATION = 274;
  private static final int TAG_XMP = 700;

  @Override
  public ImageInfo info(byte[] file) throws MalformedImageException {
    TiffDirectory directory = TiffDirectory.read(file);
    TiffLayout layout = TiffLayout.of(directory);
    return new ImageInfo(ImageFormat.TIFF, layout.width(), layout.height(), orientation(directory));
  }

  @Override
  public RgbImage decode(byte[] file, ImageInfo info) throws MalformedImageException {
    TiffDirectory directory = TiffDirectory.read(file);
    return TiffPixels.decode(directory, TiffLayout.of(directory));
  }

  /** Broken metadata says nothing. */
  private static Orientation orientation(TiffDirectory directory) {
    try {
      long value =
          directory.has(TAG_ORIENTATION)
              ? directory.number(TAG_ORIENTATION, 1)
              : Exif.xmpOrientation(directory.bytes(TAG_XMP));
      return Orientation.ofExif(value);
    } catch (MalformedImageException _) {
      return Orientation.UPRIGHT;
    }
  }
}
