package ocellus.engine.layers;

import ocellus.engine.WeightScope;
import ocellus.engine.layers.ShiftedWindows.Axis;

/**
 * Relative position biases that a small network makes of the logarithms of the distances: Liu et
 * al. 2022, "Swin Transformer V2", section 3.3. Made once, when a model is built.
 */
final class ContinuousPositionBias {
  private static final int HIDDEN = 512;

  /** Distances are scaled to [-8, 8] before their logarithm is taken, and that is scaled to 1. */
  private static final double FARTHEST = 8;

  /** Biases are in (0, 16). */
  private static final double LARGEST = 16;

  private ContinuousPositionBias() {}

  /**
   * The table of a window, see {@link RelativePositionBias}, from {@code 0.weight [512, 2]}, {@code
   * 0.bias [512]} and {@code 2.weight [heads, 512]} of the scope.
   *
   * @param trainedHeight rows of the windows that the network was trained with
   * @param trainedWidth columns of these windows
   * @return {@code [distances, heads]}
   */
  static float[] table(
      WeightScope w, Axis rows, Axis columns, int heads, int trainedHeight, int trainedWidth) {
    float[] first = w.in("0").tensor("weight", HIDDEN, 2).toArray();
    float[] bias = w.in("0").tensor("bias", HIDDEN).toArray();
    float[] second = w.in("2").tensor("weight", heads, HIDDEN).toArray();
    int height = rows.window();
    int width = columns.window();
    float[] table = new float[RelativePositionBias.distances(height, width) * heads];
    double[] hidden = new double[HIDDEN];
    int next = 0;
    for (int y = 1 - height; y < height; y++) {
      for (int x = 1 - width; x < width; x++) {
        double dy = logarithmic(y, trainedHeight);
        double dx = logarithmic(x, trainedWidth);
        for (int i = 0; i < HIDDEN; i++) {
          hidden[i] = Math.max(0, first[2 * i] * dy + first[2 * i + 1] * dx + bias[i]);
        }
        for (int head = 0; head < heads; head++) {
          double sum = 0;
          for (int i = 0; i < HIDDEN; i++) {
            sum += hidden[i] * second[head * HIDDEN + i];
          }
          table[next++] = (float) (LARGEST / (1 + Math.exp(-sum)));
        }
      }
    }
    return table;
  }

  /** sign(d) log(1 + |d|) / log(8), of a distance d that is 8 across the trained window. */
  private static double logarithmic(int distance, int trained) {
    if (distance == 0) {
      return 0; // also in a window of one token, which has no other distance
    }
    double d = FARTHEST * distance / (trained - 1);
    return Math.signum(d) * Math.log1p(Math.abs(d)) / Math.log(FARTHEST);
  }
}
