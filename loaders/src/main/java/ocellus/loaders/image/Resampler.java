package ocellus.loaders.image;

import java.util.Arrays;

/**
 * Resizes images with Pillow's results, bit for bit ({@code Image.resize} of Pillow 12 on mode
 * RGB): a horizontal and a vertical pass in fixed point, with 8-bit pixels between them.
 */
final class Resampler {
  /** An image this many times as high as wide is shrunk vertically first, as Pillow does. */
  private static final int TALL = 100;

  private static final int CHANNELS = RgbImage.CHANNELS;
  private static final int HALF = 1 << (ResampleWeights.PRECISION_BITS - 1);

  private Resampler() {}

  /**
   * A part of the image resized to {@code target}. No more than that part is computed.
   *
   * @param region within {@code target}
   */
  static RgbImage resize(RgbImage image, Size target, Filter filter, Region region) {
    if (filter == Filter.NEAREST) {
      return nearest(image, target, region);
    }
    int height = image.height();
    int width = image.width();
    var columns = ResampleWeights.of(filter, width, target.width(), region.left(), region.width());
    var rows = ResampleWeights.of(filter, height, target.height(), region.top(), region.height());
    byte[] out;
    if (height > (long) TALL * width && target.height() < height) {
      byte[] shortened = vertical(image.data(), width, 0, rows, region.top());
      out = horizontal(shortened, width, 0, region.height(), columns, region.left());
    } else {
      int top = rows.isIdentity() ? region.top() : rows.begin();
      int bottom = rows.isIdentity() ? region.top() + region.height() : rows.end();
      byte[] narrowed = horizontal(image.data(), width, top, bottom - top, columns, region.left());
      out = vertical(narrowed, region.width(), top, rows, region.top());
    }
    return RgbImage.of(region.width(), region.height(), out);
  }

  /**
   * Resizes rows.
   *
   * @param width pixels of a row of {@code in}
   * @param top first row to resize
   * @param count rows to resize
   * @param left first new column, for rows that keep their length
   */
  private static byte[] horizontal(
      byte[] in, int width, int top, int count, ResampleWeights columns, int left) {
    int newWidth = columns.length();
    byte[] out = new byte[bytes(count, newWidth)];
    for (int y = 0; y < count; y++) {
      int from = (top + y) * width * CHANNELS;
      int to = y * newWidth * CHANNELS;
      if (columns.isIdentity()) {
        System.arraycopy(in, from + left * CHANNELS, out, to, newWidth * CHANNELS);
      } else {
        resizeRow(in, from, out, to, columns);
      }
    }
    return out;
  }

  private static void resizeRow(byte[] in, int from, byte[] out, int to, ResampleWeights columns) {
    int[] weights = columns.fixedPointWeights();
    for (int x = 0; x < columns.length(); x++) {
      int w = columns.offset(x);
      int p = from + columns.first(x) * CHANNELS;
      int r = HALF;
      int g = HALF;
      int b = HALF;
      for (int end = w + columns.count(x); w < end; w++, p += CHANNELS) {
        int weight = weights[w];
        r += (in[p] & 0xff) * weight;
        g += (in[p + 1] & 0xff) * weight;
        b += (in[p + 2] & 0xff) * weight;
      }
      int q = to + x * CHANNELS;
      out[q] = clip(r);
      out[q + 1] = clip(g);
      out[q + 2] = clip(b);
    }
  }

  /**
   * Resizes columns.
   *
   * @param width pixels of a row
   * @param top the row of the image that {@code in} starts with
   * @param first first new row, for columns that keep their length
   */
  private static byte[] vertical(byte[] in, int width, int top, ResampleWeights rows, int first) {
    int rowBytes = width * CHANNELS;
    byte[] out = new byte[bytes(rows.length(), width)];
    if (rows.isIdentity()) {
      System.arraycopy(in, (first - top) * rowBytes, out, 0, out.length);
      return out;
    }
    int[] weights = rows.fixedPointWeights();
    int[] sums = new int[rowBytes];
    for (int y = 0; y < rows.length(); y++) {
      Arrays.fill(sums, HALF);
      for (int t = 0; t < rows.count(y); t++) {
        addRow(in, (rows.first(y) - top + t) * rowBytes, weights[rows.offset(y) + t], sums);
      }
      for (int i = 0; i < rowBytes; i++) {
        out[y * rowBytes + i] = clip(sums[i]);
      }
    }
    return out;
  }

  private static void addRow(byte[] in, int from, int weight, int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += (in[from + i] & 0xff) * weight;
    }
  }

  private static byte clip(int sum) {
    return (byte) Math.clamp(sum >> ResampleWeights.PRECISION_BITS, 0, 255);
  }

  private static RgbImage nearest(RgbImage image, Size target, Region region) {
    int[] columns = nearest(image.width(), target.width(), region.left(), region.width());
    int[] rows = nearest(image.height(), target.height(), region.top(), region.height());
    byte[] in = image.data();
    byte[] out = new byte[bytes(region.height(), region.width())];
    int q = 0;
    for (int row : rows) {
      for (int column : columns) {
        int p = (row * image.width() + column) * CHANNELS;
        out[q++] = in[p];
        out[q++] = in[p + 1];
        out[q++] = in[p + 2];
      }
    }
    return RgbImage.of(region.width(), region.height(), out);
  }

  /** The old pixel for each new one. The position is accumulated, as it is in the reference. */
  private static int[] nearest(int inSize, int outSize, int start, int length) {
    double scale = (double) inSize / outSize;
    double position = scale * 0.5;
    int[] pixels = new int[length];
    for (int i = 0; i < start + length; i++) {
      if (i >= start) {
        pixels[i - start] = (int) position;
      }
      position += scale;
    }
    return pixels;
  }

  private static int bytes(int height, int width) {
    return Math.multiplyExact(Math.multiplyExact(height, width), CHANNELS);
  }
}
