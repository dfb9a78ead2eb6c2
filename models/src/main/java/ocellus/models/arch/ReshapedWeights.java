package ocellus.models.arch;

import java.util.Map;
import java.util.Set;
import ocellus.engine.Shape;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.WeightFormat;

/**
 * A checkpoint of which some tensors, where they have as many elements, are seen under another
 * shape: a fully connected layer as the convolution that it is.
 *
 * @param shapes the new shape by name
 */
record ReshapedWeights(WeightSource weights, Map<String, Shape> shapes) implements WeightSource {
  ReshapedWeights {
    shapes = Map.copyOf(shapes);
  }

  @Override
  public Set<String> names() {
    return weights.names();
  }

  @Override
  public Shape shape(String name) {
    Shape stored = weights.shape(name);
    Shape seen = shapes.getOrDefault(name, stored);
    return seen.size() == stored.size() ? seen : stored;
  }

  @Override
  public WeightFormat format(String name) {
    return weights.format(name);
  }

  @Override
  public void read(String name, long from, float[] target, int offset, int count) {
    weights.read(name, from, target, offset, count);
  }

  @Override
  public String nameInFile(String name) {
    return weights.nameInFile(name);
  }

  @Override
  public String description() {
    return weights.description();
  }
}
