package ocellus.models;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SequencedMap;
import ocellus.engine.OcellusException;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.safetensors.SafetensorsFile;
import ocellus.loaders.safetensors.SafetensorsWriter;

/**
 * The vectors of pictures, to be searched for those that are nearest to another vector. Those of a
 * file are mapped into memory and read where they are.
 *
 * <p>Immutable, and thread-safe until it is closed.
 */
public final class ImageIndex implements AutoCloseable {
  private static final String TENSOR = "images";
  private static final String FILES = "files";
  private static final String FAILURES = "failures";
  private static final String VECTORS = "vectors";
  private static final String READER = "reader";
  private static final String FORMAT = "format";
  private static final String ANY_FORMAT = "ocellus image index";
  private static final String THIS_FORMAT = ANY_FORMAT + " 2";

  /** How many vectors are read at once. */
  private static final int ROWS_AT_ONCE = 256;

  /**
   * What an index holds for.
   *
   * @param vectors what the vectors depend on, as in {@link #keyOf}
   * @param reader the program that could not read the failures; another may be able to
   */
  public record Key(String vectors, String reader) {}

  /**
   * A picture's file as it was when it was looked at.
   *
   * @param name of the file in its folder
   * @param size of the file in bytes
   * @param modified when the file was changed last, in milliseconds since 1970
   */
  public record Entry(String name, long size, long modified) {}

  /**
   * A picture that was found.
   *
   * @param score the cosine of the angle between its vector and that of the query
   */
  public record Match(Entry image, float score) {}

  /** Where the vectors are. */
  @FunctionalInterface
  private interface Rows {
    void read(int first, int count, float[] target);
  }

  private final List<Entry> entries;
  private final Map<Entry, Integer> rowOf = new HashMap<>();
  private final SequencedMap<Entry, String> failures;
  private final int dimension;
  private final Rows rows;
  private final Runnable release;

  private ImageIndex(
      List<Entry> entries,
      SequencedMap<Entry, String> failures,
      int dimension,
      Rows rows,
      Runnable release) {
    this.entries = entries;
    this.failures = failures;
    this.dimension = dimension;
    this.rows = rows;
    this.release = release;
    for (int row = 0; row < entries.size(); row++) {
      rowOf.put(entries.get(row), row);
    }
  }

  /**
   * An index in memory.
   *
   * @param vectors of each picture, of length 1
   * @param failures why the others could not be read
   */
  public static ImageIndex of(
      SequencedMap<Entry, float[]> vectors, SequencedMap<Entry, String> failures) {
    List<float[]> all = List.copyOf(vectors.values());
    int dimension = all.isEmpty() ? 0 : all.getFirst().length;
    Rows rows =
        (first, count, target) -> {
          for (int i = 0; i < count; i++) {
            System.arraycopy(all.get(first + i), 0, target, i * dimension, dimension);
          }
        };
    SequencedMap<Entry, String> failed =
        Collections.unmodifiableSequencedMap(new LinkedHashMap<>(failures));
    return new ImageIndex(List.copyOf(vectors.keySet()), failed, dimension, rows, () -> {});
  }

  /**
   * What the vectors of one checkpoint have in common, and no others: its weights, its
   * configuration, and how it prepares pictures.
   *
   * @throws OcellusException if it is no checkpoint
   */
  public static String keyOf(Path directory) {
    try (Checkpoint checkpoint = Checkpoint.open(directory)) {
      return String.join(
          " ",
          Fingerprint.of(checkpoint.weights()),
          Fingerprint.ofConfiguration(directory),
          checkpoint.preprocessing().toString());
    }
  }

  /**
   * Maps what {@link #write} wrote; empty if there is no such file, or its vectors are of another
   * key or of another version's format, and it has to be written anew.
   *
   * @throws OcellusException if the file is damaged, or is no index
   */
  public static Optional<ImageIndex> open(Path file, Key key) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    SafetensorsFile stored = SafetensorsFile.open(file);
    try {
      Optional<ImageIndex> index = of(stored, key);
      if (index.isEmpty()) {
        stored.close();
      }
      return index;
    } catch (Throwable e) {
      stored.close();
      throw e;
    }
  }

  private static Optional<ImageIndex> of(SafetensorsFile stored, Key key) {
    Map<String, String> metadata = stored.metadata();
    if (!metadata.getOrDefault(FORMAT, "").startsWith(ANY_FORMAT)) {
      throw new CheckpointException(
          stored.description() + ": not an index of ocellus search; name another file");
    }
    if (!metadata.get(FORMAT).equals(THIS_FORMAT) || !key.vectors.equals(metadata.get(VECTORS))) {
      return Optional.empty();
    }
    try {
      List<Entry> entries = IndexLines.entries(stored.bytes(FILES));
      SequencedMap<Entry, String> failures =
          key.reader.equals(metadata.get(READER))
              ? IndexLines.failures(stored.bytes(FAILURES))
              : new LinkedHashMap<>();
      Shape shape = stored.shape(TENSOR);
      if (shape.rank() != 2 || shape.dim(0) != entries.size()) {
        throw damaged(stored, null);
      }
      int dimension = Math.toIntExact(shape.dim(1));
      Rows rows =
          (first, count, target) ->
              stored.read(TENSOR, (long) first * dimension, target, 0, count * dimension);
      return Optional.of(
          new ImageIndex(
              entries,
              Collections.unmodifiableSequencedMap(failures),
              dimension,
              rows,
              stored::close));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw damaged(stored, e);
    }
  }

  private static CheckpointException damaged(SafetensorsFile stored, RuntimeException cause) {
    return new CheckpointException(
        stored.description() + ": the index is damaged; delete it, it is made again", cause);
  }

  /**
   * Writes it, or replaces what was there: whoever reads that meanwhile sees the old file or the
   * new one.
   *
   * @throws OcellusException if it cannot be written
   */
  public void write(Path file, Key key) {
    if ((long) entries.size() * dimension > Integer.MAX_VALUE - Long.BYTES) {
      throw new OcellusException(
          "%d images are too many for one index; search parts of the folder"
              .formatted(entries.size()));
    }
    Tensor vectors = Tensor.zeros(entries.size(), dimension);
    rows.read(0, entries.size(), vectors.data());
    Map<String, String> metadata =
        Map.of(FORMAT, THIS_FORMAT, VECTORS, key.vectors, READER, key.reader);
    SequencedMap<String, byte[]> lists = new LinkedHashMap<>(); // too long for metadata
    lists.put(FILES, IndexLines.of(entries));
    lists.put(FAILURES, IndexLines.of(failures));
    SafetensorsWriter.write(file, metadata, Map.of(TENSOR, vectors), lists);
  }

  /** The pictures that have a vector, in the order of their rows. */
  public List<Entry> entries() {
    return entries;
  }

  /** The pictures that could not be read, and why. */
  public SequencedMap<Entry, String> failures() {
    return failures;
  }

  /** The vector of a picture, if the file is here as it is in {@code image}. */
  public Optional<float[]> vector(Entry image) {
    Integer row = rowOf.get(image);
    if (row == null) {
      return Optional.empty();
    }
    float[] vector = new float[dimension];
    rows.read(row, 1, vector);
    return Optional.of(vector);
  }

  /** A row and how near it is. */
  private record Scored(int row, float score) {
    static final Comparator<Scored> BEST_FIRST =
        Comparator.comparingDouble(Scored::score).reversed().thenComparingInt(Scored::row);
  }

  /**
   * The pictures that are nearest to a query.
   *
   * @param query a vector of length 1
   * @param top how many at most
   * @return best first; equal ones in the order of their rows
   */
  public List<Match> search(float[] query, int top) {
    if (query.length != dimension && !entries.isEmpty()) {
      throw new IllegalArgumentException(query.length + " numbers, expected " + dimension);
    }
    PriorityQueue<Scored> best = new PriorityQueue<>(Scored.BEST_FIRST.reversed());
    float[] vectors = new float[Math.min(ROWS_AT_ONCE, entries.size()) * dimension];
    for (int first = 0; first < entries.size(); first += ROWS_AT_ONCE) {
      int count = Math.min(ROWS_AT_ONCE, entries.size() - first);
      rows.read(first, count, vectors);
      for (int i = 0; i < count; i++) {
        best.add(new Scored(first + i, dot(query, vectors, i * dimension)));
        if (best.size() > top) {
          best.remove();
        }
      }
    }
    List<Scored> ordered = new ArrayList<>(best);
    ordered.sort(Scored.BEST_FIRST);
    return ordered.stream().map(s -> new Match(entries.get(s.row), s.score)).toList();
  }

  private static float dot(float[] query, float[] vectors, int offset) {
    double sum = 0;
    for (int i = 0; i < query.length; i++) {
      sum += (double) query[i] * vectors[offset + i];
    }
    return (float) sum;
  }

  /** Unmaps the file, if it is of one. */
  @Override
  public void close() {
    release.run();
  }
}
