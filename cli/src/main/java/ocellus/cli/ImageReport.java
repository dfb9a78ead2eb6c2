package ocellus.cli;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import ocellus.loaders.image.ImageInfo;
import ocellus.loaders.image.RgbImage;

/**
 * What {@code ocellus inspect} tells of an image.
 *
 * @param width of the pixels that are hashed
 * @param height of the pixels that are hashed
 * @param orientation the EXIF orientation in the file, 1 if there is none
 * @param sha256 of the pixels as red, green, blue, row by row
 */
record ImageReport(
    String image, String format, int width, int height, int orientation, String sha256) {

  static ImageReport of(String name, ImageInfo info, RgbImage pixels) {
    return new ImageReport(
        name,
        info.format().id(),
        pixels.width(),
        pixels.height(),
        info.orientation().exifValue(),
        sha256(pixels.data()));
  }

  private static String sha256(byte[] data) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  String json() {
    Json json = new Json().beginObject();
    json.key("image").value(image).key("format").value(format);
    json.key("width").value(width).key("height").value(height);
    json.key("orientation").value(orientation).key("rgb_sha256").value(sha256);
    return json.endObject().toString();
  }

  String text() {
    return """
    image        %s
    format       %s
    size         %d x %d pixels
    orientation  %d
    RGB SHA-256  %s\
    """
        .formatted(image, format, width, height, orientation, sha256);
  }
}
