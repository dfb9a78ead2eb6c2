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

    /** Half of the window on all sides: with an odd window, stride 1 keeps the size. */
    record Half() implements Padding {}

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
    return of(inHeight, inWidth, kernel, kernel, stride, dilation, padding);
  }

  /** A window whose height and width may differ; all else is the same in both directions. */
  public static Window of(
      int inHeight,
      int inWidth,
      int kernelHeight,
      int kernelWidth,
      int stride,
      int dilation,
      Padding padding) {
    Axis y = Axis.of(inHeight, (kernelHeight - 1) * dilation + 1, stride, padding);
    Axis x = Axis.of(inWidth, (kernelWidth - 1) * dilation + 1, stride, padding);
    return new Window(
        inHeight,
        inWidth,
        kernelHeight,
        kernelWidth,
        stride,
        stride,
        dilation,
        dilation,
        y.before,
        x.before,
        y.out,
        x.out);
  }

  /**
   * One direction.
   *
   * @param before padding above or to the left
   * @param out positions of the window
   */
  private record Axis(int before, int out) {
    static Axis of(int in, int extent, int stride, Padding padding) {
      return switch (padding) {
        case Padding.Fixed(int pixels) ->
            new Axis(pixels, positions(in + 2 * pixels, extent, stride));
        case Padding.Sides(int before, int after) ->
            new Axis(before, positions(before + in + after, extent, stride));
        case Padding.Half() -> {
          int half = extent / 2;
          yield new Axis(half, positions(in + 2 * half, extent, stride));
        }
        case Padding.Same() -> {
          int out = Math.ceilDiv(in, stride);
          yield new Axis(Math.max(0, (out - 1) * stride + extent - in) / 2, out);
        }
        case Padding.Ceiling(int pixels) -> new Axis(pixels, ceiling(in, pixels, extent, stride));
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
