package ocellus.engine.kernels;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;

/**
 * Kernels that compute nothing, for passes that are only measured.
 *
 * <p>They take the tensors that the vector kernels take, and where those may do without one, that
 * one too: a pass never takes more than is measured. The scalar kernels do take more.
 */
final class ShapeKernels implements KernelSet {
  private final KernelSet real;

  /**
   * @param real whose panels shapes depend on
   */
  ShapeKernels(KernelSet real) {
    this.real = real;
  }

  @Override
  public int panelWidth() {
    return real.panelWidth();
  }

  @Override
  public int panelGranule() {
    return real.panelGranule();
  }

  @Override
  public Winograd winogradTiles(int in, int out, int pixels) {
    return real.winogradTiles(in, out, pixels);
  }

  // Of the kernels, only invertedBottleneck takes memory of the workspace: the interface's method.

  @Override
  public void linear(
      Tensor x,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {}

  @Override
  public void scaledLinear(
      Tensor x,
      Tensor factors,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {}

  @Override
  public void winogradConv2d(
      Tensor x,
      Window window,
      Winograd tiles,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {}

  @Override
  public void conv2d(
      Tensor x,
      Window window,
      PackedMatrix[] w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {}

  @Override
  public boolean convolvesGroupsOf(int channels) {
    return real.convolvesGroupsOf(channels);
  }

  @Override
  public void groupedConv2d(
      Tensor x,
      Window window,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {}

  @Override
  public void depthwise(
      Tensor x,
      Window window,
      float[] w,
      float[] bias,
      Activation activation,
      Tensor y,
      Workspace ws) {}

  @Override
  public void bottleneck(
      Tensor x,
      Expansion expansion,
      Window window,
      float[] w,
      float[] bias,
      Activation activation,
      Tensor y,
      Workspace ws) {}

  @Override
  public void linearOfBlocks(
      Tensor x,
      Tensor factors,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {}

  @Override
  public void averageBlocks(Tensor x, Tensor y, Workspace ws) {}

  @Override
  public void layerNorm(
      Tensor x, float[] weight, float[] bias, double epsilon, Tensor y, Workspace ws) {}

  @Override
  public void rmsNorm(Tensor x, float[] weight, double epsilon, Tensor y, Workspace ws) {}

  @Override
  public void simpleNorm(Tensor x, float[] weight, double epsilon, Tensor y, Workspace ws) {}

  @Override
  public void softmax(Tensor x, Workspace ws) {}

  @Override
  public void attention(
      Tensor qkv, int heads, float scale, AttentionBias bias, Tensor y, Workspace ws) {}

  @Override
  public void causalAttention(Tensor qkv, int heads, float scale, Tensor y, Workspace ws) {}

  @Override
  public void windowAttention(
      Tensor qkv, AttentionWindows windows, int heads, float scale, Tensor y, Workspace ws) {}

  @Override
  public void normalizeHeads(Tensor qkv, int heads, float[] factors, Workspace ws) {}

  @Override
  public void rotate(Tensor qkv, int heads, float[] cosines, float[] sines, Workspace ws) {}

  @Override
  public void multiQueryAttention(
      Tensor q, Tensor keysAndValues, float scale, Tensor y, Workspace ws) {}

  @Override
  public void activate(Activation activation, Tensor x, Workspace ws) {}

  @Override
  public void gate(Tensor x, Activation activation, Tensor y, Workspace ws) {}

  @Override
  public void add(Tensor x, Tensor y, Workspace ws) {}

  @Override
  public void scaleChannels(Tensor x, Tensor factors, Tensor y, Workspace ws) {}

  @Override
  public void channelLengths(Tensor x, Tensor y, Workspace ws) {}

  @Override
  public void addScaled(Tensor x, Tensor factors, Activation activation, Tensor y, Workspace ws) {}

  @Override
  public void weightedSums(Tensor weights, Tensor x, Tensor y, Workspace ws) {}

  @Override
  public void averageRows(Tensor x, Tensor y, Workspace ws) {}

  @Override
  public void maxPool(Tensor x, Window window, Tensor y, Workspace ws) {}

  @Override
  public void averagePool(Tensor x, Window window, boolean countPadding, Tensor y, Workspace ws) {}
}
