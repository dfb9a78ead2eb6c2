package ocellus.loaders.image;

import java.util.HashMap;
import java.util.Map;

/** The first directory of a TIFF file (TIFF 6.0, section 2) or of a BigTIFF file. */
final class TiffDirectory {
  private final Bytes file;
  private final boolean big;

  /** Where the entry of a tag is. Of several the last one counts, as in Pillow. */
  private final Map<Integer, Long> entries = new HashMap<>();

  private TiffDirectory(Bytes file, boolean big) {
    this.file = file;
    this.big = big;
  }

  static TiffDirectory read(byte[] content) throws MalformedImageException {
    boolean littleEndian = content.length > 0 && content[0] == 'I';
    Bytes file = littleEndian ? Bytes.littleEndian(content) : Bytes.bigEndian(content);
    boolean big = file.u16(2) == 43;
    var directory = new TiffDirectory(file, big);
    long at = big ? file.u64(8) : file.u32(4);
    long count = big ? file.u64(at) : file.u16(at);
    int entryBytes = big ? 20 : 12;
    long first = at + (big ? 8 : 2);
    if (count < 0 || count > file.length() / entryBytes) {
      throw new MalformedImageException("it is truncated");
    }
    for (long i = 0; i < count; i++) {
      long entry = first + i * entryBytes;
      directory.entries.put(file.u16(entry), entry);
    }
    return directory;
  }

  /** The file, in its byte order. */
  Bytes file() {
    return file;
  }

  boolean has(int tag) {
    return entries.containsKey(tag);
  }

  /** The first number of a tag, or {@code otherwise} if the tag is not there. */
  long number(int tag, long otherwise) throws MalformedImageException {
    return has(tag) ? values(tag, true)[0] : otherwise;
  }

  /** The numbers of a tag; none if it is not there. */
  long[] numbers(int tag) throws MalformedImageException {
    return has(tag) ? values(tag, false) : new long[0];
  }

  /** The bytes of a tag; none if it is not there. */
  Bytes bytes(int tag) throws MalformedImageException {
    if (!has(tag)) {
      return file.part(0, 0);
    }
    long entry = entries.get(tag);
    long count = count(entry);
    return file.part(valuesAt(entry, count), count);
  }

  private long[] values(int tag, boolean first) throws MalformedImageException {
    long entry = entries.get(tag);
    int size =
        switch (file.u16(entry + 2)) {
          case 1, 6, 7 -> 1; // BYTE, SBYTE, UNDEFINED
          case 3, 8 -> 2; // SHORT, SSHORT
          case 4, 9, 13 -> 4; // LONG, SLONG, IFD
          case 16, 17, 18 -> 8; // LONG8, SLONG8, IFD8
          default -> throw new MalformedImageException("its tag " + tag + " is no integer");
        };
    long count = count(entry);
    if (count < 1 || count > file.length() / size) {
      throw new MalformedImageException("its tag " + tag + " has " + count + " values");
    }
    long at = valuesAt(entry, count * size);
    long[] values = new long[first ? 1 : (int) count];
    for (int i = 0; i < values.length; i++) {
      long position = at + (long) i * size;
      values[i] =
          switch (size) {
            case 1 -> file.u8(position);
            case 2 -> file.u16(position);
            case 4 -> file.u32(position);
            default -> file.u64(position);
          };
    }
    return values;
  }

  private long count(long entry) throws MalformedImageException {
    return big ? file.u64(entry + 4) : file.u32(entry + 4);
  }

  /** Few values are in the entry itself. */
  private long valuesAt(long entry, long bytes) throws MalformedImageException {
    if (big) {
      return bytes <= 8 ? entry + 12 : file.u64(entry + 12);
    }
    return bytes <= 4 ? entry + 8 : file.u32(entry + 8);
  }
}
