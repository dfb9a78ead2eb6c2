package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Kernels;

/**
 * Efficient channel attention, Wang et al. 2020, "ECA-Net", equation 8: channels weighed by the
 * sigmoid of a convolution along them of their means, with zeros at both ends. Immutable,
 * thread-safe.
 */
public final class EfficientChannelAttention implements ChannelGate {
  private final float[] taps;

  /**
   * {@code conv.weight [1, 1, kernel]} of the scope.
   *
   * @param kernel odd
   */
  public EfficientChannelAttention(WeightScope w, int kernel) {
    if (kernel % 2 == 0) {
      throw new IllegalArgumentException("a kernel of " + kernel + " channels has no centre");
    }
    this.taps = w.in("conv").tensor("weight", 1, 1, kernel).toArray();
  }

  /** The size of the kernel that the paper's equation 12 gives for a map, by timm's rounding. */
  public static int kernelFor(int channels) {
    int nearest = (int) ((Math.log(channels) / Math.log(2) + 1) / 2);
    return Math.max(nearest % 2 == 0 ? nearest + 1 : nearest, 3);
  }

  @Override
  public Tensor factors(Tensor x, Workspace ws) {
    int channels = x.channels();
    Tensor factors = ws.tensor(channels);
    Mark mark = ws.mark();
    Tensor means = ws.tensor(channels);
    Kernels.averageRows(x, means, ws); // m = mean(x)
    int reach = taps.length / 2;
    for (int c = 0; c < channels; c++) { // g = sigmoid(taps * m)
      float sum = 0;
      int end = Math.min(c + reach, channels - 1);
      for (int i = Math.max(c - reach, 0); i <= end; i++) {
        sum += taps[i - c + reach] * means.data()[means.offset() + i];
      }
      factors.data()[factors.offset() + c] = sum;
    }
    Kernels.activate(Activation.SIGMOID, factors, ws);
    ws.release(mark);
    return factors;
  }
}
