package ocellus.models.goldens;

import java.util.Set;
import java.util.regex.Pattern;
import ocellus.engine.Shape;
import ocellus.engine.WeightSource;

/**
 * Weights of which some are multiplied: without that, the answers of a deep network with {@link
 * SyntheticWeights} hardly depend on the image.
 *
 * @param amplified the names of those that are
 */
public record AmplifiedWeights(WeightSource weights, Pattern amplified, float gain)
    implements WeightSource {
  /** The weights of batch norms. */
  public static final Pattern NORMS = Pattern.compile("(.*\\.)?(bn\\d?|norm|norm_head)\\.weight");

  @Override
  public Set<String> names() {
    return weights.names();
  }

  @Override
  public Shape shape(String name) {
    return weights.shape(name);
  }

  @Override
  public void read(String name, long from, float[] target, int offset, int count) {
    weights.read(name, from, target, offset, count);
    if (amplified.matcher(name).matches()) {
      for (int i = offset; i < offset + count; i++) {
        target[i] *= gain;
      }
    }
  }

  @Override
  public String description() {
    return weights.description();
  }
}
