package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.Weight;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.WarmUp;

/**
 * Two fully connected layers with an activation and global response normalisation in between: Woo
 * et al. 2023, "ConvNeXt V2", section 3.
 *
 * <p>A channel of the hidden layer is multiplied with how long it is over the whole map, as a
 * fraction of the mean of all channels: {@code h + weight h |h| / (mean(|h|) + 1e-6) + bias}. That
 * is one factor a channel, which the second layer takes in as it reads the map, and the bias is
 * part of that layer's. Immutable, thread-safe.
 */
public final class ResponseNormMlp implements Branch {
  private static final float EPSILON = 1e-6f;

  private final Linear fc1;
  private final float[] weight;
  private final Linear fc2;

  /** {@code fc1}, {@code grn} and {@code fc2} of the scope, with biases. */
  public ResponseNormMlp(WeightScope w, int dim, int hidden, Activation activation) {
    WeightScope first = w.in("fc1");
    WeightScope second = w.in("fc2");
    this.fc1 = new Linear(first, dim, hidden, Affine.bias(first, hidden), activation);
    this.weight = w.in("grn").vector("weight", hidden).toArray();
    float[] bias = w.in("grn").vector("bias", hidden).toArray();
    Affine out = Affine.shift(through(second, bias, dim));
    this.fc2 = new Linear(second, hidden, dim, out, Activation.IDENTITY);
    WarmUp.expect(WarmUp.Call.RESPONSE_NORM, Activation.IDENTITY);
  }

  /** {@code W x + b} of a layer's weight and bias. */
  private static float[] through(WeightScope layer, float[] x, int outputs) {
    Weight matrix = layer.matrix("weight", outputs, x.length);
    float[] y = layer.tensor("bias", outputs).toArray();
    float[] row = new float[x.length];
    for (int o = 0; o < outputs; o++) {
      matrix.read((long) o * x.length, row, 0, x.length);
      double sum = y[o];
      for (int i = 0; i < x.length; i++) {
        sum += (double) row[i] * x[i];
      }
      y[o] = (float) sum;
    }
    return y;
  }

  /**
   * {@code y = y + fc2(grn(activation(fc1(x))))}
   *
   * @param x {@code [height, width, dim]}, a whole map
   */
  @Override
  public void addTo(Tensor x, Tensor y, Workspace ws) {
    Mark mark = ws.mark();
    Tensor hidden = ws.tensor(x.rows(), fc1.outFeatures());
    Tensor factors = ws.tensor(fc1.outFeatures());
    fc1.forward(x, hidden, ws);
    Kernels.channelLengths(hidden, factors, ws);
    respond(factors);
    fc2.addScaledTo(hidden, factors, y, ws);
    ws.release(mark);
  }

  /** Replaces lengths by the factors of their channels. */
  private void respond(Tensor lengths) {
    float[] data = lengths.data();
    int at = lengths.offset();
    double sum = 0;
    for (int c = 0; c < weight.length; c++) {
      sum += data[at + c];
    }
    float mean = (float) (sum / weight.length) + EPSILON;
    for (int c = 0; c < weight.length; c++) {
      data[at + c] = 1 + weight[c] * (data[at + c] / mean);
    }
  }
}
