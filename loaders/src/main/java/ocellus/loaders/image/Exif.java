package ocellus.loaders.image;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the orientation in the metadata of an image. Broken metadata says nothing. */
final class Exif {
  private static final int ORIENTATION = 274;
  private static final int SHORT = 3;
  private static final int LONG = 4;
  private static final int ENTRY_BYTES = 12;
  private static final Pattern XMP_ORIENTATION =
      Pattern.compile("tiff:Orientation(?:=\"|>)([0-9])");

  private Exif() {}

  /**
   * The value of the orientation tag, or 0 if there is none.
   *
   * @param tiff an EXIF block: a TIFF header and what follows it
   */
  static long orientation(Bytes tiff) {
    try {
      Bytes bytes = tiff.has(0, "II*\0") ? tiff.littleEndian() : tiff;
      if (!tiff.has(0, "II*\0") && !tiff.has(0, "MM\0*")) {
        return 0;
      }
      long directory = bytes.u32(4);
      int entries = bytes.u16(directory);
      long value = 0;
      for (int i = 0; i < entries; i++) {
        long entry = directory + 2 + (long) i * ENTRY_BYTES;
        if (bytes.u16(entry) == ORIENTATION && bytes.u32(entry + 4) == 1) {
          value =
              switch (bytes.u16(entry + 2)) {
                case SHORT -> bytes.u16(entry + 8);
                case LONG -> bytes.u32(entry + 8);
                default -> value;
              };
        }
      }
      return value;
    } catch (MalformedImageException _) {
      return 0;
    }
  }

  /** The orientation that an XMP packet names, or 0 if none. */
  static long xmpOrientation(Bytes xmp) {
    Matcher matcher = XMP_ORIENTATION.matcher(xmp.toLatin1());
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
  }
}
