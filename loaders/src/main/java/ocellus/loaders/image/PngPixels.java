package ocellus.loaders.image;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import ocellus.loaders.image.PngDecoder.Header;

/** The image data of one PNG: inflates rows, undoes their filters, writes pixels. */
final class PngPixels {
  /** Where the pixels of a pass are: first column and row, steps between columns and rows. */
  private record Pass(int left, int top, int stepX, int stepY) {
    int columns(Header header) {
      return Math.ceilDiv(header.width() - left, stepX);
    }

    int rows(Header header) {
      return Math.ceilDiv(header.height() - top, stepY);
    }

    boolean isEmpty(Header header) {
      return columns(header) <= 0 || rows(header) <= 0;
    }

    /** Of a row, without the byte that names the filter. */
    long rowBytes(Header header) {
      return ((long) columns(header) * header.bitsPerPixel() + 7) / 8;
    }
  }

  private static final Pass[] WHOLE = {new Pass(0, 0, 1, 1)};

  private static final Pass[] ADAM7 = {
    new Pass(0, 0, 8, 8),
    new Pass(4, 0, 8, 8),
    new Pass(0, 4, 4, 8),
    new Pass(2, 0, 4, 4),
    new Pass(0, 2, 2, 4),
    new Pass(1, 0, 2, 2),
    new Pass(0, 1, 1, 2)
  };

  /** What an array holds beside the byte that names the filter. */
  private static final int MAX_ROW_BYTES = Integer.MAX_VALUE - 16;

  /** No byte of deflated data stands for more: a match of 258 bytes takes two bits at least. */
  private static final long MOST_INFLATION = 1032;

  private static final int CHANNELS = RgbImage.CHANNELS;

  private final Header header;
  private final byte[] palette;
  private final byte[] rgb;

  /**
   * @param palette red, green, blue of each entry; null for a colour type without one
   */
  private PngPixels(Header header, byte[] palette) {
    this.header = header;
    this.palette = palette;
    this.rgb = new byte[header.width() * header.height() * CHANNELS];
  }

  /**
   * The pixels of an image.
   *
   * @param palette red, green, blue of each entry; null for a colour type without one
   * @param data compressed
   */
  static RgbImage decode(Header header, byte[] palette, PngData data)
      throws MalformedImageException {
    Pass[] passes = header.interlaced() ? ADAM7 : WHOLE;
    checkSizes(header, passes, data.most());
    var pixels = new PngPixels(header, levels(header, palette));
    try (var inflater = new Inflater()) {
      for (Pass pass : passes) {
        if (!pass.isEmpty(header)) {
          pixels.read(inflater, data, pass);
        }
      }
      // Reads on, so that damage which only the checksum of the whole shows is found.
      inflate(inflater, data, new byte[1]);
    } catch (DataFormatException e) {
      throw new MalformedImageException("its compressed data is corrupt", e);
    }
    return RgbImage.of(header.width(), header.height(), pixels.rgb);
  }

  /** Before anything is allocated: whether there can be as much data as the header claims. */
  private static void checkSizes(Header header, Pass[] passes, long compressed)
      throws MalformedImageException {
    long bytes = 0;
    for (Pass pass : passes) {
      if (!pass.isEmpty(header)) {
        if (pass.rowBytes(header) > MAX_ROW_BYTES) {
          throw new MalformedImageException(
              "its rows of " + pass.columns(header) + " pixels are too long");
        }
        bytes += (1 + pass.rowBytes(header)) * pass.rows(header);
      }
    }
    if (bytes / MOST_INFLATION > compressed) {
      throw endsTooEarly();
    }
  }

  /** The colours of samples of up to 8 bits that stand for one; null if they stand for others. */
  private static byte[] levels(Header header, byte[] palette) {
    if (palette != null) {
      return Arrays.copyOf(palette, 256 * CHANNELS); // Entries that are not defined are black.
    }
    if (header.colorType() != Header.GREY || header.depth() == 16) {
      return null;
    }
    int most = (1 << header.depth()) - 1;
    byte[] greys = new byte[256 * CHANNELS];
    for (int i = 0; i <= most; i++) {
      Arrays.fill(greys, i * CHANNELS, (i + 1) * CHANNELS, (byte) (i * 255 / most));
    }
    return greys;
  }

  private void read(Inflater inflater, PngData data, Pass pass)
      throws DataFormatException, MalformedImageException {
    int filterDistance = Math.max(1, header.bitsPerPixel() / 8);
    byte[] row = new byte[1 + (int) pass.rowBytes(header)];
    byte[] above = new byte[row.length];
    int columns = pass.columns(header);
    int rows = pass.rows(header);
    for (int y = 0; y < rows; y++) {
      if (inflate(inflater, data, row) < row.length) {
        throw endsTooEarly();
      }
      PngFilter.undo(row, above, filterDistance);
      int to = (pass.top + y * pass.stepY) * header.width() + pass.left;
      write(row, columns, to * CHANNELS, pass.stepX * CHANNELS);
      byte[] swap = above;
      above = row;
      row = swap;
    }
  }

  private static MalformedImageException endsTooEarly() {
    return new MalformedImageException("its compressed data ends too early");
  }

  /** Fills {@code out} as far as there is data; how far is returned. */
  private static int inflate(Inflater inflater, PngData data, byte[] out)
      throws DataFormatException, MalformedImageException {
    int filled = 0;
    while (filled < out.length && !inflater.finished()) {
      int count = inflater.inflate(out, filled, out.length - filled);
      filled += count;
      if (count == 0 && inflater.needsDictionary()) {
        throw new DataFormatException("preset dictionary");
      }
      if (count == 0 && inflater.needsInput()) {
        Bytes next = data.next();
        if (next == null) {
          return filled;
        }
        next.feed(inflater);
      }
    }
    return filled;
  }

  /** Writes {@code columns} pixels to {@code to} and on, {@code step} apart. */
  private void write(byte[] row, int columns, int to, int step) {
    int bytes = header.depth() / 8;
    switch (header.colorType()) {
      case Header.RGB, Header.RGB_ALPHA -> {
        if (bytes == 1 && header.colorType() == Header.RGB && step == CHANNELS) {
          System.arraycopy(row, 1, rgb, to, columns * CHANNELS);
        } else {
          colors(row, bytes * header.samplesPerPixel(), bytes, columns, to, step);
        }
      }
      case Header.GREY_ALPHA -> greys(row, 2 * bytes, columns, to, step);
      default -> {
        switch (header.depth()) {
          case 16 -> clippedGreys(row, columns, to, step);
          case 8 -> bytes(row, columns, to, step);
          default -> bits(row, columns, to, step);
        }
      }
    }
  }

  /** Of 16 bits the upper ones. */
  private void colors(byte[] row, int pixelBytes, int sampleBytes, int columns, int to, int step) {
    int from = 1;
    int at = to;
    for (int i = 0; i < columns; i++, from += pixelBytes, at += step) {
      rgb[at] = row[from];
      rgb[at + 1] = row[from + sampleBytes];
      rgb[at + 2] = row[from + 2 * sampleBytes];
    }
  }

  private void greys(byte[] row, int pixelBytes, int columns, int to, int step) {
    int from = 1;
    int at = to;
    for (int i = 0; i < columns; i++, from += pixelBytes, at += step) {
      put(at, row[from]);
    }
  }

  /** 16 bits, clipped to 255 rather than scaled. */
  private void clippedGreys(byte[] row, int columns, int to, int step) {
    int from = 1;
    int at = to;
    for (int i = 0; i < columns; i++, from += 2, at += step) {
      put(at, row[from] == 0 ? row[from + 1] : (byte) 255);
    }
  }

  private void bytes(byte[] row, int columns, int to, int step) {
    int at = to;
    for (int i = 0; i < columns; i++, at += step) {
      putLevel(at, row[1 + i] & 0xff);
    }
  }

  private void bits(byte[] row, int columns, int to, int step) {
    int depth = header.depth();
    int mask = (1 << depth) - 1;
    int at = to;
    for (int i = 0; i < columns; i++, at += step) {
      int bit = i * depth;
      putLevel(at, row[1 + bit / 8] >> (8 - depth - bit % 8) & mask);
    }
  }

  private void put(int at, byte grey) {
    rgb[at] = grey;
    rgb[at + 1] = grey;
    rgb[at + 2] = grey;
  }

  private void putLevel(int at, int level) {
    rgb[at] = palette[level * CHANNELS];
    rgb[at + 1] = palette[level * CHANNELS + 1];
    rgb[at + 2] = palette[level * CHANNELS + 2];
  }
}
