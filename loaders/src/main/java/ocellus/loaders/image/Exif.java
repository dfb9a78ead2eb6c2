package ocellus.loaders.image;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the orientation in the metadata of an image. Broken metadata says nothing. */
final class Exif {
  private static final int ORIENTATION = 274;
  private static final String PREFIX = "Exif\0\0";
  private static final int ENTRY_BYTES = 12;
  private static final Pattern XMP_ORIENTATION =
      Pattern.compile("tiff:Orientation(?:=\"|>)([0-9])");

  private Exif() {}

  /**
   * The value of the orientation tag, or 0 if there is none. Of a directory that is cut off, the
   * entries that are there count.
   *
   * @param exif a TIFF header and what follows it, perhaps behind the name of the format
   */
  static long orientation(Bytes exif) {
    long value = 0;
    try {
      Bytes tiff = exif;
      while (tiff.has(0, PREFIX)) {
        tiff = tiff.part(PREFIX.length(), tiff.length() - PREFIX.length());
      }
      boolean littleEndian = tiff.has(0, "II*\0") || tiff.has(0, "II\0*");
      if (!littleEndian && !tiff.has(0, "MM\0*") && !tiff.has(0, "MM*\0")) {
        return 0;
      }
      Bytes bytes = littleEndian ? tiff.littleEndian() : tiff;
      long directory = bytes.u32(4);
      int entries = bytes.u16(directory);
      for (int i = 0; i < entries; i++) {
        long entry = directory + 2 + (long) i * ENTRY_BYTES;
        if (bytes.u16(entry) == ORIENTATION) {
          value = first(bytes, entry, value);
        }
      }
    } catch (MalformedImageException _) {
      // The rest is missing.
    }
    return value;
  }

  /** The first value of an entry if it is an integer, which counts even if there are more. */
  private static long first(Bytes bytes, long entry, long otherwise)
      throws MalformedImageException {
    int size =
        switch (bytes.u16(entry + 2)) {
          case 3, 8 -> 2; // SHORT, SSHORT
          case 4, 9, 13 -> 4; // LONG, SLONG, IFD
          default -> 0;
        };
    long count = bytes.u32(entry + 4);
    if (size == 0 || count == 0) {
      return otherwise;
    }
    long position = count * size <= 4 ? entry + 8 : bytes.u32(entry + 8);
    return size == 2 ? bytes.u16(position) : bytes.u32(position);
  }

  /** The orientation that an XMP packet names, or 0 if none. */
  static long xmpOrientation(Bytes xmp) {
    Matcher matcher = XMP_ORIENTATION.matcher(xmp.toLatin1());
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
  }
}
