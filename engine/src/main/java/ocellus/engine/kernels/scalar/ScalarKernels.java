package ocellus.engine.kernels.scalar;

import java.util.Arrays;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.AttentionBias;
import ocellus.engine.kernels.AttentionWindows;
import ocellus.engine.kernels.Expansion;
import ocellus.engine.kernels.KernelSet;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.Window;
import ocellus.engine.kernels.Winograd;

/**
 * The kernels in plain loops that accumulate in double: what the others are tested against, and
 * what runs where there is no Vector API.
 *
 * <p>Each output is rounded to float once, at the end. Matrices may be packed to any panel width.
 * Unlike the vector kernels these allocate a little at each call.
 */
public final class ScalarKernels implements KernelSet {
  @Override
  public int panelWidth() {
    return 1;
  }

  @Override
  public int panelGranule() {
    return 1;
  }

  @Override
  public void linear(
      Tensor x,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {
    MatrixProduct.linear(x, w, new Epilogue(bias, residual, activation, y), ws);
  }

  @Override
  public void conv2d(
      Tensor x,
      Window window,
      PackedMatrix[] w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {
    Convolution.conv2d(x, window, w, new Epilogue(bias, residual, activation, y), ws);
  }

  /** None: a direct sum in double is what others are compared with. */
  @Override
  public Winograd winogradTiles(int in, int out, int pixels) {
    return null;
  }

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
      Workspace ws) {
    Epilogue epilogue = new Epilogue(bias, residual, activation, y);
    WinogradConvolution.run(x, window, tiles, w, epilogue, ws);
  }

  @Override
  public boolean convolvesGroupsOf(int channels) {
    return channels > 0;
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
      Workspace ws) {
    Convolution.grouped(x, window, w, new Epilogue(bias, residual, activation, y), ws);
  }

  @Override
  public void depthwise(
      Tensor x,
      Window window,
      float[] w,
      float[] bias,
      Activation activation,
      Tensor y,
      Workspace ws) {
    Convolution.depthwise(x, window, w, new Epilogue(bias, null, activation, y), ws);
  }

  @Override
  public void bottleneck(
      Tensor x,
      Expansion expansion,
      Window window,
      float[] w,
      float[] bias,
      Activation activation,
      Tensor y,
      Workspace ws) {
    Mark mark = ws.mark();
    Tensor expanded = x;
    if (expansion != null) {
      PackedMatrix e = expansion.weight();
      expanded = ws.tensor(x.dim(0), x.dim(1), e.n());
      float[] shift = Arrays.copyOf(expansion.paddedBias(), e.n());
      linear(x, e, shift, null, expansion.activation(), expanded, ws);
    }
    Tensor z = ws.tensor(window.outHeight(), window.outWidth(), expanded.channels());
    depthwise(expanded, window, w, bias, activation, z, ws);
    ChannelBlocks.scatter(z, y);
    ws.release(mark);
  }

  @Override
  public void linearOfBlocks(
      Tensor x,
      Tensor factors,
      PackedMatrix w,
      float[] bias,
      Tensor residual,
      Activation activation,
      Tensor y,
      Workspace ws) {
    Mark mark = ws.mark();
    Tensor rows = ws.tensor(y.rows(), w.k());
    ChannelBlocks.gather(x, rows);
    if (factors != null) {
      scaleChannels(rows, factors, rows, ws);
    }
    linear(rows, w, bias, residual, activation, y, ws);
    ws.release(mark);
  }

  @Override
  public void averageBlocks(Tensor x, Tensor y, Workspace ws) {
    Mark mark = ws.mark();
    Tensor rows = ws.tensor(x.dim(1), y.channels());
    ChannelBlocks.gather(x, rows);
    averageRows(rows, y, ws);
    ws.release(mark);
  }

  @Override
  public void layerNorm(
      Tensor x, float[] weight, float[] bias, double epsilon, Tensor y, Workspace ws) {
    RowWise.layerNorm(x, weight, bias, epsilon, y, ws);
  }

  @Override
  public void rmsNorm(Tensor x, float[] weight, double epsilon, Tensor y, Workspace ws) {
    RowWise.rmsNorm(x, weight, epsilon, y, ws);
  }

  @Override
  public void simpleNorm(Tensor x, float[] weight, double epsilon, Tensor y, Workspace ws) {
    RowWise.simpleNorm(x, weight, epsilon, y, ws);
  }

  @Override
  public void softmax(Tensor x, Workspace ws) {
    RowWise.softmax(x, ws);
  }

  @Override
  public void attention(
      Tensor qkv, int heads, float scale, AttentionBias bias, Tensor y, Workspace ws) {
    Attention.attention(qkv, heads, scale, bias, y, ws);
  }

  @Override
  public void causalAttention(Tensor qkv, int heads, float scale, Tensor y, Workspace ws) {
    Attention.causalAttention(qkv, heads, scale, y, ws);
  }

  @Override
  public void multiQueryAttention(
      Tensor q, Tensor keysAndValues, float scale, Tensor y, Workspace ws) {
    MultiQueryAttention.attention(q, keysAndValues, scale, y, ws);
  }

  @Override
  public void windowAttention(
      Tensor qkv, AttentionWindows windows, int heads, float scale, Tensor y, Workspace ws) {
    Attention.windowAttention(qkv, windows, heads, scale, y, ws);
  }

  @Override
  public void normalizeHeads(Tensor qkv, int heads, float[] factors, Workspace ws) {
    RowWise.normalizeHeads(qkv, heads, factors, ws);
  }

  @Override
  public void rotate(Tensor qkv, int heads, float[] cosines, float[] sines, Workspace ws) {
    ElementWise.rotate(qkv, heads, cosines, sines, ws);
  }

  @Override
  public void activate(Activation activation, Tensor x, Workspace ws) {
    ElementWise.activate(activation, x, ws);
  }

  @Override
  public void gate(Tensor x, Activation activation, Tensor y, Workspace ws) {
    ElementWise.gate(x, activation, y, ws);
  }

  @Override
  public void add(Tensor x, Tensor y, Workspace ws) {
    ElementWise.add(x, y, ws);
  }

  @Override
  public void scaleChannels(Tensor x, Tensor factors, Tensor y, Workspace ws) {
    ElementWise.scaleChannels(x, factors, y, ws);
  }

  @Override
  public void channelLengths(Tensor x, Tensor y, Workspace ws) {
    Pooling.channelLengths(x, y, ws);
  }

  @Override
  public void addScaled(Tensor x, Tensor factors, Activation activation, Tensor y, Workspace ws) {
    ElementWise.addScaled(x, factors, activation, y, ws);
  }

  @Override
  public void weightedSums(Tensor weights, Tensor x, Tensor y, Workspace ws) {
    Pooling.weightedSums(weights, x, y, ws);
  }

  @Override
  public void averageRows(Tensor x, Tensor y, Workspace ws) {
    Pooling.averageRows(x, y, ws);
  }

  @Override
  public void maxPool(Tensor x, Window window, Tensor y, Workspace ws) {
    Pooling.max(x, window, y, ws);
  }

  @Override
  public void averagePool(Tensor x, Window window, boolean countPadding, Tensor y, Workspace ws) {
    Pooling.average(x, window, countPadding, y, ws);
  }
}
