package ocellus.loaders.image;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** The image data of one PNG: inflates rows, undoes their filters, writes pixels. */
final class PngPixels {
  /** Adam7: first column, first row, step between columns, step between rows of each pass. */
  private static final int[][] ADAM7 = {
    {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
  };

  /** What an array holds beside the byte that names the filter. */
  private static final int MAX_ROW_BYTES = Integer.MAX_VALUE - 16;

  private static final int[][] WHOLE = {{0, 0, 1, 1}};

  private final PngDecoder.Header header;
  private final byte[] palette;
  private final byte[] rgb;

  /**
   * @param palette red, green, blue of each entry; null for a colour type without one
   */
  PngPixels(PngDecoder.Header header, byte[] palette) {
    this.header = header;
    // Entries that the file does not define are black.
    this.palette = palette == null ? null : Arrays.copyOf(palette, 256 * RgbImage.CHANNELS);
    this.rgb = new byte[header.width() * header.height() * RgbImage.CHANNELS];
  }

  RgbImage decode(List<Bytes> data) throws MalformedImageException {
    try (var inflater = new Inflater()) {
      Iterator<Bytes> rest = data.iterator();
      for (int[] pass : header.interlaced() ? ADAM7 : WHOLE) {
        int columns = Math.ceilDiv(header.width() - pass[0], pass[2]);
        int rows = Math.ceilDiv(header.height() - pass[1], pass[3]);
        if (columns > 0 && rows > 0) {
          readPass(inflater, rest, pass, columns, rows);
        }
      }
      // Reads on, so that damage which only the checksum of the whole shows is found.
      inflate(inflater, rest, new byte[1]);
    } catch (DataFormatException e) {
      throw new MalformedImageException("its compressed data is corrupt", e);
    }
    return RgbImage.of(header.width(), header.height(), rgb);
  }

  private void readPass(Inflater inflater, Iterator<Bytes> data, int[] pass, int columns, int rows)
      throws DataFormatException, MalformedImageException {
    int bitsPerPixel = header.depth() * header.samplesPerPixel();
    int filterDistance = Math.max(1, bitsPerPixel / 8);
    long rowBytes = ((long) columns * bitsPerPixel + 7) / 8;
    if (rowBytes > MAX_ROW_BYTES) {
      throw new MalformedImageException("its rows of " + columns + " pixels are too long");
    }
    // Byte 0 is the filter.
    byte[] row = new byte[1 + (int) rowBytes];
    byte[] above = new byte[row.length];
    for (int y = 0; y < rows; y++) {
      if (inflate(inflater, data, row) < row.length) {
        throw new MalformedImageException("its compressed data ends too early");
      }
      unfilter(row, above, filterDistance);
      writeRow(row, columns, pass[0], pass[1] + y * pass[3], pass[2]);
      byte[] swap = above;
      above = row;
      row = swap;
    }
  }

  /** Fills {@code out} as far as there is data; how far is returned. */
  private static int inflate(Inflater inflater, Iterator<Bytes> data, byte[] out)
      throws DataFormatException {
    int filled = 0;
    while (filled < out.length && !inflater.finished()) {
      int count = inflater.inflate(out, filled, out.length - filled);
      filled += count;
      if (count == 0 && inflater.needsDictionary()) {
        throw new DataFormatException("preset dictionary");
      }
      if (count == 0 && inflater.needsInput()) {
        if (!data.hasNext()) {
          return filled;
        }
        data.next().feed(inflater);
      }
    }
    return filled;
  }

  private static void unfilter(byte[] row, byte[] above, int distance)
      throws MalformedImageException {
    switch (row[0]) {
      case 0 -> {}
      case 1 -> {
        for (int i = 1 + distance; i < row.length; i++) {
          row[i] += row[i - distance];
        }
      }
      case 2 -> {
        for (int i = 1; i < row.length; i++) {
          row[i] += above[i];
        }
      }
      case 3 -> {
        for (int i = 1; i < row.length; i++) {
          int left = i > distance ? row[i - distance] & 0xff : 0;
          row[i] += (byte) ((left + (above[i] & 0xff)) >> 1);
        }
      }
      case 4 -> {
        for (int i = 1; i < row.length; i++) {
          int left = i > distance ? row[i - distance] & 0xff : 0;
          int corner = i > distance ? above[i - distance] & 0xff : 0;
          row[i] += (byte) paeth(left, above[i] & 0xff, corner);
        }
      }
      default -> throw new MalformedImageException("a row has undefined filter " + row[0]);
    }
  }

  /** Of left, above and corner, the one nearest to left + above - corner. */
  private static int paeth(int left, int above, int corner) {
    int toLeft = Math.abs(above - corner);
    int toAbove = Math.abs(left - corner);
    int toCorner = Math.abs(left + above - 2 * corner);
    if (toLeft <= toAbove && toLeft <= toCorner) {
      return left;
    }
    return toAbove <= toCorner ? above : corner;
  }

  /** Writes {@code columns} pixels of image row {@code y}, from column {@code x} on, step apart. */
  private void writeRow(byte[] row, int columns, int x, int y, int step) {
    int to = (y * header.width() + x) * RgbImage.CHANNELS;
    int stride = step * RgbImage.CHANNELS;
    int bytes = header.depth() / 8;
    int pixel = bytes * header.samplesPerPixel();
    for (int i = 0; i < columns; i++, to += stride) {
      int from = 1 + i * pixel;
      switch (header.colorType()) {
        case PngDecoder.Header.GREY -> put(to, grey(row, i));
        case PngDecoder.Header.PALETTE -> putIndexed(to, sample(row, i));
        case PngDecoder.Header.GREY_ALPHA -> put(to, row[from]);
        default -> {
          rgb[to] = row[from];
          rgb[to + 1] = row[from + bytes];
          rgb[to + 2] = row[from + 2 * bytes];
        }
      }
    }
  }

  private void put(int to, byte grey) {
    rgb[to] = grey;
    rgb[to + 1] = grey;
    rgb[to + 2] = grey;
  }

  private void putIndexed(int to, int index) {
    System.arraycopy(palette, index * RgbImage.CHANNELS, rgb, to, RgbImage.CHANNELS);
  }

  /** Pixel {@code i} of a grey row, scaled to 8 bits; 16 bits are clipped, not scaled. */
  private byte grey(byte[] row, int i) {
    if (header.depth() == 16) {
      return row[1 + 2 * i] == 0 ? row[2 + 2 * i] : (byte) 255;
    }
    return (byte) (sample(row, i) * 255 / ((1 << header.depth()) - 1));
  }

  /** Pixel {@code i} of a row of one sample a pixel, at most 8 bits each. */
  private int sample(byte[] row, int i) {
    int bit = i * header.depth();
    int shift = 8 - header.depth() - bit % 8;
    return ((row[1 + bit / 8] & 0xff) >> shift) & ((1 << header.depth()) - 1);
  }
}
