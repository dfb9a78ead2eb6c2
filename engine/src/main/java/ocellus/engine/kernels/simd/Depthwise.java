package ocellus.engine.kernels.simd;

import static ocellus.engine.kernels.simd.Vectors.LANES;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Window;

/** Depthwise convolution: every channel with its own window. */
final class Depthwise extends BandConv {
  private float[] w;
  private float[] bias;
  private int taps;
  private int channels;

  void run(
      Tensor x,
      Window window,
      float[] w,
      float[] bias,
      Activation activation,
      Tensor y,
      Workspace ws) {
    this.w = w;
    this.bias = bias;
    this.taps = window.taps();
    this.channels = x.channels();
    convolve(x, window, null, activation, y, ws);
    this.w = null;
    this.bias = null;
  }

  @Override
  int terms() {
    return taps;
  }

  /** Bias and taps of each vector. */
  @Override
  int weightFloats() {
    return Vectors.TILE_VECTORS * band.tapFloats();
  }

  @Override
  void open(int channel, int valid, float[] scratch, int at, int worker) {
    for (int v = 0; v * LANES < valid; v++) {
      int to = at + v * band.tapFloats();
      band.copyTaps(w, bias, channels, channel + v * LANES, scratch, to);
    }
  }

  @Override
  void outputRow(
      int v, float[] scratch, int in, int weightsAt, float[] to, int at, int stride, int worker) {
    int tapsAt = weightsAt + v * band.tapFloats();
    band.outputRow(scratch, in, scratch, tapsAt, to, at, stride);
  }
}
