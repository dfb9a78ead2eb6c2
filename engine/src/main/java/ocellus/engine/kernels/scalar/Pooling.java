package ocellus.engine.kernels.scalar;

import java.util.Arrays;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Window;

/** Maxima and means over windows and over whole maps, and weighted sums of rows. */
final class Pooling {
  private static final int PIXELS = 32;
  private static final int CHANNELS = 64;

  private Pooling() {}

  static void max(Tensor x, Window window, Tensor y, Workspace ws) {
    int channels = x.channels();
    Blocks.run(
        ws,
        window.outPixels(),
        PIXELS,
        (from, to) -> {
          for (int pixel = from; pixel < to; pixel++) {
            int start = y.offset() + pixel * channels;
            Arrays.fill(y.data(), start, start + channels, Float.NEGATIVE_INFINITY);
            for (int tap = 0; tap < window.taps(); tap++) {
              int seen = pixelUnder(window, pixel, tap);
              if (seen >= 0) {
                int source = x.offset() + seen * channels;
                for (int c = 0; c < channels; c++) {
                  y.data()[start + c] = Math.max(y.data()[start + c], x.data()[source + c]);
                }
              }
            }
          }
        });
  }

  static void weightedSums(Tensor weights, Tensor x, Tensor y, Workspace ws) {
    int columns = y.channels();
    Blocks.run(
        ws,
        y.rows() * columns,
        CHANNELS,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            int weight = weights.offset() + i / columns * x.rows();
            double sum = 0;
            for (int row = 0; row < x.rows(); row++) {
              int at = x.offset() + row * columns + i % columns;
              sum += (double) weights.data()[weight + row] * x.data()[at];
            }
            y.data()[y.offset() + i] = (float) sum;
          }
        });
  }

  static void average(Tensor x, Window window, boolean countPadding, Tensor y, Workspace ws) {
    int channels = x.channels();
    Blocks.run(
        ws,
        window.outPixels(),
        PIXELS,
        (from, to) -> {
          double[] sums = new double[channels];
          for (int pixel = from; pixel < to; pixel++) {
            Arrays.fill(sums, 0);
            int inside = 0;
            for (int tap = 0; tap < window.taps(); tap++) {
              int seen = pixelUnder(window, pixel, tap);
              if (seen >= 0) {
                inside++;
                addRow(sums, x.data(), x.offset() + seen * channels);
              }
            }
            int divisor = countPadding ? window.taps() : Math.max(inside, 1);
            storeQuotients(sums, divisor, y.data(), y.offset() + pixel * channels);
          }
        });
  }

  static void averageRows(Tensor x, Tensor y, Workspace ws) {
    int rows = x.rows();
    int channels = x.channels();
    Blocks.run(
        ws,
        channels,
        CHANNELS,
        (from, to) -> {
          double[] sums = new double[to - from];
          for (int row = 0; row < rows; row++) {
            addRow(sums, x.data(), x.offset() + row * channels + from);
          }
          storeQuotients(sums, rows, y.data(), y.offset() + from);
        });
  }

  static void channelLengths(Tensor x, Tensor y, Workspace ws) {
    int channels = x.channels();
    Blocks.run(
        ws,
        channels,
        CHANNELS,
        (from, to) -> {
          for (int c = from; c < to; c++) {
            double sum = 0;
            for (int p = c; p < x.size(); p += channels) {
              double value = x.data()[x.offset() + p];
              sum += value * value;
            }
            y.data()[y.offset() + c] = (float) Math.sqrt(sum);
          }
        });
  }

  private static int pixelUnder(Window window, int pixel, int tap) {
    return Taps.pixel(
        window,
        pixel / window.outWidth(),
        pixel % window.outWidth(),
        tap / window.kernelWidth(),
        tap % window.kernelWidth());
  }

  private static void addRow(double[] sums, float[] data, int offset) {
    for (int c = 0; c < sums.length; c++) {
      sums[c] += data[offset + c];
    }
  }

  private static void storeQuotients(double[] sums, int divisor, float[] data, int offset) {
    for (int c = 0; c < sums.length; c++) {
      data[offset + c] = (float) (sums[c] / divisor);
    }
  }
}
