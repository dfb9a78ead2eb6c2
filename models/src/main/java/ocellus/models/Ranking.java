package ocellus.models;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import ocellus.loaders.checkpoint.ModelConfig;
import ocellus.loaders.checkpoint.TransformersConfig;

/** From logits to predictions: scores, order, names. */
enum Ranking {
  /** One class is right: softmax. */
  SINGLE_LABEL {
    @Override
    double[] scores(float[] logits) {
      double max = Double.NEGATIVE_INFINITY;
      for (float logit : logits) {
        max = Math.max(max, logit);
      }
      double[] scores = new double[logits.length];
      double sum = 0;
      for (int i = 0; i < logits.length; i++) {
        scores[i] = Math.exp(logits[i] - max);
        sum += scores[i];
      }
      for (int i = 0; i < logits.length; i++) {
        scores[i] /= sum;
      }
      return scores;
    }
  },

  /** Each class is right or not, whatever the others are: sigmoid. */
  MULTI_LABEL {
    @Override
    double[] scores(float[] logits) {
      double[] scores = new double[logits.length];
      for (int i = 0; i < logits.length; i++) {
        scores[i] = 1 / (1 + Math.exp(-logits[i]));
      }
      return scores;
    }
  };

  /**
   * How the classes of a model relate: as transformers decides it, which also applies to one class.
   */
  static Ranking of(ModelConfig config, int classes) {
    String problem =
        config instanceof TransformersConfig ? config.root().string("problem_type", "") : "";
    return classes == 1 || problem.equals("multi_label_classification")
        ? MULTI_LABEL
        : SINGLE_LABEL;
  }

  /** What each class scores, between 0 and 1, in double precision. */
  abstract double[] scores(float[] logits);

  /**
   * The best {@code top} classes, or all if there are fewer, best first. Classes of equal logits
   * are in the order of their indices.
   *
   * @param logits finite
   */
  List<Prediction> rank(float[] logits, List<String> labels, int top) {
    double[] scores = scores(logits);
    long[] keys = IntStream.range(0, logits.length).mapToLong(i -> key(logits[i], i)).toArray();
    Arrays.sort(keys);
    List<Prediction> predictions = new ArrayList<>();
    for (int rank = 0; rank < Math.min(top, keys.length); rank++) {
      int index = (int) keys[rank];
      predictions.add(
          new Prediction(index, labels.get(index), (float) scores[index], logits[index]));
    }
    return predictions;
  }

  /** Ascending in these numbers is descending in the logit, then ascending in the index. */
  private static long key(float logit, int index) {
    int bits = Float.floatToIntBits(logit + 0f); // -0 becomes 0
    int ascending = bits ^ (bits >> 31 & Integer.MAX_VALUE);
    return (long) ~ascending << 32 | index;
  }
}
