package ocellus.loaders.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Function;

/**
 * Reads image files: JPEG, PNG, WebP, BMP, GIF, TIFF, PNM, ICO and PSD, told apart by content.
 * Pixels are those of Pillow's {@code Image.open(file).convert("RGB")}, turned upright.
 *
 * <p>The size of a picture is read and checked before memory is taken for it. Whatever is wrong
 * with a file, the answer is an {@link ImageException} of one line. Thread-safe.
 */
public final class Images {
  /** More pixels than an array can hold are never decoded, whatever the options say. */
  private static final long ARRAY_PIXELS = (Integer.MAX_VALUE - 8) / RgbImage.CHANNELS;

  /** Larger files are refused: no picture within the default limit needs as much. */
  private static final int MAX_FILE_BYTES = 1 << 30;

  private static final int SHOWN_BYTES = 8;
  private static final String SUPPORTED =
      "supported are JPEG, PNG, WebP, BMP, GIF, TIFF, PNM, ICO and PSD";

  private Images() {}

  /** Reads the picture in a file. */
  public static RgbImage read(Path path) {
    return read(path, ImageOptions.DEFAULT);
  }

  /** Reads the picture in a file. */
  public static RgbImage read(Path path, ImageOptions options) {
    return EncodedImage.of(path, options).decode();
  }

  /**
   * Reads the picture in the bytes of a file.
   *
   * @param name what messages call it
   */
  public static RgbImage decode(byte[] file, String name, ImageOptions options) {
    return decode(file, name, options, Region::all);
  }

  /**
   * Reads a picture of which only a part is wanted: see {@link EncodedImage#decode(Function)}.
   *
   * @param wanted which part of a picture of this size, after it has been turned
   */
  static RgbImage decode(
      byte[] file, String name, ImageOptions options, Function<Size, Region> wanted) {
    ImageFormat format = format(file, name);
    try {
      ImageDecoder decoder = decoder(format, name);
      ImageInfo info = decoder.info(file);
      checkSize(info, name, options);
      Orientation turned = options.ignoreExif() ? Orientation.UPRIGHT : info.orientation();
      Size stored = new Size(info.height(), info.width());
      Region part = wanted.apply(turned.swapsEdges() ? stored.transposed() : stored);
      return turned.apply(decoder.decode(file, info, turned.stored(part, stored)), part);
    } catch (MalformedImageException e) {
      throw malformed(name, format, e);
    } catch (OutOfMemoryError e) {
      throw outOfMemory(name, e);
    }
  }

  /** What the header of a file says. Its pixels are not looked at. */
  public static ImageInfo info(Path path) {
    return info(bytes(path), path.toString());
  }

  /**
   * What the header of a file says. Its pixels are not looked at.
   *
   * @param name what messages call it
   */
  public static ImageInfo info(byte[] file, String name) {
    ImageFormat format = format(file, name);
    try {
      return decoder(format, name).info(file);
    } catch (MalformedImageException e) {
      throw malformed(name, format, e);
    }
  }

  /** All bytes of a file that starts as an image does. */
  static byte[] bytes(Path path) {
    if (Files.isDirectory(path)) {
      throw new ImageException(path + ": is a directory, not an image");
    }
    String name = path.toString();
    try (InputStream in = Files.newInputStream(path)) {
      byte[] head = in.readNBytes(ImageFormat.HEAD);
      format(head, name);
      byte[] rest = in.readNBytes(MAX_FILE_BYTES);
      if (rest.length == MAX_FILE_BYTES) {
        throw new ImageException(name + ": exceeds " + MAX_FILE_BYTES + " bytes; make it smaller");
      }
      byte[] file = Arrays.copyOf(head, head.length + rest.length);
      System.arraycopy(rest, 0, file, head.length, rest.length);
      return file;
    } catch (NoSuchFileException e) {
      throw new ImageException(name + ": no such file", e);
    } catch (AccessDeniedException e) {
      throw new ImageException(name + ": no permission to read it", e);
    } catch (IOException e) {
      throw new ImageException(name + ": cannot be read: " + e.getMessage(), e);
    } catch (OutOfMemoryError e) {
      throw outOfMemory(name, e);
    }
  }

  /** Image arrays are few and huge: once one is refused, the heap is as good as before. */
  private static ImageException outOfMemory(String name, OutOfMemoryError e) {
    return new ImageException(
        name + ": not enough memory to decode it; give Java a larger heap (-Xmx)", e);
  }

  private static ImageFormat format(byte[] file, String name) {
    if (file.length == 0) {
      throw new ImageException(name + ": is empty, not an image");
    }
    return ImageFormat.of(file)
        .orElseThrow(
            () ->
                new ImageException(
                    name
                        + ": is not an image of a known format (it starts with "
                        + start(file)
                        + "); "
                        + SUPPORTED));
  }

  /** The first bytes of a file, as text if they are text. */
  private static String start(byte[] file) {
    byte[] head = Arrays.copyOf(file, Math.min(file.length, SHOWN_BYTES));
    for (byte b : head) {
      if (b < ' ' || b > '~') {
        return "bytes " + HexFormat.ofDelimiter(" ").formatHex(head);
      }
    }
    return "\"" + new String(head, StandardCharsets.US_ASCII) + "\"";
  }

  private static ImageDecoder decoder(ImageFormat format, String name) {
    return switch (format) {
      case JPEG -> new JpegDecoder();
      case PNG -> new PngDecoder();
      case BMP -> new BmpDecoder();
      case GIF -> new GifDecoder();
      case PNM -> new PnmDecoder();
      case TIFF -> new TiffDecoder();
      case ICO -> new IcoDecoder();
      case PSD -> new PsdDecoder();
      case WEBP -> new WebpDecoder();
      default ->
          throw new ImageException(
              name + ": " + format + " is not supported; " + SUPPORTED + ": convert it to PNG");
    };
  }

  private static void checkSize(ImageInfo info, String name, ImageOptions options) {
    int width = info.width();
    int height = info.height();
    if (width <= 0 || height <= 0) {
      throw new ImageException(
          name + ": " + info.format() + " of " + width + " x " + height + " pixels has no pixels");
    }
    long limit = Math.min(options.maxPixels(), ARRAY_PIXELS);
    if ((long) width * height > limit) {
      throw new ImageException(
          name
              + ": "
              + info.format()
              + " of "
              + width
              + " x "
              + height
              + " pixels exceeds the limit of "
              + limit
              + " pixels; make it smaller");
    }
  }

  private static ImageException malformed(
      String name, ImageFormat format, MalformedImageException e) {
    return new ImageException(
        name
            + ": cannot decode this "
            + format
            + ": "
            + e.getMessage()
            + "; save it again or leave it out",
        e);
  }
}
