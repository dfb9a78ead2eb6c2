package ocellus.loaders.image;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** The strips or tiles of a TIFF file, decompressed one at a time. Not thread-safe. */
final class TiffChunks {
  private static final int TAG_STRIP_OFFSETS = 273;
  private static final int TAG_STRIP_BYTES = 279;
  private static final int TAG_TILE_OFFSETS = 324;
  private static final int TAG_TILE_BYTES = 325;

  /** A tile of a small picture is larger than that, but not by more pixels than this. */
  private static final long SPARE_PIXELS = 1 << 20;

  /** What tiles may have beyond the picture: this many times its pixels, and spare ones. */
  private static final int MOST_PADDED = 16;

  private static final long SPARE_PADDED = 1 << 26;

  /** Chunks may share bytes of the file, but time is bounded by what the file holds. */
  private static final int MOST_SHARED = 4;

  private static final int DEFLATE_MOST_FROM_A_BYTE = 1032;

  private final Bytes file;
  private final TiffLayout layout;
  private final TiffJpeg jpeg;

  /** Null where the data are not those of a fax. */
  private final TiffFax.Coding fax;

  private final int columns;
  private final int rows;
  private final int samplesPerChunk;
  private final int rowBytes;
  private final long[] offsets;
  private final long[] lengths;

  /**
   * Finds the chunks of a picture that has no more pixels than an array holds. Nothing is
   * decompressed, nor memory taken that the file could not fill.
   */
  TiffChunks(TiffDirectory directory, TiffLayout layout) throws MalformedImageException {
    this.file = directory.file();
    this.layout = layout;
    this.jpeg = layout.compression() == TiffLayout.JPEG ? new TiffJpeg(directory, layout) : null;
    this.fax = TiffFax.coding(directory, layout.compression());
    this.columns = Math.ceilDiv(layout.width(), layout.chunkWidth());
    this.rows = Math.ceilDiv(layout.height(), layout.chunkHeight());
    this.samplesPerChunk = layout.planar() ? 1 : layout.samples();
    long pixels = (long) layout.width() * layout.height();
    long chunkPixels = (long) layout.chunkWidth() * layout.chunkHeight();
    if (layout.tiled() && chunkPixels > pixels + SPARE_PIXELS) {
      throw new MalformedImageException(
          "its tiles of "
              + layout.chunkWidth()
              + " x "
              + layout.chunkHeight()
              + " pixels are larger than the picture");
    }
    if (layout.tiled() && chunkPixels * columns * rows > MOST_PADDED * pixels + SPARE_PADDED) {
      throw new MalformedImageException("its tiles are too large for the picture");
    }
    long bytesPerRow = ((long) layout.chunkWidth() * samplesPerChunk * layout.bits() + 7) / 8;
    if (bytesPerRow * layout.chunkHeight() > Integer.MAX_VALUE - 8) {
      throw new MalformedImageException("its strips or tiles are too large");
    }
    this.rowBytes = (int) bytesPerRow;
    this.offsets = directory.numbers(layout.tiled() ? TAG_TILE_OFFSETS : TAG_STRIP_OFFSETS);
    long count = (long) columns * rows * (layout.planar() ? layout.samples() : 1);
    if (offsets.length < count) {
      throw new MalformedImageException(
          "it has " + offsets.length + " strips or tiles, not " + count);
    }
    long[] told = directory.numbers(layout.tiled() ? TAG_TILE_BYTES : TAG_STRIP_BYTES);
    this.lengths = layout.compression() == TiffLayout.RAW ? new long[0] : told;
    check((int) count);
  }

  private void check(int count) throws MalformedImageException {
    boolean raw = layout.compression() == TiffLayout.RAW;
    if (!raw && lengths.length < count) {
      throw new MalformedImageException("it does not tell the lengths of its strips or tiles");
    }
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sum += stored(i).length();
    }
    if (raw) {
      return;
    }
    if (sum > (long) MOST_SHARED * file.length()) {
      throw new MalformedImageException("its strips or tiles overlap");
    }
    long most =
        switch (layout.compression()) {
          case TiffLayout.PACK_BITS -> PackBits.MOST_FROM_A_BYTE;
          case TiffLayout.LZW -> TiffLzw.MOST_FROM_A_BYTE;
          case TiffLayout.FAX_RUNS, TiffLayout.GROUP_3, TiffLayout.GROUP_4 ->
              Math.min((long) TiffFax.MOST_ROWS_FROM_A_BYTE * rowBytes, Integer.MAX_VALUE);
          case TiffLayout.JPEG -> Integer.MAX_VALUE;
          default -> DEFLATE_MOST_FROM_A_BYTE;
        };
    long needed = (long) rowBytes * layout.height() * count / rows;
    if (sum * most < needed) {
      throw new MalformedImageException("it is truncated");
    }
  }

  /** The bytes of a chunk as they are in the file. */
  private Bytes stored(int chunk) throws MalformedImageException {
    boolean raw = layout.compression() == TiffLayout.RAW;
    return file.part(
        offsets[chunk], raw ? (long) rowBytes * height(chunk / columns % rows) : lengths[chunk]);
  }

  /** Rows of pixels in a row of chunks; of the last strip only those that the picture has. */
  private int height(int row) {
    int height = layout.chunkHeight();
    return layout.tiled() ? height : Math.min(height, layout.height() - row * height);
  }

  /** How many tiles are side by side; 1 for strips. */
  int columns() {
    return columns;
  }

  /** How many tiles or strips are one below the other. */
  int rows() {
    return rows;
  }

  /** Bytes of a row of a decompressed chunk. */
  int rowBytes() {
    return rowBytes;
  }

  /**
   * The bytes of a chunk, row by row; of the last strip only the rows that the picture has.
   *
   * @param plane the sample, where each has chunks of its own, else 0
   */
  byte[] decode(int plane, int row, int column) throws MalformedImageException {
    int chunk = (plane * rows + row) * columns + column;
    int chunkRows = height(row);
    Bytes packed = ordered(stored(chunk));
    if (layout.compression() == TiffLayout.RAW) {
      return packed.toArray();
    }
    if (jpeg != null) {
      return jpeg.decode(packed, chunkRows);
    }
    byte[] out = new byte[rowBytes * chunkRows];
    if (fax != null) {
      TiffFax.decode(packed, fax, layout.chunkWidth(), rowBytes, out);
      return out;
    }
    switch (layout.compression()) {
      case TiffLayout.PACK_BITS -> PackBits.decode(packed, 0, out);
      case TiffLayout.LZW -> TiffLzw.decode(packed, out);
      default -> inflate(packed, out);
    }
    if (layout.differences()) {
      for (int y = 0; y < chunkRows; y++) {
        addUp(out, y * rowBytes);
      }
    }
    return out;
  }

  /** The bytes with their highest bit first. */
  private Bytes ordered(Bytes bytes) {
    if (!layout.reversed()) {
      return bytes;
    }
    byte[] data = bytes.toArray();
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (Integer.reverse(data[i]) >>> 24);
    }
    return Bytes.bigEndian(data);
  }

  private static void inflate(Bytes packed, byte[] out) throws MalformedImageException {
    try (var inflater = new Inflater()) {
      packed.feed(inflater);
      int at = 0;
      while (at < out.length) {
        int count = inflater.inflate(out, at, out.length - at);
        if (count == 0) {
          throw new MalformedImageException("it is truncated");
        }
        at += count;
      }
    } catch (DataFormatException e) {
      throw new MalformedImageException("its compressed data are damaged", e);
    }
  }

  /** Makes differences to the sample on the left the samples of a row: TIFF 6.0, section 14. */
  private void addUp(byte[] data, int start) {
    int size = layout.bits() / 8;
    int step = size * samplesPerChunk;
    boolean littleEndian = file.isLittleEndian();
    for (int at = start + step; at + size <= start + rowBytes; at += size) {
      int carry = 0;
      for (int i = 0; i < size; i++) {
        int b = littleEndian ? i : size - 1 - i;
        int sum = (data[at + b] & 0xff) + (data[at + b - step] & 0xff) + carry;
        data[at + b] = (byte) sum;
        carry = sum >>> 8;
      }
    }
  }
}
