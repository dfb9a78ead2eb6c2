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
    forward(x, false, y, ws);
  }

  /** {@code y = y + fc2(norm(activation(fc1(x))))} */
  @Override
  public void addTo(Tensor x, Tensor y, Workspace ws) {
    forward(x, true, y, ws);
  }

  private void forward(Tensor x, boolean adds, Tensor y, Workspace ws) {
    int rows = x.rows();
    int hidden = fc1.outFeatures();
    long weights = (long) hidden * 2 * fc2.outFeatures();
    int band = Bands.rows(rows, hidden, weights, ws.threads().count());
    for (int first = 0; first < rows; first += band) {
      int count = Math.min(band, rows - first);
      Mark mark = ws.mark();
      Tensor h = ws.tensor(count, hidden);
      fc1.forward(rows(x, first, count, ws), h, ws);
      if (norm != null) {
        norm.forward(h, h, ws);
      }
      Tensor to = rows(y, first, count, ws);
      if (adds) {
        fc2.addTo(h, to, ws);
      } else {
        fc2.forward(h, to, ws);
      }
      ws.release(mark);
    }
  }

  private Tensor rows(Tensor x, int first, int count, Workspace ws) {
    int dim = fc2.outFeatures();
    return ws.view(x, first * dim, count, dim);
  }
}
