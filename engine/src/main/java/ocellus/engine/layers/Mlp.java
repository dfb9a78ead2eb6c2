package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;

/** Two fully connected layers with an activation in between. Immutable, thread-safe. */
public final class Mlp implements Branch {
  private final Linear fc1;
  private final Linear fc2;

  /**
   * {@code fc1} and {@code fc2} of the scope, with biases.
   *
   * @param layerScale factors of the result per channel, or null
   */
  public Mlp(WeightScope w, int dim, int hidden, Activation activation, float[] layerScale) {
    this(w, dim, hidden, true, activation, layerScale);
  }

  /**
   * {@code fc1} and {@code fc2} of the scope.
   *
   * @param bias whether both have a bias
   * @param layerScale factors of the result per channel, or null
   */
  public Mlp(
      WeightScope w, int dim, int hidden, boolean bias, Activation activation, float[] layerScale) {
    WeightScope first = w.in("fc1");
    WeightScope second = w.in("fc2");
    Affine in = bias ? Affine.bias(first, hidden) : Affine.none();
    Affine out = bias ? Affine.bias(second, dim) : Affine.none();
    this.fc1 = new Linear(first, dim, hidden, in, activation);
    this.fc2 =
        new Linear(
            second,
            hidden,
            dim,
            layerScale == null ? out : out.then(layerScale),
            Activation.IDENTITY);
  }

  /**
   * {@code y = fc2(activation(fc1(x)))}
   *
   * @param x {@code [.., dim]}
   * @param y of x's shape
   */
  public void forward(Tensor x, Tensor y, Workspace ws) {
    Mark mark = ws.mark();
    Tensor hidden = ws.tensor(x.rows(), fc1.outFeatures());
    fc1.forward(x, hidden, ws);
    fc2.forward(hidden, y, ws);
    ws.release(mark);
  }

  /** {@code y = y + fc2(activation(fc1(x)))} */
  @Override
  public void addTo(Tensor x, Tensor y, Workspace ws) {
    Mark mark = ws.mark();
    Tensor hidden = ws.tensor(x.rows(), fc1.outFeatures());
    fc1.forward(x, hidden, ws);
    fc2.addTo(hidden, y, ws);
    ws.release(mark);
  }
}
