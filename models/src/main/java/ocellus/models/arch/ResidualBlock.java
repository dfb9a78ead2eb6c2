package ocellus.models.arch;

import java.util.List;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.Window;
import ocellus.engine.layers.ChannelGate;
import ocellus.engine.layers.Conv2d;

/**
 * A residual block, He et al. 2016, equation 1: {@code y = act(F(x) + S(x))}. F is two or more
 * convolutions, whose channels may be weighed after one of them; S is the identity or a projection.
 * Immutable, thread-safe.
 */
final class ResidualBlock {
  private final List<Conv2d> convs;
  private final ChannelGate gate; // null for none
  private final int gated;
  private final Projection shortcut; // null for the identity
  private final Activation activation;

  private ResidualBlock(
      List<Conv2d> convs, ChannelGate gate, int gated, Projection shortcut, Activation activation) {
    this.convs = convs;
    this.gate = gate;
    this.gated = gated;
    this.shortcut = shortcut;
    this.activation = activation;
  }

  /**
   * Without weights of channels.
   *
   * @param convs the last with the activation of the block, which follows the sum
   * @param shortcut null for the identity
   */
  static ResidualBlock plain(List<Conv2d> convs, Projection shortcut) {
    return new ResidualBlock(List.copyOf(convs), null, -1, shortcut, null);
  }

  /**
   * With the channels weighed before the last convolution, as in RegNetY.
   *
   * @param convs the last with the activation of the block, which follows the sum
   * @param shortcut null for the identity
   */
  static ResidualBlock gatedWithin(List<Conv2d> convs, ChannelGate gate, Projection shortcut) {
    return new ResidualBlock(List.copyOf(convs), gate, convs.size() - 2, shortcut, null);
  }

  /**
   * With the channels weighed after the last convolution, as in SENet.
   *
   * @param convs the last with what comes before the weighing
   * @param shortcut null for the identity
   * @param activation of the sum
   */
  static ResidualBlock gatedAtEnd(
      List<Conv2d> convs, ChannelGate gate, Projection shortcut, Activation activation) {
    return new ResidualBlock(List.copyOf(convs), gate, convs.size() - 1, shortcut, activation);
  }

  /**
   * @param x {@code [height, width, in]}, overwritten
   * @return {@code [outHeight, outWidth, out]}: x, or from the workspace
   */
  Tensor forward(Tensor x, Workspace ws) {
    Tensor y = shortcut == null ? x : output(x, ws);
    Mark mark = ws.mark();
    int last = convs.size() - 1;
    Tensor h = x;
    for (int i = 0; i < last; i++) {
      h = convs.get(i).forward(h, ws); // h = act(conv(h))
      if (i == gated) {
        Kernels.scaleChannels(h, gate.factors(h, ws), h, ws); // h = h g(h)
      }
    }
    Tensor residual = shortcut == null ? x : shortcut.forward(x, y, ws); // y = S(x)
    if (gated < last) {
      convs.get(last).forward(h, residual, y, ws); // y = act(conv(h) + y)
    } else {
      h = convs.get(last).forward(h, ws); // h = conv(h)
      Kernels.addScaled(h, gate.factors(h, ws), activation, y, ws); // y = act(h g(h) + y)
    }
    ws.release(mark);
    return y;
  }

  private Tensor output(Tensor x, Workspace ws) {
    int height = x.dim(0);
    int width = x.dim(1);
    for (int i = 0; i < convs.size(); i++) {
      Window window = convs.get(i).window(height, width);
      height = window.outHeight();
      width = window.outWidth();
    }
    return ws.tensor(height, width, convs.getLast().outChannels());
  }
}
