package ocellus.loaders.image;

import ocellus.loaders.image.jpeg.JpegException;
import ocellus.loaders.image.jpeg.JpegFile;

/** JPEG, with the orientation that EXIF names, else XMP. */
final class JpegDecoder implements ImageDecoder {
  private static final String EXIF = "Exif\0\0";
  private static final String XMP = "http://ns.adobe.com/xap/1.0/\0";

  @Override
  public ImageInfo info(byte[] file) throws MalformedImageException {
    JpegFile jpeg = open(file);
    return new ImageInfo(
        ImageFormat.JPEG,
        jpeg.width(),
        jpeg.height(),
        Orientation.ofExif(orientation(Bytes.bigEndian(file), jpeg)));
  }

  @Override
  public RgbImage decode(byte[] file, ImageInfo info) throws MalformedImageException {
    JpegFile jpeg = open(file);
    try {
      return RgbImage.of(jpeg.width(), jpeg.height(), jpeg.decode());
    } catch (JpegException e) {
      throw new MalformedImageException(e.getMessage(), e);
    }
  }

  private static JpegFile open(byte[] file) throws MalformedImageException {
    try {
      return JpegFile.open(file);
    } catch (JpegException e) {
      throw new MalformedImageException(e.getMessage(), e);
    }
  }

  private static long orientation(Bytes file, JpegFile jpeg) throws MalformedImageException {
    long exif = 0;
    long xmp = 0;
    for (JpegFile.Part part : jpeg.metadata()) {
      Bytes segment = file.part(part.start(), part.length());
      if (segment.has(0, EXIF)) {
        if (exif == 0) {
          exif = Exif.orientation(behind(EXIF, segment));
        }
      } else if (segment.has(0, XMP)) {
        xmp = Exif.xmpOrientation(behind(XMP, segment));
      }
    }
    return exif != 0 ? exif : xmp;
  }

  private static Bytes behind(String head, Bytes segment) throws MalformedImageException {
    return segment.part(head.length(), segment.length() - head.length());
  }
}
