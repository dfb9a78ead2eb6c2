package ocellus.models.arch;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import ocellus.engine.Shape;
import ocellus.engine.WeightException;
import ocellus.engine.WeightException.Defect;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.WeightFormat;

/**
 * A checkpoint in which tensors of equal shape are joined along their first dimension, such as the
 * weights of query, key and value into one.
 */
final class JoinedWeights implements WeightSource {
  private final WeightSource file;
  private final Map<String, List<String>> modules; // joined module to its parts
  private final Map<String, List<String>> tensors = new LinkedHashMap<>(); // name to its parts

  /**
   * A view of {@code file}.
   *
   * @param modules from the name of a module to those of its parts. Each tensor of the module, such
   *     as {@code weight}, is made of the parts' tensors of that name. Where a part lacks it, the
   *     others stay as they are.
   * @throws WeightException if parts differ in shape
   */
  JoinedWeights(WeightSource file, Map<String, List<String>> modules) {
    this.file = file;
    this.modules = Map.copyOf(modules);
    for (String name : file.names()) {
      tensors.put(name, List.of(name));
    }
    modules.forEach(
        (module, parts) -> {
          for (String leaf : leaves(parts.getFirst())) {
            join(module + leaf, parts.stream().map(part -> part + leaf).toList());
          }
        });
  }

  /** What follows {@code module} in the names of its tensors, as in {@code .weight}. */
  private List<String> leaves(String module) {
    List<String> leaves = new ArrayList<>();
    for (String leaf : List.of(".weight", ".bias")) {
      if (file.names().contains(module + leaf)) {
        leaves.add(leaf);
      }
    }
    return leaves;
  }

  private void join(String name, List<String> parts) {
    if (!tensors.keySet().containsAll(parts)) {
      return;
    }
    Shape shape = file.shape(parts.getFirst());
    for (String part : parts) {
      if (!file.shape(part).equals(shape)) {
        throw new WeightException(
            Defect.MISSHAPEN,
            file.nameInFile(part),
            "%s: tensor %s has shape %s, but %s has %s and they belong together"
                .formatted(
                    file.description(),
                    file.nameInFile(part),
                    file.shape(part),
                    file.nameInFile(parts.getFirst()),
                    shape));
      }
    }
    tensors.keySet().removeAll(parts);
    tensors.put(name, parts);
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  @Override
  public Shape shape(String name) {
    List<String> parts = parts(name);
    long[] dims = file.shape(parts.getFirst()).toArray();
    if (parts.size() > 1) {
      dims[0] = Math.multiplyExact(dims[0], parts.size());
    }
    return Shape.of(dims);
  }

  @Override
  public WeightFormat format(String name) {
    List<String> parts = parts(name);
    WeightFormat first = file.format(parts.getFirst());
    boolean same = parts.stream().allMatch(part -> file.format(part) == first);
    return same ? first : WeightFormat.F32;
  }

  @Override
  public void read(String name, long from, float[] target, int offset, int count) {
    List<String> parts = parts(name);
    long size = file.shape(parts.getFirst()).size();
    Objects.checkFromIndexSize(from, count, size * parts.size());
    int done = 0;
    while (done < count) {
      long position = from + done;
      long within = position % size;
      int length = (int) Math.min(count - done, size - within);
      String part = parts.get((int) (position / size));
      file.read(part, within, target, offset + done, length);
      done += length;
    }
  }

  private List<String> parts(String name) {
    List<String> parts = tensors.get(name);
    if (parts == null) {
      throw new IllegalArgumentException("no tensor " + name);
    }
    return parts;
  }

  /** Of a joined tensor: the part that the file lacks, or else all parts. */
  @Override
  public String nameInFile(String name) {
    int dot = name.lastIndexOf('.');
    List<String> parts = dot < 0 ? null : modules.get(name.substring(0, dot));
    if (parts == null) {
      return file.nameInFile(name);
    }
    String leaf = name.substring(dot);
    return parts.stream()
        .map(part -> part + leaf)
        .filter(part -> tensors.containsKey(name) || !file.names().contains(part))
        .map(file::nameInFile)
        .collect(Collectors.joining(" + "));
  }

  @Override
  public String description() {
    return file.description();
  }
}
