package ocellus.models.arch;

import ocellus.engine.WeightScope;
import ocellus.engine.kernels.Activation;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Conv2d.Spec;
import ocellus.engine.layers.SqueezeExcite;

/**
 * The form of {@link InvertedResidual} and {@link DepthwiseSeparable}: a depthwise convolution
 * between two pointwise ones, or before one.
 *
 * @param expands whether a pointwise convolution comes first
 * @param expansion channels of the depthwise convolution, relative to those that come in; 0 for
 *     exactly these, whatever the network's channels are rounded to
 * @param kernel side of the depthwise window
 * @param squeezes whether squeeze-and-excitation follows the depthwise convolution
 * @param skips whether the input is added to an output of the same shape
 * @param activation null for the network's own
 * @param padding of a strided depthwise convolution, null for the network's own
 */
record DepthwiseForm(
    boolean expands,
    double expansion,
    int kernel,
    boolean squeezes,
    boolean skips,
    Activation activation,
    ConvNorm.Strided padding)
    implements BlockForm {

  static DepthwiseForm separable(int kernel) {
    return new DepthwiseForm(false, 0, kernel, false, true, null, null);
  }

  static DepthwiseForm bottleneck(int kernel, double expansion) {
    return new DepthwiseForm(true, expansion, kernel, false, true, null, null);
  }

  DepthwiseForm squeezed() {
    return new DepthwiseForm(expands, expansion, kernel, true, skips, activation, padding);
  }

  DepthwiseForm relu() {
    return new DepthwiseForm(expands, expansion, kernel, squeezes, skips, Activation.RELU, padding);
  }

  DepthwiseForm withoutSkip() {
    return new DepthwiseForm(expands, expansion, kernel, squeezes, false, activation, padding);
  }

  DepthwiseForm padded(ConvNorm.Strided other) {
    return new DepthwiseForm(expands, expansion, kernel, squeezes, skips, activation, other);
  }

  /** See {@link BlockRow#minimal}. */
  DepthwiseForm minimal() {
    return new DepthwiseForm(expands, expansion, Math.min(kernel, 3), false, skips, null, padding);
  }

  @Override
  public BlockStack.Block build(
      BlockStack.Geometry geometry, BlockStack.Style style, WeightScope w) {
    return expands
        ? new InvertedResidual(this, geometry, style, w)
        : new DepthwiseSeparable(this, geometry, style, w);
  }

  /** Channels of the depthwise convolution for {@code in} channels of input. */
  int hidden(int in, ChannelWidth width) {
    return expansion == 0 ? in : width.rounded(in * expansion);
  }

  Activation activation(BlockStack.Style style) {
    return activation == null ? style.activation() : activation;
  }

  /** The depthwise convolution of {@code channels}, with its batch norm and activation. */
  Conv2d depthwise(
      int channels,
      BlockStack.Geometry geometry,
      BlockStack.Style style,
      WeightScope w,
      String norm) {
    Spec window =
        Spec.depthwise(channels, kernel).stride(geometry.stride()).dilation(geometry.dilation());
    ConvNorm convNorm = padding == null ? style.convNorm() : style.convNorm().padded(padding);
    return convNorm.layer(window, w, "conv_dw", norm, activation(style));
  }

  /** Squeeze-and-excitation on {@code hidden} channels, or null if there is none. */
  SqueezeExcite squeeze(int in, int hidden, BlockStack.Style style, WeightScope w) {
    return squeezes ? style.squeeze().layer(w.in("se"), in, hidden, activation(style)) : null;
  }
}
