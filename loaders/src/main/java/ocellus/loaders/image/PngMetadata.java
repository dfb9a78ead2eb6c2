package ocellus.loaders.image;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * What the chunks of a PNG say of its orientation: EXIF in a chunk of its own, else EXIF in
 * hexadecimal digits as ImageMagick writes it into a text chunk, and XMP where neither says
 * anything. Broken metadata says nothing.
 */
final class PngMetadata {
  private static final String RAW_PROFILE = "Raw profile type exif\0";
  private static final String XMP = "XML:com.adobe.xmp\0";

  /** Before the digits of a profile: an empty line, its name, its length. */
  private static final int PROFILE_HEAD_LINES = 3;

  /** The longest text that is inflated; Pillow's limit. */
  private static final int MOST_TEXT = 1 << 20;

  private Bytes exif;
  private Bytes profile;
  private Bytes xmp;

  /** Takes note of a chunk if it is metadata. */
  void read(String type, Bytes chunk) {
    try {
      switch (type) {
        case "eXIf" -> exif = chunk;
        case "tEXt" -> {
          if (chunk.has(0, RAW_PROFILE)) {
            profile = rest(chunk, RAW_PROFILE.length());
          }
        }
        case "zTXt" -> {
          if (chunk.has(0, RAW_PROFILE)) {
            profile = inflated(rest(chunk, RAW_PROFILE.length() + 1));
          }
        }
        case "iTXt" -> {
          if (chunk.has(0, XMP)) {
            xmp = internationalText(chunk);
          }
        }
        default -> {
          // Nothing else is about orientation.
        }
      }
    } catch (MalformedImageException _) {
      // Broken metadata says nothing.
    }
  }

  Orientation orientation() {
    long value = 0;
    if (exif != null) {
      value = Exif.orientation(exif);
    } else if (profile != null) {
      value = Exif.orientation(decoded(profile));
    }
    if (value == 0 && xmp != null) {
      value = Exif.xmpOrientation(xmp);
    }
    return Orientation.ofExif(value);
  }

  private static Bytes rest(Bytes chunk, long start) throws MalformedImageException {
    return chunk.part(start, chunk.length() - start);
  }

  /** Keyword, whether and how compressed, language, translated keyword, text. */
  private static Bytes internationalText(Bytes chunk) throws MalformedImageException {
    long position = XMP.length();
    boolean compressed = chunk.u8(position) != 0;
    position += 2;
    for (int zeros = 0; zeros < 2; position++) {
      zeros += chunk.u8(position) == 0 ? 1 : 0;
    }
    Bytes text = rest(chunk, position);
    return compressed ? inflated(text) : text;
  }

  private static Bytes inflated(Bytes data) throws MalformedImageException {
    byte[] text = new byte[MOST_TEXT + 1];
    try (var inflater = new Inflater()) {
      data.feed(inflater);
      int length = inflater.inflate(text);
      if (length > MOST_TEXT) {
        throw new MalformedImageException("a text is too long");
      }
      return Bytes.bigEndian(Arrays.copyOf(text, length));
    } catch (DataFormatException e) {
      throw new MalformedImageException("a text is corrupt", e);
    }
  }

  private static Bytes decoded(Bytes profile) {
    String digits =
        String.join("", profile.toLatin1().lines().skip(PROFILE_HEAD_LINES).toList()).strip();
    try {
      return Bytes.bigEndian(HexFormat.of().parseHex(digits));
    } catch (IllegalArgumentException _) {
      return Bytes.bigEndian(new byte[0]);
    }
  }
}
