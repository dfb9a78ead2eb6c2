package ocellus.models.arch;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;
import ocellus.engine.Shape;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.WeightFormat;

/** Some of the tensors of a checkpoint, without what their names have in common. */
final class SubsetWeights implements WeightSource {
  private final WeightSource file;
  private final String prefix;
  private final Set<String> names = new LinkedHashSet<>();

  /**
   * A view of {@code file}.
   *
   * @param prefix of the tensors' names in the file; left out here
   * @param kept which of the names with the prefix are part of it, by their names in the file
   */
  SubsetWeights(WeightSource file, String prefix, Predicate<String> kept) {
    this.file = file;
    this.prefix = prefix;
    for (String name : file.names()) {
      if (name.startsWith(prefix) && kept.test(name)) {
        names.add(name.substring(prefix.length()));
      }
    }
  }

  /** All tensors with a prefix. */
  static SubsetWeights of(WeightSource file, String prefix) {
    return new SubsetWeights(file, prefix, _ -> true);
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(names);
  }

  @Override
  public Shape shape(String name) {
    return file.shape(known(name));
  }

  @Override
  public WeightFormat format(String name) {
    return file.format(known(name));
  }

  @Override
  public void read(String name, long from, float[] target, int offset, int count) {
    file.read(known(name), from, target, offset, count);
  }

  private String known(String name) {
    if (!names.contains(name)) {
      throw new IllegalArgumentException("no tensor " + name);
    }
    return prefix + name;
  }

  @Override
  public String nameInFile(String name) {
    return file.nameInFile(prefix + name);
  }

  @Override
  public String description() {
    return file.description();
  }
}
