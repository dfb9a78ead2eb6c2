package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;

/**
 * Two fully connected layers with an activation in between, and a norm behind it in some networks.
 * Immutable, thread-safe.
 */
public final class Mlp implements Branch {
  private final Linear fc1;
  private final Norm norm; // null for none
  private final Linear fc2;

  /** Layers that were built elsewhere; {@code fc1} ends with the activation. */
  public Mlp(Linear fc1, Linear fc2) {
    this.fc1 = fc1;
    this.norm = null;
    this.fc2 = fc2;
  }

  /**
   * {@code fc1} and {@code fc2} of the scope, with biases.
   *
   * @param layerScale factors of the result per channel, or null
   */
  public Mlp(WeightScope w, int dim, int hidden, Activation activation, float[] layerScale) {
    this(w, dim, hidden, true, activation, null, layerScale);
  }

  /**
   * {@code fc1} and {@code fc2} of the scope.
   *
   * @param bias whether both have a bias
   * @param norm between activation and {@code fc2}, or null
   * @param layerScale factors of the result per channel, or null
   */
  public Mlp(
      WeightScope w,
      int dim,
      int hidden,
      boolean bias,
      Activation activation,
      Norm norm,
      float[] layerScale) {
    WeightScope first = w.in("fc1");
    WeightScope second = w.in("fc2");
    Affine in = bias ? Affine.bias(first, hidden) : Affine.none();
    Affine out = bias ? Affine.bias(second, dim) : Affine.none();
    this.fc1 = new Linear(first, dim, hidden, in, activation);
    this.norm = norm;
    this.fc2 =
        new Linear(
            second,
            hidden,
            dim,
            layerScale == null ? out : out.then(layerScale),
            Activation.IDENTITY);
  }

  /**
   * {@code y = fc2(norm(activation(fc1(x))))}
   *
   * @param x {@code [.., dim]}
   * @param y of x's shape
   */
  public void forward(Tensor x, Tensor y, Workspace ws) {
    Mark mark = ws.mark();
    Tensor hidden = ws.tensor(x.rows(), fc1.outFeatures());
    fc1.forward(x, hidden, ws);
    if (norm != null) {
      norm.forward(hidden, hidden, ws);
    }
    fc2.forward(hidden, y, ws);
    ws.release(mark);
  }

  /** {@code y = y + fc2(norm(activation(fc1(x))))} */
  @Override
  public void addTo(Tensor x, Tensor y, Workspace ws) {
    Mark mark = ws.mark();
    Tensor hidden = ws.tensor(x.rows(), fc1.outFeatures());
    fc1.forward(x, hidden, ws);
    if (norm != null) {
      norm.forward(hidden, hidden, ws);
    }
    fc2.addTo(hidden, y, ws);
    ws.release(mark);
  }
}
