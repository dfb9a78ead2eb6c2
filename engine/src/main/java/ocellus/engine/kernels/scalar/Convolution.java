package ocellus.engine.kernels.scalar;

import java.util.Arrays;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.Window;

/** Convolutions over {@code [height, width, channels]}. */
final class Convolution {
  /** Output pixels of a chunk, whose windows are gathered together. */
  private static final int PIXELS = 32;

  private Convolution() {}

  /** The windows of some output pixels become the rows of a matrix product, group by group. */
  static void conv2d(
      Tensor x, Window window, PackedMatrix[] groups, Epilogue epilogue, Workspace ws) {
    int pixels = window.outPixels();
    int blocks = Math.ceilDiv(pixels, PIXELS);
    ws.threads()
        .run(
            Math.multiplyExact(blocks, groups.length),
            (chunk, worker) -> {
              int group = chunk / blocks;
              int pixel = chunk % blocks * PIXELS;
              int count = Math.min(PIXELS, pixels - pixel);
              PackedMatrix w = groups[group];
              int k = w.k();
              int windows = MatrixProduct.COLUMNS * k; // where they start in the scratch
              float[] scratch =
                  ws.scratch(worker, Math.multiplyExact(MatrixProduct.COLUMNS + PIXELS, k));
              int channels = k / window.taps();
              int firstChannel = 0;
              int firstColumn = 0;
              for (int g = 0; g < group; g++) {
                firstChannel += groups[g].k() / window.taps();
                firstColumn += groups[g].n();
              }
              for (int i = 0; i < count; i++) {
                gather(x, window, pixel + i, firstChannel, channels, scratch, windows + i * k);
              }
              for (int column = 0; column < w.n(); column += MatrixProduct.COLUMNS) {
                MatrixProduct.multiply(
                    scratch, windows, count, w, column, scratch, epilogue, pixel, firstColumn);
              }
            });
  }

  /** Copies what one output pixel sees, in the order (ky, kx, channel), zeros outside. */
  private static void gather(
      Tensor x,
      Window window,
      int pixel,
      int firstChannel,
      int channels,
      float[] target,
      int offset) {
    int oy = pixel / window.outWidth();
    int ox = pixel % window.outWidth();
    int to = offset;
    for (int ky = 0; ky < window.kernelHeight(); ky++) {
      for (int kx = 0; kx < window.kernelWidth(); kx++, to += channels) {
        int tap = Taps.pixel(window, oy, ox, ky, kx);
        if (tap < 0) {
          Arrays.fill(target, to, to + channels, 0);
        } else {
          int from = x.offset() + tap * x.channels() + firstChannel;
          System.arraycopy(x.data(), from, target, to, channels);
        }
      }
    }
  }

  /** One output channel after the other, each with its group. */
  static void grouped(Tensor x, Window window, PackedMatrix w, Epilogue epilogue, Workspace ws) {
    int group = w.k() / window.taps();
    float[] filters = new float[Math.multiplyExact(w.n(), w.k())];
    for (int c = 0; c < w.n(); c++) {
      w.read(c, filters, c * w.k());
    }
    Blocks.run(
        ws,
        window.outPixels(),
        PIXELS,
        (from, to) -> {
          float[] seen = new float[w.k()];
          for (int pixel = from; pixel < to; pixel++) {
            for (int first = 0; first < w.n(); first += group) {
              gather(x, window, pixel, first, group, seen, 0);
              for (int c = first; c < first + group; c++) {
                double sum = 0;
                for (int k = 0; k < seen.length; k++) {
                  sum += (double) seen[k] * filters[c * seen.length + k];
                }
                epilogue.store(pixel, c, sum);
              }
            }
          }
        });
  }

  static void depthwise(Tensor x, Window window, float[] w, Epilogue epilogue, Workspace ws) {
    int channels = x.channels();
    Blocks.run(
        ws,
        window.outPixels(),
        PIXELS,
        (from, to) -> {
          double[] sums = new double[channels];
          for (int pixel = from; pixel < to; pixel++) {
            Arrays.fill(sums, 0);
            addTaps(x, window, pixel, w, sums);
            for (int c = 0; c < channels; c++) {
              epilogue.store(pixel, c, sums[c]);
            }
          }
        });
  }

  private static void addTaps(Tensor x, Window window, int pixel, float[] w, double[] sums) {
    int oy = pixel / window.outWidth();
    int ox = pixel % window.outWidth();
    int weight = 0;
    for (int ky = 0; ky < window.kernelHeight(); ky++) {
      for (int kx = 0; kx < window.kernelWidth(); kx++, weight += sums.length) {
        int tap = Taps.pixel(window, oy, ox, ky, kx);
        if (tap >= 0) {
          addProducts(sums, x.data(), x.offset() + tap * sums.length, w, weight);
        }
      }
    }
  }

  private static void addProducts(double[] sums, float[] a, int p, float[] b, int q) {
    for (int c = 0; c < sums.length; c++) {
      sums[c] += (double) a[p + c] * b[q + c];
    }
  }
}
