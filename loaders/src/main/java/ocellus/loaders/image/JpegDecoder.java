package ocellus.loaders.image;

import ocellus.loaders.image.jpeg.Area;
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
    return decode(file, info, Region.all(new Size(info.height(), info.width())));
  }

  @Override
  public RgbImage decode(byte[] file, ImageInfo info, Region wanted)
      throws MalformedImageException {
    JpegFile jpeg = open(file);
    int right = wanted.left() + wanted.width();
    int bottom = wanted.top() + wanted.height();
    try {
      byte[] rgb = jpeg.decode(new Area(wanted.left(), wanted.top(), right, bottom));
      return RgbImage.of(jpeg.width(), jpeg.height(), rgb);
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
