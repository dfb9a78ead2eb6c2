package ocellus.engine.kernels;

/**
 * How a convolution or a pooling window moves over a feature map.
 *
 * <p>Output pixel (oy, ox) sees input pixels (oy strideY - padTop + ky dilationY, ox strideX -
 * padLeft + kx dilationX); those outside of the map count as zero in a convolution and do not count
 * in a pooling.
 *
 * @param inHeight rows of the input
 * @param inWidth columns of the input
 * @param kernelHeight rows of the window
 * @param kernelWidth columns of the window
 * @param outHeight rows of the output
 * @param outWidth columns of the output
 */
public record Window(
    int inHeight,
    int inWidth,
    int kernelHeight,
    int kernelWidth,
    int strideY,
    int strideX,
    int dilationY,
    int dilationX,
    int padTop,
    int padLeft,
    int outHeight,
    int outWidth) {

  /** How much is added around the input. */
  public sealed interface Padding {
    /** The same number of pixels on both sides. PyTorch's {@code padding=}. */
    record Fixed(int pixels) implements Padding {}

    /** So many pixels above and to the left, so many below and to the right. */
    record Sides(int before, int after) implements Padding {}

    /**
     * As little as makes the output ceil(in / stride) large, the odd pixel below and to the right.
     * TensorFlow's {@code SAME}; timm's {@code pad_same}.
     */
    record Same() implements Padding {}

    /**
     * The same number of pixels on both sides, and below and to the right as many more as complete
     * the last step. PyTorch's pooling with {@code ceil_mode=True}.
     */
    record Ceiling(int pixels) implements Padding {}
  }

  /** A square window, the same in both directions. */
  public static Window of(
      int inHeight, int inWidth, int kernel, int stride, int dilation, Padding padding) {
    int extent = (kernel - 1) * dilation + 1;
    return switch (padding) {
      case Padding.Fixed(int pixels) ->
          of(inHeight, inWidth, kernel, stride, dilation, new Padding.Sides(pixels, pixels));
      case Padding.Sides(int before, int after) ->
          new Window(
              inHeight,
              inWidth,
              kernel,
              kernel,
              stride,
              stride,
              dilation,
              dilation,
              before,
              before,
              positions(before + inHeight + after, extent, stride),
              positions(before + inWidth + after, extent, stride));
      case Padding.Same() -> {
        int outHeight = Math.ceilDiv(inHeight, stride);
        int outWidth = Math.ceilDiv(inWidth, stride);
        yield new Window(
            inHeight,
            inWidth,
            kernel,
            kernel,
            stride,
            stride,
            dilation,
            dilation,
            Math.max(0, (outHeight - 1) * stride + extent - inHeight) / 2,
            Math.max(0, (outWidth - 1) * stride + extent - inWidth) / 2,
            outHeight,
            outWidth);
      }
      case Padding.Ceiling(int pixels) ->
          new Window(
              inHeight,
              inWidth,
              kernel,
              kernel,
              stride,
              stride,
              dilation,
              dilation,
              pixels,
              pixels,
              ceiling(inHeight, pixels, extent, stride),
              ceiling(inWidth, pixels, extent, stride));
    };
  }

  private static int positions(int padded, int extent, int stride) {
    return padded < extent ? 0 : (padded - extent) / stride + 1;
  }

  /** No window begins in the padding behind the map. */
  private static int ceiling(int in, int pad, int extent, int stride) {
    int steps = Math.ceilDiv(in + 2 * pad - extent, stride);
    int out = steps * stride >= in + pad ? steps : steps + 1;
    return Math.max(out, 0);
  }

  /** Taps of the window. */
  public int taps() {
    return kernelHeight * kernelWidth;
  }

  /** Pixels of the output. */
  public int outPixels() {
    return outHeight * outWidth;
  }
}
