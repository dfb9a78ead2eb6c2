package ocellus.engine.kernels.scalar;

import ocellus.engine.Tensor;
import ocellus.engine.kernels.Activation;

/** What becomes of a finished sum: {@code y = activation(sum + bias + residual)}. */
final class Epilogue {
  private final float[] bias;
  private final Tensor residual;
  private final Activation activation;
  private final Tensor y;
  private final int channels;

  /**
   * @param bias per channel of y, or null
   * @param residual of y's shape, or null; may be y
   */
  Epilogue(float[] bias, Tensor residual, Activation activation, Tensor y) {
    this.bias = bias;
    this.residual = residual;
    this.activation = activation;
    this.y = y;
    this.channels = y.channels();
  }

  void store(int row, int channel, double sum) {
    int i = row * channels + channel;
    double z = sum;
    if (bias != null) {
      z += bias[channel];
    }
    if (residual != null) {
      z += residual.data()[residual.offset() + i];
    }
    y.data()[y.offset() + i] = (float) activation.apply(z);
  }
}
