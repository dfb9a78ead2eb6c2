package ocellus.loaders.image;

import java.util.zip.CRC32;
import ocellus.loaders.internal.Printable;

/**
 * PNG (ISO/IEC 15948): every colour type and depth, interlaced or not. Of an animation, the default
 * image.
 *
 * <p>As in Pillow, 16-bit grey is clipped to 255, other 16-bit samples lose their lower byte, gamma
 * and colour profiles are not applied. Checksums are verified up to the end of the image data; what
 * follows it is searched for EXIF only, and may be missing.
 */
final class PngDecoder implements ImageDecoder {
  private static final int SIGNATURE_BYTES = 8;
  private static final int CHUNK_OVERHEAD = 12;
  private static final int HEADER_BYTES = 13;

  /** The fields of the header chunk that are not constant. */
  record Header(int width, int height, int depth, int colorType, boolean interlaced) {
    static final int GREY = 0;
    static final int RGB = 2;
    static final int PALETTE = 3;
    static final int GREY_ALPHA = 4;
    static final int RGB_ALPHA = 6;

    int samplesPerPixel() {
      return switch (colorType) {
        case GREY, PALETTE -> 1;
        case GREY_ALPHA -> 2;
        case RGB -> 3;
        default -> 4;
      };
    }

    int bitsPerPixel() {
      return depth * samplesPerPixel();
    }

    private boolean isDefined() {
      return switch (colorType) {
        case GREY -> depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
        case PALETTE -> depth == 1 || depth == 2 || depth == 4 || depth == 8;
        case RGB, GREY_ALPHA, RGB_ALPHA -> depth == 8 || depth == 16;
        default -> false;
      };
    }
  }

  /**
   * What the chunks of a file say.
   *
   * @param data all data chunks, whole
   * @param palette null if there is none
   */
  private record Chunks(Bytes data, Bytes palette, PngMetadata metadata) {}

  @Override
  public ImageInfo info(byte[] file) throws MalformedImageException {
    Header header = header(Bytes.bigEndian(file));
    return new ImageInfo(ImageFormat.PNG, header.width(), header.height(), orientation(file));
  }

  /** Damage behind the header is found when the pixels are decoded, if they may be. */
  private static Orientation orientation(byte[] file) {
    try {
      return chunks(Bytes.bigEndian(file), false).metadata().orientation();
    } catch (MalformedImageException _) {
      return Orientation.UPRIGHT;
    }
  }

  @Override
  public RgbImage decode(byte[] file, ImageInfo info) throws MalformedImageException {
    Header header = header(Bytes.bigEndian(file));
    Chunks chunks = chunks(Bytes.bigEndian(file), true);
    if (chunks.data() == null) {
      throw new MalformedImageException("it has no image data");
    }
    byte[] palette = null;
    if (header.colorType() == Header.PALETTE) {
      if (chunks.palette() == null) {
        throw new MalformedImageException("it has no palette");
      }
      palette = chunks.palette().toArray();
    }
    return PngPixels.decode(header, palette, new PngData(chunks.data()));
  }

  private static Header header(Bytes file) throws MalformedImageException {
    if (!file.has(SIGNATURE_BYTES + 4, "IHDR") || file.u32(SIGNATURE_BYTES) != HEADER_BYTES) {
      throw new MalformedImageException("it does not start with a header chunk");
    }
    Bytes chunk = chunk(file, SIGNATURE_BYTES, HEADER_BYTES);
    long width = chunk.u32(0);
    long height = chunk.u32(4);
    if (Math.max(width, height) > Integer.MAX_VALUE) {
      throw new MalformedImageException("it claims " + width + " x " + height + " pixels");
    }
    var header = new Header((int) width, (int) height, chunk.u8(8), chunk.u8(9), chunk.u8(12) == 1);
    if (!header.isDefined()) {
      throw new MalformedImageException(
          "PNG has no colour type " + header.colorType() + " with " + header.depth() + " bits");
    }
    if (chunk.u8(10) != 0 || chunk.u8(11) != 0 || chunk.u8(12) > 1) {
      throw new MalformedImageException(
          "its compression ("
              + chunk.u8(10)
              + "), filter ("
              + chunk.u8(11)
              + ") or interlace ("
              + chunk.u8(12)
              + ") method is not defined");
    }
    return header;
  }

  /**
   * Reads the chunks up to the end of the file, or to where it is torn off behind the data.
   *
   * @param verified whether the checksums up to the end of the image data have to be right
   */
  private static Chunks chunks(Bytes file, boolean verified) throws MalformedImageException {
    Bytes palette = null;
    var metadata = new PngMetadata();
    long dataStart = 0;
    long dataEnd = 0;
    long position = SIGNATURE_BYTES;
    while (dataEnd == 0 || position + CHUNK_OVERHEAD <= file.length()) {
      long length = file.u32(position);
      long end = position + CHUNK_OVERHEAD + length;
      String type = file.part(position + 4, 4).toLatin1();
      boolean isData = type.equals("IDAT") && (dataEnd == 0 || dataEnd == position);
      boolean isBehind = dataEnd != 0 && !isData;
      if (type.equals("IEND") || (isBehind && end > file.length())) {
        break;
      }
      Bytes chunk =
          verified && !isBehind ? chunk(file, position, length) : file.part(position + 8, length);
      switch (type) {
        case "IDAT" -> {
          if (isData) {
            dataStart = dataEnd == 0 ? position : dataStart;
            dataEnd = end;
          }
        }
        case "PLTE" -> palette = chunk;
        default -> metadata.read(type, chunk);
      }
      position = end;
    }
    Bytes data = dataEnd == 0 ? null : file.part(dataStart, dataEnd - dataStart);
    return new Chunks(data, palette, metadata);
  }

  /** The content of a chunk whose checksum is right. */
  private static Bytes chunk(Bytes file, long position, long length)
      throws MalformedImageException {
    Bytes content = file.part(position + 8, length);
    var crc = new CRC32();
    file.part(position + 4, length + 4).update(crc);
    if (crc.getValue() != file.u32(position + 8 + length)) {
      throw new MalformedImageException(
          "the checksum of its chunk "
              + Printable.clip(file.part(position + 4, 4).toLatin1())
              + " is wrong");
    }
    return content;
  }
}
