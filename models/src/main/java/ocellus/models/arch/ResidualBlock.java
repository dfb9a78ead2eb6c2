package ocellus.models.arch;

import java.util.List;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.Window;
import ocellus.engine.layers.Bands;
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

  /** Whether its first step is a pointwise convolution. */
  boolean beginsPointwise() {
    return convs.getFirst().isPointwise();
  }

  /** Whether its last step is a pointwise convolution. */
  boolean endsPointwise() {
    return gated < convs.size() - 1 && convs.getLast().isPointwise();
  }

  /** Channels of the first convolution. */
  int firstChannels() {
    return convs.getFirst().outChannels();
  }

  /**
   * @param x {@code [height, width, in]}, overwritten if the shortcut is the identity
   * @param begun what the first convolution makes of x, overwritten; null if that is to be done
   * @param y {@link #output}
   * @param next the block that follows, if its first convolution is to be done as well; null if not
   * @param nextBegun {@code [outHeight, outWidth, firstChannels]} of {@code next}; may be {@code
   *     begun}
   */
  void forward(
      Tensor x, Tensor begun, Tensor y, ResidualBlock next, Tensor nextBegun, Workspace ws) {
    Mark mark = ws.mark();
    int last = convs.size() - 1;
    Tensor h = x;
    for (int i = 0; i < last; i++) {
      h = i == 0 && begun != null ? begun : convs.get(i).forward(h, ws); // h = act(conv(h))
      if (i == gated) {
        Kernels.scaleChannels(h, gate.factors(h, ws), h, ws); // h = h g(h)
      }
    }
    Tensor residual = shortcut == null ? x : shortcut.forward(x, y, ws); // y = S(x)
    if (next != null) {
      Bands.forward(convs.get(last), h, residual, y, next.convs.getFirst(), nextBegun, ws);
    } else if (gated < last) {
      convs.get(last).forward(h, residual, y, ws); // y = act(conv(h) + y)
    } else {
      h = convs.get(last).forward(h, ws); // h = conv(h)
      Kernels.addScaled(h, gate.factors(h, ws), activation, y, ws); // y = act(h g(h) + y)
    }
    ws.release(mark);
  }

  /**
   * Where the output goes.
   *
   * @return {@code [outHeight, outWidth, out]}: x if the shortcut is the identity, or from the
   *     workspace
   */
  Tensor output(Tensor x, Workspace ws) {
    if (shortcut == null) {
      return x;
    }
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
