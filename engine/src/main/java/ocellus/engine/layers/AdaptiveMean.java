package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;

/**
 * Means over parts of a map of whatever size: PyTorch's {@code AdaptiveAvgPool2d}. Where sizes
 * don't divide, parts overlap by a pixel.
 */
public final class AdaptiveMean {
  private AdaptiveMean() {}

  /**
   * @param x {@code [height, width, channels]}
   * @return {@code [outHeight, outWidth, channels]}, from the workspace; x where that is its shape
   */
  public static Tensor forward(Tensor x, int outHeight, int outWidth, Workspace ws) {
    int height = x.dim(0);
    int width = x.dim(1);
    if (height == outHeight && width == outWidth) {
      return x;
    }
    Tensor y = ws.tensor(outHeight, outWidth, x.channels());
    for (int oy = 0; oy < outHeight; oy++) {
      int top = first(oy, height, outHeight);
      int bottom = end(oy, height, outHeight);
      for (int ox = 0; ox < outWidth; ox++) {
        int left = first(ox, width, outWidth);
        int right = end(ox, width, outWidth);
        mean(x, top, bottom, left, right, y, (oy * outWidth + ox) * x.channels());
      }
    }
    return y;
  }

  private static int first(int part, int in, int parts) {
    return (int) ((long) part * in / parts);
  }

  private static int end(int part, int in, int parts) {
    return (int) Math.ceilDiv((part + 1L) * in, parts);
  }

  /** The means of some pixels, to elements {@code at}.. of y. */
  private static void mean(Tensor x, int top, int bottom, int left, int right, Tensor y, int at) {
    int channels = x.channels();
    int pixels = (bottom - top) * (right - left);
    for (int c = 0; c < channels; c++) {
      double sum = 0;
      for (int iy = top; iy < bottom; iy++) {
        for (int ix = left; ix < right; ix++) {
          sum += x.data()[x.offset() + (iy * x.dim(1) + ix) * channels + c];
        }
      }
      y.data()[y.offset() + at + c] = (float) (sum / pixels);
    }
  }
}
