package ocellus.engine.kernels;

import ocellus.engine.Shape;
import ocellus.engine.Tensor;

/** Whether arguments of kernels fit together; {@link IllegalArgumentException} if not. */
final class Checks {
  private Checks() {}

  static void requireInput(String what, Tensor x, Window window) {
    if (x.shape().rank() != 3 || x.dim(0) != window.inHeight() || x.dim(1) != window.inWidth()) {
      throw new IllegalArgumentException(what + ": input " + x + " under " + window);
    }
  }

  /** Returns the number of channels of a bottleneck's depthwise convolution. */
  static int requireBottleneck(
      Tensor x, Expansion expansion, Window window, float[] w, float[] bias) {
    requireInput("bottleneck", x, window);
    int channels = x.channels();
    if (expansion != null) {
      int k = expansion.weight().k();
      require(channels == k, "bottleneck: input", x, "channels", k);
      channels = expansion.weight().n();
    }
    requireVector("bottleneck: weight", w, window.taps() * channels);
    requireVector("bottleneck: bias", bias, channels);
    return channels;
  }

  static void requireWindow(String what, Tensor x, Window window, Tensor y) {
    requireInput(what, x, window);
    requireOutput(what, window, y);
  }

  static void requireOutput(String what, Window window, Tensor y) {
    if (y.shape().rank() != 3 || y.dim(0) != window.outHeight() || y.dim(1) != window.outWidth()) {
      throw new IllegalArgumentException(what + ": output " + y + " under " + window);
    }
  }

  static void require(boolean holds, String what, Tensor tensor, String quantity, int n) {
    if (!holds) {
      throw new IllegalArgumentException(
          what + " " + tensor + " should have " + n + " " + quantity);
    }
  }

  static void requireSame(String what, Tensor tensor, Tensor model) {
    if (tensor != null && !tensor.shape().equals(model.shape())) {
      throw new IllegalArgumentException(
          what + " " + tensor + " should have shape " + model.shape());
    }
  }

  static void requireBlocks(String what, Tensor tensor, int pixels, int channels) {
    int block = Kernels.panelWidth();
    int blocks = Math.ceilDiv(channels, block);
    if (!tensor.shape().is(blocks, pixels, block)) {
      Shape shape = Shape.of(blocks, pixels, block);
      throw new IllegalArgumentException(what + " " + tensor + " should have shape " + shape);
    }
  }

  static void requireVector(String what, float[] vector, int size) {
    if (vector != null && vector.length != size) {
      throw new IllegalArgumentException(
          what + " of " + vector.length + " elements should have " + size);
    }
  }

  static void requireVector(String what, Tensor vector, int size) {
    if (!vector.shape().is(size)) {
      throw new IllegalArgumentException(what + " " + vector + " should have shape [" + size + "]");
    }
  }
}
