package ocellus.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A checkpoint in memory. */
public final class MapSource implements WeightSource {
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  public MapSource() {}

  /** Adds a tensor of numbers that are all different. */
  MapSource with(String name, long... dims) {
    float[] values = new float[(int) Shape.of(dims).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensors.size() + i / 64f;
    }
    return with(name, values, dims);
  }

  public MapSource with(String name, float[] values, long... dims) {
    tensors.put(name, Tensor.of(values, dims));
    return this;
  }

  public float[] values(String name) {
    return tensors.get(name).data();
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public Shape shape(String name) {
    return tensors.get(name).shape();
  }

  @Override
  public void read(String name, long from, float[] target, int offset, int count) {
    System.arraycopy(tensors.get(name).data(), (int) from, target, offset, count);
  }

  @Override
  public String description() {
    return "test.safetensors";
  }
}
