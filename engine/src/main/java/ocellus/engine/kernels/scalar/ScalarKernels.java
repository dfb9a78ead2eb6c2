package ocellus.engine.kernels.scalar;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.KernelSet;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.Window;

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
  public void attention(Tensor qkv, int heads, float scale, Tensor y, Workspace ws) {
    Attention.attention(qkv, heads, scale, y, ws);
  }

  @Override
  public void activate(Activation activation, Tensor x, Workspace ws) {
    ElementWise.activate(activation, x, ws);
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
