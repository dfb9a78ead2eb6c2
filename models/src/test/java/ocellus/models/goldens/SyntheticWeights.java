package ocellus.models.goldens;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.WeightSource;

/**
 * Weights for a full-size architecture that need no file: each element is a function of its
 * tensor's name and shape and of its index, the same bit for bit as in src/reference/goldens.py.
 */
public final class SyntheticWeights implements WeightSource {
  private static final Set<String> LAYER_SCALES =
      Set.of("gamma", "gamma_1", "gamma_2", "lambda1", "layer_scale_parameter");
  private static final Set<String> POSITIONS = Set.of("pos_embed", "position_embeddings");

  private final Map<String, Shape> shapes;

  public SyntheticWeights(Map<String, Shape> shapes) {
    this.shapes = Collections.unmodifiableMap(new LinkedHashMap<>(shapes));
  }

  /** The image {@code [height, width, 3]} that the references saw. */
  public static Tensor image(int height, int width) {
    Tensor image = Tensor.zeros(height, width, 3);
    fill("input", 0, 0, 2, image.data(), 0, image.size());
    return image;
  }

  @Override
  public Set<String> names() {
    return shapes.keySet();
  }

  @Override
  public Shape shape(String name) {
    Shape shape = shapes.get(name);
    if (shape == null) {
      throw new IllegalArgumentException("no tensor " + name);
    }
    return shape;
  }

  @Override
  public void read(String name, long from, float[] target, int offset, int count) {
    Shape shape = shape(name);
    Objects.checkFromIndexSize(from, count, shape.size());
    Objects.checkFromIndexSize(offset, count, target.length);
    String leaf = name.substring(name.lastIndexOf('.') + 1);
    if (LAYER_SCALES.contains(leaf)) {
      fill(name, from, 0.5, 0.3, target, offset, count);
    } else if (leaf.contains("token") || POSITIONS.contains(leaf)) {
      fill(name, from, 0, 0.3, target, offset, count);
    } else if (leaf.equals("running_var")) {
      fill(name, from, 1, 0.5, target, offset, count);
    } else if (shape.rank() == 1) {
      boolean norm = leaf.equals("weight");
      fill(name, from, norm ? 1 : 0, norm ? 0.2 : 0.1, target, offset, count);
    } else {
      double fanIn = (double) shape.size() / shape.dim(0);
      fill(name, from, 0, Math.sqrt(3 / fanIn), target, offset, count);
    }
  }

  @Override
  public String description() {
    return "synthetic weights";
  }

  /** {@code base + amplitude u}, u in [-1, 1) from the upper 24 bits of a hash. */
  private static void fill(
      String name,
      long from,
      double base,
      double amplitude,
      float[] target,
      int offset,
      int count) {
    long first = fnv1a(name) + from;
    for (int i = 0; i < count; i++) {
      double u = (splitmix(first + i) >>> 40) / (double) (1 << 23) - 1;
      target[offset + i] = (float) (base + amplitude * u);
    }
  }

  private static long fnv1a(String text) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  private static long splitmix(long counter) {
    long z = counter + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
