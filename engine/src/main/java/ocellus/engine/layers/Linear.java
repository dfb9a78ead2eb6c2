package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.Weight;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.WarmUp;

/** Fully connected layer, {@code y = activation(x W^T + b)}. Immutable, thread-safe. */
public final class Linear {
  private final PackedMatrix weight;
  private final float[] bias;
  private final Activation activation;

  /** {@code weight [out, in]} and {@code bias [out]} of the scope. */
  public Linear(WeightScope w, int in, int out) {
    this(w, in, out, Affine.bias(w, out), Activation.IDENTITY);
  }

  /** {@code weight [out, in]} of the scope, followed by {@code affine} and {@code activation}. */
  public Linear(WeightScope w, int in, int out, Affine affine, Activation activation) {
    Weight matrix = w.matrix("weight", out, in);
    PackedMatrix packed =
        w.pack(
            matrix,
            affine.formatOf(matrix),
            in,
            out,
            (row, target, offset) -> {
              matrix.read((long) row * in, target, offset, in);
              affine.scale(row, target, offset, in);
            });
    this(packed, affine.bias(), activation);
  }

  /** {@code weight [out, in]} of the scope, without a bias. */
  public static Linear withoutBias(WeightScope w, int in, int out) {
    return new Linear(w, in, out, Affine.none(), Activation.IDENTITY);
  }

  /** The tensor {@code name [in, out]} of the scope, {@code y = x W}. */
  public static Linear transposed(WeightScope w, String name, int in, int out) {
    Weight matrix = w.tensor(name, in, out);
    float[] elements = matrix.toArray();
    PackedMatrix packed =
        w.pack(
            matrix,
            matrix.format(),
            in,
            out,
            (row, target, offset) -> {
              for (int i = 0; i < in; i++) {
                target[offset + i] = elements[i * out + row];
              }
            });
    return new Linear(packed, null, Activation.IDENTITY);
  }

  /** A layer whose weights were packed by its owner; {@code bias} may be null. */
  public Linear(PackedMatrix weight, float[] bias, Activation activation) {
    this.weight = weight;
    this.bias = bias;
    this.activation = activation;
    WarmUp.expect(WarmUp.Call.LINEAR, activation);
  }

  public int outFeatures() {
    return weight.n();
  }

  /**
   * @param x {@code [.., in]}
   * @param y {@code [.., out]}
   */
  public void forward(Tensor x, Tensor y, Workspace ws) {
    Kernels.linear(x, weight, bias, null, activation, y, ws);
  }

  /**
   * @param x {@code [in]} or {@code [rows, in]}
   * @return {@code [out]} or {@code [rows, out]}, from the workspace
   */
  public Tensor forward(Tensor x, Workspace ws) {
    boolean single = x.shape().rank() == 1;
    Tensor y = single ? ws.tensor(weight.n()) : ws.tensor(x.rows(), weight.n());
    forward(x, y, ws);
    return y;
  }

  /** {@code y = activation(x W^T + b + y)}: into the residual stream. */
  public void addTo(Tensor x, Tensor y, Workspace ws) {
    Kernels.linear(x, weight, bias, y, activation, y, ws);
  }

  /**
   * {@code y = activation((x factors) W^T + b + y)}
   *
   * @param factors of the channels of x, {@code [in]}
   */
  void addScaledTo(Tensor x, Tensor factors, Tensor y, Workspace ws) {
    Kernels.scaledLinear(x, factors, weight, bias, y, activation, y, ws);
  }
}
