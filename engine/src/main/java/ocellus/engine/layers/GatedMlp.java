package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.WarmUp;

/**
 * Two fully connected layers with a gated linear unit in between, "GLU Variants Improve
 * Transformer", Shazeer 2020, eq. 6; with SiLU it is SwiGLU. Immutable, thread-safe.
 */
public final class GatedMlp implements Branch {
  private final Linear fc1; // the gate, then what it lets through
  private final Norm norm; // null for none
  private final Linear fc2;
  private final int hidden;
  private final Activation activation;

  private GatedMlp(Linear fc1, Activation activation, Norm norm, Linear fc2) {
    this.fc1 = fc1;
    this.norm = norm;
    this.fc2 = fc2;
    this.hidden = fc1.outFeatures() / 2;
    this.activation = activation;
    WarmUp.expect(WarmUp.Call.GATE, activation);
  }

  /**
   * {@code fc1 [2 hidden, dim]}, of which the first half makes the gate, and {@code fc2 [dim,
   * hidden]} of the scope: timm's {@code SwiGLUPacked}.
   *
   * @param bias whether both have a bias
   * @param activation of the gate
   * @param layerScale factors of the result per channel, or null
   */
  public static GatedMlp packed(
      WeightScope w, int dim, int hidden, boolean bias, Activation activation, float[] layerScale) {
    Linear fc1 = new LinearRows(dim).add(w.in("fc1"), 2 * hidden, bias).pack(w);
    return new GatedMlp(fc1, activation, null, output(w, dim, hidden, bias, layerScale));
  }

  /**
   * {@code fc1_g} and {@code fc1_x [hidden, dim]} and {@code fc2 [dim, hidden]} of the scope:
   * timm's {@code SwiGLU}.
   *
   * @param bias whether they have biases
   * @param activation of the gate
   * @param norm between gate and {@code fc2}, or null
   * @param layerScale factors of the result per channel, or null
   */
  public static GatedMlp separate(
      WeightScope w,
      int dim,
      int hidden,
      boolean bias,
      Activation activation,
      Norm norm,
      float[] layerScale) {
    Linear fc1 =
        new LinearRows(dim)
            .add(w.in("fc1_g"), hidden, bias)
            .add(w.in("fc1_x"), hidden, bias)
            .pack(w);
    return new GatedMlp(fc1, activation, norm, output(w, dim, hidden, bias, layerScale));
  }

  private static Linear output(
      WeightScope w, int dim, int hidden, boolean bias, float[] layerScale) {
    WeightScope scope = w.in("fc2");
    Affine out = bias ? Affine.bias(scope, dim) : Affine.none();
    return new Linear(
        scope, hidden, dim, layerScale == null ? out : out.then(layerScale), Activation.IDENTITY);
  }

  @Override
  public void addTo(Tensor x, Tensor y, Workspace ws) {
    Mark mark = ws.mark();
    Tensor both = ws.tensor(x.rows(), 2 * hidden);
    Tensor gated = ws.tensor(x.rows(), hidden);
    fc1.forward(x, both, ws); // [g, h] = x W1^T + b1
    Kernels.gate(both, activation, gated, ws); // activation(g) h
    if (norm != null) {
      norm.forward(gated, gated, ws);
    }
    fc2.addTo(gated, y, ws);
    ws.release(mark);
  }
}
