package ocellus.loaders.image;

import java.io.ByteArrayOutputStream;
import ocellus.loaders.image.jpeg.JpegException;
import ocellus.loaders.image.jpeg.JpegFile;

/**
 * Strips and tiles that are JPEG files, but for tables that they may share (TIFF Technical Note 2).
 * As in libtiff, the tags of the TIFF tell what colours are, not the segments of the JPEG.
 */
final class TiffJpeg {
  private static final int TAG_TABLES = 347;
  private static final int MARKER_BYTES = 2;
  private static final String START = "\u00ff\u00d8";

  private final TiffLayout layout;
  private final Bytes tables;

  TiffJpeg(TiffDirectory directory, TiffLayout layout) throws MalformedImageException {
    this.layout = layout;
    this.tables = directory.bytes(TAG_TABLES);
  }

  /** The samples of a chunk: RGB, or grey where pixels have one sample. */
  byte[] decode(Bytes chunk, int rows) throws MalformedImageException {
    try {
      boolean ycc = layout.photometric() == TiffLayout.YCBCR;
      JpegFile jpeg = JpegFile.open(assembled(chunk), ycc);
      if (jpeg.components() != layout.samples()) {
        throw new MalformedImageException(
            "its JPEG data have " + jpeg.components() + " components, not " + layout.samples());
      }
      if (jpeg.width() != layout.chunkWidth()
          || jpeg.height() < rows
          || jpeg.height() > layout.chunkHeight()) {
        throw new MalformedImageException("its JPEG data are of another size");
      }
      byte[] rgb = jpeg.decode();
      return layout.samples() == 1 ? firstOfThree(rgb) : rgb;
    } catch (JpegException e) {
      throw new MalformedImageException(e.getMessage(), e);
    }
  }

  private byte[] assembled(Bytes chunk) throws MalformedImageException {
    if (!chunk.has(0, START) || (tables.length() > 0 && !tables.has(0, START))) {
      throw new MalformedImageException("its JPEG data do not start as JPEG does");
    }
    var out = new ByteArrayOutputStream();
    out.writeBytes(chunk.part(0, MARKER_BYTES).toArray());
    if (tables.length() > 2 * MARKER_BYTES) {
      out.writeBytes(tables.part(MARKER_BYTES, tables.length() - 2L * MARKER_BYTES).toArray());
    }
    out.writeBytes(chunk.part(MARKER_BYTES, chunk.length() - MARKER_BYTES).toArray());
    return out.toByteArray();
  }

  private static byte[] firstOfThree(byte[] rgb) {
    byte[] grey = new byte[rgb.length / RgbImage.CHANNELS];
    for (int i = 0; i < grey.length; i++) {
      grey[i] = rgb[i * RgbImage.CHANNELS];
    }
    return grey;
  }
}
