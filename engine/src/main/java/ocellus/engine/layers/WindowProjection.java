package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;

/** q, k and v of a map that is cut into windows; those of its padding follow. */
final class WindowProjection {
  private final Linear linear;
  private final int dim;
  private final float[] padding; // what the layer makes of zeros, or null where none is needed

  /**
   * {@code weight [3 dim, dim]} of the scope.
   *
   * @param bias what follows it
   */
  WindowProjection(WeightScope w, int dim, Affine bias, ShiftedWindows windows) {
    this.linear = new Linear(w, dim, 3 * dim, bias, Activation.IDENTITY);
    this.dim = dim;
    float[] ofZeros = bias.bias() == null ? new float[3 * dim] : bias.bias();
    this.padding = windows.isPadded() ? ofZeros : null;
  }

  /**
   * @param x {@code [tokens, dim]}
   * @return {@code [tokens, 3 dim]}, or with the padding {@code [tokens + 1, 3 dim]}, from the
   *     workspace
   */
  Tensor forward(Tensor x, Workspace ws) {
    int tokens = x.rows();
    if (padding == null) {
      return linear.forward(x, ws);
    }
    Tensor qkv = ws.tensor(tokens + 1, 3 * dim);
    linear.forward(x, ws.view(qkv, 0, tokens, 3 * dim), ws);
    int last = qkv.offset() + tokens * 3 * dim;
    System.arraycopy(padding, 0, qkv.data(), last, padding.length);
    return qkv;
  }
}
