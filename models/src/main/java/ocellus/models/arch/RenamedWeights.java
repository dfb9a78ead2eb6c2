package ocellus.models.arch;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import ocellus.engine.Shape;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.WeightFormat;

/**
 * A checkpoint under the house names, where its file calls the tensors otherwise. Messages name
 * them as the file does.
 */
final class RenamedWeights implements WeightSource {
  /** Before the name of a tensor that has no house name: no architecture asks for it. */
  private static final String FOREIGN = "?";

  private final WeightSource file;
  private final Map<String, String> names; // house name to name in the file
  private final UnaryOperator<String> others; // the same for what the file does not have

  /**
   * A view of {@code file}.
   *
   * @param toFile from the house name of a module, or of a tensor, to its name in the file. The
   *     tensors of a module keep their last names, such as {@code weight}.
   */
  RenamedWeights(WeightSource file, Map<String, String> toFile) {
    this(file, toFile, FOREIGN);
  }

  private RenamedWeights(WeightSource file, Map<String, String> toFile, String prefixIfNone) {
    Map<String, String> unchanging = Map.copyOf(toFile);
    this(file, houseNames(file, toFile, prefixIfNone), name -> rename(name, unchanging, ""));
  }

  private RenamedWeights(
      WeightSource file, Map<String, String> names, UnaryOperator<String> others) {
    this.file = file;
    this.names = names;
    this.others = others;
  }

  private static Map<String, String> houseNames(
      WeightSource file, Map<String, String> toFile, String prefixIfNone) {
    Map<String, String> names = new LinkedHashMap<>();
    Map<String, String> toHouse = new HashMap<>();
    toFile.forEach((house, inFile) -> toHouse.put(inFile, house));
    for (String name : file.names()) {
      String house = rename(name, toHouse, prefixIfNone);
      boolean taken = names.putIfAbsent(house, name) != null;
      if (taken) {
        names.put(FOREIGN + name, name);
      }
    }
    return names;
  }

  /**
   * Some of the tensors of a file, without what their names have in common.
   *
   * @param prefix of the tensors' names in the file; left out here
   * @param kept which of the names with the prefix are part of it, by their names in the file
   */
  static WeightSource part(WeightSource file, String prefix, Predicate<String> kept) {
    Map<String, String> names = new LinkedHashMap<>();
    for (String name : file.names()) {
      if (name.startsWith(prefix) && kept.test(name)) {
        names.put(name.substring(prefix.length()), name);
      }
    }
    return new RenamedWeights(file, names, name -> prefix + name);
  }

  /** All tensors with a prefix, as {@link #part(WeightSource, String, Predicate)}. */
  static WeightSource part(WeightSource file, String prefix) {
    return part(file, prefix, _ -> true);
  }

  /**
   * A view of a file that has house names but may call some modules or tensors otherwise; {@code
   * file} itself if it does not.
   *
   * @param otherwise from the house name to the other
   */
  static WeightSource ofThoseInFile(WeightSource file, Map<String, String> otherwise) {
    Set<String> there = new HashSet<>(file.names());
    for (String name : file.names()) {
      there.add(name.substring(0, Math.max(0, name.lastIndexOf('.'))));
    }
    Map<String, String> used = new HashMap<>(otherwise);
    used.values().retainAll(there);
    return used.isEmpty() ? file : new RenamedWeights(file, used, "");
  }

  /** The new name of a tensor or of its module; if neither has one, the old after a prefix. */
  private static String rename(String name, Map<String, String> to, String prefixIfNone) {
    String tensor = to.get(name);
    if (tensor != null) {
      return tensor;
    }
    int dot = name.lastIndexOf('.');
    String module = dot < 0 ? null : to.get(name.substring(0, dot));
    return module == null ? prefixIfNone + name : module + name.substring(dot);
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(names.keySet());
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
    String inFile = names.get(name);
    if (inFile == null) {
      throw new IllegalArgumentException("no tensor " + name);
    }
    return inFile;
  }

  @Override
  public String nameInFile(String name) {
    String inFile = names.get(name);
    return file.nameInFile(inFile != null ? inFile : others.apply(name));
  }

  @Override
  public String description() {
    return file.description();
  }
}
