package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;

/**
 * Division by the standard deviation without subtracting the mean, {@code y = x / sqrt(var +
 * epsilon) weight}, timm's {@code SimpleNorm}. The variance is that about the mean, over channels -
 * 1. Immutable, thread-safe.
 */
public final class SimpleNorm implements Norm {
  private final float[] weight;
  private final double epsilon;

  /** {@code weight [channels]} of the scope; at least two channels. */
  public SimpleNorm(WeightScope w, int channels, double epsilon) {
    if (channels < 2) {
      throw new IllegalArgumentException("no standard deviation over " + channels + " channels");
    }
    this.weight = w.tensor("weight", channels).toArray();
    this.epsilon = epsilon;
  }

  @Override
  public void forward(Tensor x, Tensor y, Workspace ws) {
    if (x.channels() != weight.length || !x.shape().equals(y.shape())) {
      throw new IllegalArgumentException(x + " to " + y + " with " + weight.length + " weights");
    }
    int rows = x.rows();
    for (int row = 0; row < rows; row++) {
      int at = row * weight.length;
      normalize(x.data(), x.offset() + at, y.data(), y.offset() + at);
    }
  }

  private void normalize(float[] x, int from, float[] y, int to) {
    double sum = 0;
    for (int c = 0; c < weight.length; c++) {
      sum += x[from + c];
    }
    double mean = sum / weight.length;
    double squares = 0;
    for (int c = 0; c < weight.length; c++) {
      double distance = x[from + c] - mean;
      squares += distance * distance;
    }
    float factor = (float) (1 / Math.sqrt(squares / (weight.length - 1) + epsilon));
    for (int c = 0; c < weight.length; c++) {
      y[to + c] = x[from + c] * factor * weight[c];
    }
  }
}
