package ocellus.loaders.image;

import ocellus.loaders.image.webp.WebpException;
import ocellus.loaders.image.webp.WebpFile;

/** WebP, with the orientation that EXIF names, else XMP. */
final class WebpDecoder implements ImageDecoder {
  @Override
  public ImageInfo info(byte[] file) throws MalformedImageException {
    WebpFile webp = open(file);
    long orientation = 0;
    if (webp.exif() != null) {
      orientation = Exif.orientation(part(file, webp.exif()));
    }
    if (orientation == 0 && webp.xmp() != null) {
      orientation = Exif.xmpOrientation(part(file, webp.xmp()));
    }
    return new ImageInfo(
        ImageFormat.WEBP, webp.width(), webp.height(), Orientation.ofExif(orientation));
  }

  @Override
  public RgbImage decode(byte[] file, ImageInfo info) throws MalformedImageException {
    WebpFile webp = open(file);
    try {
      return RgbImage.of(webp.width(), webp.height(), webp.decode());
    } catch (WebpException e) {
      throw new MalformedImageException(e.getMessage(), e);
    }
  }

  private static WebpFile open(byte[] file) throws MalformedImageException {
    try {
      return WebpFile.open(file);
    } catch (WebpException e) {
      throw new MalformedImageException(e.getMessage(), e);
    }
  }

  private static Bytes part(byte[] file, WebpFile.Part part) throws MalformedImageException {
    return Bytes.bigEndian(file).part(part.start(), part.length());
  }
}
