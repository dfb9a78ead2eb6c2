package ocellus.loaders.image;

import java.util.Arrays;

/**
 * Resizes images with Pillow's results, bit for bit ({@code Image.resize} of Pillow 12 on mode
 * RGB): a horizontal and a vertical pass in fixed point, with 8-bit pixels between them.
 *
 * <p>Both passes go over the image together: {@link ResampledRows} has the few rows at hand that a
 * new one depends on. The loops over them are such that the compiler makes vectors of them.
 */
final class Resampler {
  /** An image this many times as high as wide is shrunk vertically first, as Pillow does. */
  private static final int TALL = 100;

  private static final int CHANNELS = RgbImage.CHANNELS;

  /** Half of a pixel's unit in fixed point: sums start with it, to be rounded. */
  static final int HALF = 1 << (ResampleWeights.PRECISION_BITS - 1);

  private Resampler() {}

  /**
   * A part of the image resized to {@code target}. No more than that part is computed.
   *
   * @param region within {@code target}
   */
  static RgbImage resize(RgbImage image, Size target, Filter filter, Region region) {
    long pixels = (long) image.width() * image.height();
    boolean vectorised = ResampleTrial.TAKEOVER.isReady(pixels);
    return resize(image, target, filter, region, vectorised);
  }

  /** As above, with vectors wherever that is possible, or without any. */
  static RgbImage resize(
      RgbImage image, Size target, Filter filter, Region region, boolean vectorised) {
    if (filter == Filter.NEAREST) {
      return nearest(image, target, region);
    }
    int height = image.height();
    int width = image.width();
    var columns = ResampleWeights.of(filter, width, target.width(), region.left(), region.width());
    var rows = ResampleWeights.of(filter, height, target.height(), region.top(), region.height());
    byte[] out = new byte[bytes(region.height(), region.width())];
    if (height > (long) TALL * width && target.height() < height) {
      var whole = ResampleWeights.of(filter, width, width, 0, width);
      byte[] shortened = new byte[bytes(region.height(), width)];
      vertical(image.data(), width, whole, 0, rows, region.top(), shortened, vectorised);
      var each = ResampleWeights.of(filter, region.height(), region.height(), 0, region.height());
      vertical(shortened, width, columns, region.left(), each, 0, out, vectorised);
    } else {
      vertical(image.data(), width, columns, region.left(), rows, region.top(), out, vectorised);
    }
    return RgbImage.of(region.width(), region.height(), out);
  }

  /** The part of an image of size {@code from} that {@link #resize} looks at. */
  static Region read(Size from, Size target, Filter filter, Region region) {
    if (filter == Filter.NEAREST) {
      return Region.all(from);
    }
    var columns =
        ResampleWeights.of(filter, from.width(), target.width(), region.left(), region.width());
    var rows =
        ResampleWeights.of(filter, from.height(), target.height(), region.top(), region.height());
    return new Region(
        rows.begin(), columns.begin(), rows.end() - rows.begin(), columns.end() - columns.begin());
  }

  /**
   * Resizes columns, then rows.
   *
   * @param width pixels of a row of {@code in}
   * @param left first new column, for rows that keep their length
   * @param top first new row, for columns that keep theirs
   */
  private static void vertical(
      byte[] in,
      int width,
      ResampleWeights columns,
      int left,
      ResampleWeights rows,
      int top,
      byte[] out,
      boolean vectorised) {
    boolean identity = rows.isIdentity();
    int begin = identity ? top : rows.begin();
    int end = identity ? top + rows.length() : rows.end();
    int span = identity ? 1 : rows.taps();
    var resized = new ResampledRows(in, width, columns, left, begin, end, span, vectorised);
    int rowBytes = columns.length() * CHANNELS;
    int[] sums = new int[rowBytes];
    for (int y = 0; y < rows.length(); y++) {
      if (identity) {
        levels(resized.row(top + y), out, y * rowBytes);
      } else {
        sum(resized, rows, y, sums);
        clip(sums, out, y * rowBytes);
      }
    }
  }

  /** The weighted sum of the rows that new row {@code y} depends on, two at a time. */
  private static void sum(ResampledRows resized, ResampleWeights rows, int y, int[] sums) {
    int[] weights = rows.fixedPointWeights();
    Arrays.fill(sums, HALF);
    int first = rows.first(y);
    int count = rows.count(y);
    int offset = rows.offset(y);
    resized.row(first + count - 1);
    for (int t = 0; t + 1 < count; t += 2) {
      add(
          resized.row(first + t),
          weights[offset + t],
          resized.row(first + t + 1),
          weights[offset + t + 1],
          sums);
    }
    if (count % 2 != 0) {
      add(resized.row(first + count - 1), weights[offset + count - 1], sums);
    }
  }

  private static void add(int[] row, int weight, int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += row[i] * weight;
    }
  }

  private static void add(int[] row, int weight, int[] next, int nextWeight, int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += row[i] * weight + next[i] * nextWeight;
    }
  }

  private static void clip(int[] sums, byte[] out, int to) {
    for (int i = 0; i < sums.length; i++) {
      out[to + i] = (byte) level(sums[i]);
    }
  }

  private static void levels(int[] row, byte[] out, int to) {
    for (int i = 0; i < row.length; i++) {
      out[to + i] = (byte) row[i];
    }
  }

  /** The pixel that a sum in fixed point, {@link #HALF} added, stands for. */
  static int level(int sum) {
    return Math.min(Math.max(sum >> ResampleWeights.PRECISION_BITS, 0), 255);
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
