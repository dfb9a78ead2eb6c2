package ocellus.engine.kernels.scalar;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.*;

/** Stub. */
public final class ScalarKernels implements KernelSet {
  @Override
  public int panelWidth() {
    throw new UnsupportedOperationException();
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
    throw new UnsupportedOperationException();
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
    throw new UnsupportedOperationException();
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
    throw new UnsupportedOperationException();
  }

  @Override
  public void layerNorm(
      Tensor x, float[] weight, float[] bias, double epsilon, Tensor y, Workspace ws) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void rmsNorm(Tensor x, float[] weight, double epsilon, Tensor y, Workspace ws) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void softmax(Tensor x, Workspace ws) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void attention(Tensor qkv, int heads, float scale, Tensor y, Workspace ws) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void activate(Activation activation, Tensor x, Workspace ws) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void add(Tensor x, Tensor y, Workspace ws) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void scaleChannels(Tensor x, Tensor factors, Tensor y, Workspace ws) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void averageRows(Tensor x, Tensor y, Workspace ws) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void maxPool(Tensor x, Window window, Tensor y, Workspace ws) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void averagePool(Tensor x, Window window, boolean countPadding, Tensor y, Workspace ws) {
    throw new UnsupportedOperationException();
  }
}
