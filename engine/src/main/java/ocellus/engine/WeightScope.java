package ocellus.engine;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import ocellus.engine.WeightException.Defect;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.Packer;
import ocellus.engine.kernels.WeightFormat;

/**
 * Where a module finds its weights: a prefix into a {@link WeightSource} that remembers what was
 * read.
 *
 * <p>A constructor asks for each of its tensors by name and shape; when the whole model is built,
 * {@link #verifyAllRead()} refuses a checkpoint with tensors that nobody asked for. Not
 * thread-safe.
 */
public final class WeightScope {
  private static final int NEAREST_SHOWN = 3;

  private final WeightSource source; // null if listing
  private final Packer packer; // null if listing
  private final String prefix;
  private final Set<String> read;
  private final Map<String, Shape> listing; // null unless listing

  private WeightScope(
      WeightSource source,
      Packer packer,
      String prefix,
      Set<String> read,
      Map<String, Shape> listing) {
    this.source = source;
    this.packer = packer;
    this.prefix = prefix;
    this.read = read;
    this.listing = listing;
  }

  /**
   * The root scope of a checkpoint.
   *
   * @param packer of the model that is being built
   */
  public static WeightScope of(WeightSource source, Packer packer) {
    return new WeightScope(source, packer, "", new LinkedHashSet<>(), null);
  }

  /**
   * A scope without a checkpoint, in which everything that is asked for is there, is zero and is
   * put on {@code listing}: it tells which tensors an architecture is made of. What is built from
   * it cannot run.
   */
  public static WeightScope listing(Map<String, Shape> listing) {
    return new WeightScope(null, null, "", Set.of(), listing);
  }

  /** The format in which {@link #pack} stores a matrix that {@code exact} holds exactly. */
  public WeightFormat format(WeightFormat exact) {
    return listing == null ? packer.format(exact) : exact;
  }

  /**
   * Packs a matrix into the model's memory; see {@link PackedMatrix}.
   *
   * @param weight what it is made of
   * @param exact the narrowest format that holds its elements exactly: the weight's own, unless
   *     something is folded into it
   * @throws WeightException if the model's format does not reach to one of the elements
   */
  public PackedMatrix pack(
      Weight weight, WeightFormat exact, int k, int n, PackedMatrix.Columns columns) {
    return pack(weight, exact, k, k, n, columns);
  }

  /**
   * As {@link #pack(Weight, WeightFormat, int, int, PackedMatrix.Columns)}, of a matrix that is not
   * the same in all formats.
   *
   * @param wholeRows rows if it is packed in F32
   * @param halfRows rows if it is packed in 16 bits
   * @param columns of the matrix in the {@link #format} in which it is packed
   */
  public PackedMatrix pack(
      Weight weight,
      WeightFormat exact,
      int wholeRows,
      int halfRows,
      int n,
      PackedMatrix.Columns columns) {
    WeightFormat format = format(exact);
    int k = format == WeightFormat.F32 ? wholeRows : halfRows;
    if (listing != null) {
      return PackedMatrix.unpacked(k, n);
    }
    if (format == WeightFormat.F32) {
      return packer.pack(exact, wholeRows, halfRows, n, columns);
    }
    return packer.pack(
        exact,
        wholeRows,
        halfRows,
        n,
        (column, target, offset) -> {
          columns.read(column, target, offset);
          for (int i = offset; i < offset + k; i++) {
            if (!format.holds(target[i])) {
              throw outOfRange(weight, format, target[i]);
            }
          }
        });
  }

  private WeightException outOfRange(Weight weight, WeightFormat format, float value) {
    return new WeightException(
        Defect.OUT_OF_RANGE,
        weight.name(),
        "%s: tensor %s reaches %s once packed, beyond the largest %s, %s; choose %s weights"
            .formatted(
                source.description(),
                source.nameInFile(weight.name()),
                value,
                format,
                format.largest(),
                format == WeightFormat.F16 ? "bf16 or f32" : "f32"));
  }

  /** The scope of the child module {@code name}. */
  public WeightScope in(String name) {
    return new WeightScope(source, packer, prefix + name + ".", read, listing);
  }

  /** The scope of the {@code index}-th of a list of child modules, {@code name.index}. */
  public WeightScope in(String name, int index) {
    return in(name + "." + index);
  }

  /** Whether the checkpoint has this tensor. For what is optional by definition only. */
  public boolean has(String name) {
    return listing == null && source.names().contains(prefix + name);
  }

  /**
   * The tensor {@code name} of this scope, which must have exactly these extents.
   *
   * @throws WeightException if it is missing or has another shape
   */
  public Weight tensor(String name, long... dims) {
    Weight weight = find(name, dims);
    if (!weight.shape().is(dims)) {
      throw misshapen(weight, dims);
    }
    return weight;
  }

  /**
   * The matrix {@code name} of this scope: {@code [rows, columns]}, or {@code [rows, columns, 1,
   * 1]} where it was stored as the weight of a 1x1 convolution.
   *
   * @throws WeightException if it is missing or has another shape
   */
  public Weight matrix(String name, long rows, long columns) {
    Weight weight = find(name, rows, columns);
    if (!weight.shape().is(rows, columns) && !weight.shape().is(rows, columns, 1, 1)) {
      throw misshapen(weight, rows, columns);
    }
    return weight;
  }

  /**
   * The vector {@code name} of this scope: {@code [size]}, or {@code [1, 1, 1, size]} where it was
   * stored in the shape of what it is multiplied with.
   *
   * @throws WeightException if it is missing or has another shape
   */
  public Weight vector(String name, long size) {
    Weight weight = find(name, size);
    if (!weight.shape().is(size) && !weight.shape().is(1, 1, 1, size)) {
      throw misshapen(weight, size);
    }
    return weight;
  }

  private WeightException misshapen(Weight weight, long... dims) {
    return new WeightException(
        Defect.MISSHAPEN,
        weight.name(),
        "%s: tensor %s has shape %s, the architecture needs %s; does the configuration belong to it?"
            .formatted(
                source.description(),
                source.nameInFile(weight.name()),
                weight.shape(),
                Shape.of(dims)));
  }

  /**
   * The tensor {@code name} of this scope, whatever its shape: for position embeddings that are
   * resampled and the like.
   *
   * @param usual the extents to put on a listing
   * @throws WeightException if it is missing
   */
  public Weight tensorOfAnyShape(String name, long... usual) {
    return find(name, usual);
  }

  private Weight find(String name, long... dims) {
    String full = prefix + name;
    if (listing != null) {
      Shape shape = Shape.of(dims);
      listing.put(full, shape);
      return new Weight(null, full, shape);
    }
    if (!source.names().contains(full)) {
      throw new WeightException(
          Defect.MISSING,
          full,
          "%s: tensor %s is missing%s"
              .formatted(source.description(), source.nameInFile(full), nearest(full)));
    }
    read.add(full);
    return new Weight(source, full, source.shape(full));
  }

  /**
   * Declares tensors that this architecture knowingly does not use.
   *
   * @param names which tensors, by their full names
   */
  public void ignore(Predicate<String> names) {
    if (listing != null) {
      return;
    }
    source.names().stream().filter(names).forEach(read::add);
  }

  /**
   * Checks that every tensor of the checkpoint was asked for or declared unused.
   *
   * @throws WeightException if one was not; it names the first and counts the others
   */
  public void verifyAllRead() {
    if (listing != null) {
      return;
    }
    List<String> unread = source.names().stream().filter(n -> !read.contains(n)).toList();
    if (unread.isEmpty()) {
      return;
    }
    String first = unread.getFirst();
    String others = unread.size() == 1 ? "" : " and " + (unread.size() - 1) + " more";
    throw new WeightException(
        Defect.UNEXPECTED,
        first,
        "%s: tensor %s %s%s is not part of the architecture%s"
            .formatted(
                source.description(),
                source.nameInFile(first),
                source.shape(first),
                others,
                nearestRead(first)));
  }

  private String nearest(String name) {
    return nearestOf(name, source.names(), "; the nearest in the file: ");
  }

  private String nearestRead(String name) {
    return nearestOf(name, read, "; the nearest that is: ");
  }

  private String nearestOf(String name, Set<String> candidates, String intro) {
    String shown = source.nameInFile(name);
    String list =
        candidates.stream()
            .map(source::nameInFile)
            .sorted(Comparator.comparingInt(c -> EditDistance.between(shown, c)))
            .limit(NEAREST_SHOWN)
            .collect(Collectors.joining(", "));
    return list.isEmpty() ? "" : intro + list;
  }
}
