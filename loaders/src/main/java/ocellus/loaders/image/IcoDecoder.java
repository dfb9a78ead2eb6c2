package ocellus.loaders.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Windows icons. Of several pictures the largest counts, of those of the same size the one with the
 * fewest bits, as in Pillow. It is a PNG, or a bitmap that claims to be twice as high, for its
 * mask, which is dropped.
 */
final class IcoDecoder implements ImageDecoder {
  private static final int DIRECTORY_BYTES = 6;
  private static final int ENTRY_BYTES = 16;
  private static final int FILE_HEADER_BYTES = 14;
  private static final int HEADER_BYTES = 40;
  private static final String PNG = "\u0089PNG\r\n\u001a\n";

  /** The picture as a file of its own. */
  private record Content(ImageDecoder decoder, Bytes file) {}

  @Override
  public ImageInfo info(byte[] file) throws MalformedImageException {
    Content content = content(Bytes.littleEndian(file));
    ImageInfo info = content.decoder().info(content.file().toArray());
    return new ImageInfo(ImageFormat.ICO, info.width(), info.height(), Orientation.UPRIGHT);
  }

  @Override
  public RgbImage decode(byte[] file, ImageInfo info) throws MalformedImageException {
    Content content = content(Bytes.littleEndian(file));
    byte[] picture = content.file().toArray();
    return content.decoder().decode(picture, content.decoder().info(picture));
  }

  private static Content content(Bytes file) throws MalformedImageException {
    int count = file.u16(4);
    if (count == 0) {
      throw new MalformedImageException("it has no picture");
    }
    long best = 0;
    int mostPixels = 0;
    int fewestBits = 0;
    for (int i = 0; i < count; i++) {
      long entry = DIRECTORY_BYTES + (long) i * ENTRY_BYTES;
      int pixels = edge(file.u8(entry)) * edge(file.u8(entry + 1));
      int bits = bits(file, entry);
      if (pixels > mostPixels || (pixels == mostPixels && bits < fewestBits)) {
        best = entry;
        mostPixels = pixels;
        fewestBits = bits;
      }
    }
    long offset = file.u32(best + 12);
    Bytes picture = file.part(offset, file.length() - offset);
    return picture.has(0, PNG)
        ? new Content(new PngDecoder(), picture)
        : new Content(new BmpDecoder(), Bytes.littleEndian(bitmapFile(picture)));
  }

  private static int edge(int stored) {
    return stored == 0 ? 256 : stored;
  }

  private static int bits(Bytes file, long entry) throws MalformedImageException {
    int bits = file.u16(entry + 6);
    int colors = file.u8(entry + 2);
    if (bits != 0 || colors == 0) {
      return bits == 0 ? 256 : bits;
    }
    return colors == 1 ? 256 : Integer.SIZE - Integer.numberOfLeadingZeros(colors - 1);
  }

  /** A header that leaves it to the reader where the pixels are, and half of the height. */
  private static byte[] bitmapFile(Bytes picture) throws MalformedImageException {
    if (picture.u32(0) < HEADER_BYTES) {
      throw new MalformedImageException("its bitmap has a header of " + picture.u32(0) + " bytes");
    }
    int height = (int) picture.u32(8);
    byte[] file = new byte[FILE_HEADER_BYTES + picture.length()];
    picture.copyTo(file, FILE_HEADER_BYTES);
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(FILE_HEADER_BYTES + 8, height / 2);
    return file;
  }
}
