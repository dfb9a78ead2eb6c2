package ocellus.models;

import ocellus.engine.WeightSource;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.ModelConfig;
import ocellus.loaders.checkpoint.OpenClipConfig;
import ocellus.loaders.checkpoint.TransformersConfig;

/**
 * What a model with two towers makes of the cosine of an image and a text: {@code logit = scale
 * cosine + bias}.
 *
 * @param ranking softmax for CLIP, sigmoid for SigLIP
 */
record Similarity(double scale, double bias, Ranking ranking) {
  private static final String SCALE = "logit_scale";
  private static final String BIAS = "logit_bias";

  /**
   * Reads it off a checkpoint.
   *
   * @throws CheckpointException if it has not two towers, or logits would not be finite
   */
  static Similarity of(Checkpoint checkpoint) {
    WeightSource weights = checkpoint.weights();
    if (!weights.names().contains(SCALE)) {
      throw new CheckpointException(
          ("%s: images and words can't be compared without %s, which CLIP and SigLIP have; use a"
                  + " checkpoint of one of these, or ocellus classify")
              .formatted(checkpoint.name(), SCALE));
    }
    boolean biased = hasBias(checkpoint.config());
    double scale = Math.exp(scalar(weights, SCALE));
    // open_clip takes a missing bias for zero.
    double bias = biased && weights.names().contains(BIAS) ? scalar(weights, BIAS) : 0;
    if (!Float.isFinite((float) (scale + Math.abs(bias)))) {
      throw new CheckpointException(
          "%s: cosines are scaled by %s and %s is added; the weights are damaged, fetch them again"
              .formatted(weights.description(), scale, bias));
    }
    return new Similarity(scale, bias, biased ? Ranking.MULTI_LABEL : Ranking.SINGLE_LABEL);
  }

  private static boolean hasBias(ModelConfig config) {
    return switch (config) {
      case OpenClipConfig openClip -> openClip.model().has("init_logit_bias");
      case TransformersConfig transformers -> transformers.modelType().startsWith("siglip");
      default -> false;
    };
  }

  private static float scalar(WeightSource weights, String name) {
    if (weights.shape(name).size() != 1) {
      throw new CheckpointException(
          "%s: tensor %s has shape %s, expected one number"
              .formatted(weights.description(), name, weights.shape(name)));
    }
    float[] value = new float[1];
    weights.read(name, 0, value, 0, 1);
    return value[0];
  }

  /** The logit of a cosine. */
  float logit(double cosine) {
    return (float) (scale * cosine + bias);
  }
}
