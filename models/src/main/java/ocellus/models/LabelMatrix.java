package ocellus.models;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import ocellus.engine.OcellusException;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.Packer;
import ocellus.engine.kernels.WeightFormat;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.safetensors.SafetensorsException;
import ocellus.loaders.safetensors.SafetensorsFile;
import ocellus.loaders.safetensors.SafetensorsWriter;

/**
 * What a text tower makes of labels: a vector of length 1 for each. Kept in a file, it saves to
 * load the tower and to embed the prompts again. Immutable, thread-safe.
 */
public final class LabelMatrix {
  private static final String TENSOR = "labels";
  private static final String NAMES = "labels";
  private static final String MODEL = "model";
  private static final String FORMAT = "format";
  private static final String THIS_FORMAT = "ocellus label matrix 1";

  /** What rounding each of thousands of numbers to floats makes of length 1, and more. */
  private static final double LENGTH_ROUNDING = 1e-4;

  private final List<String> labels;
  private final Tensor rows; // [labels, dim]
  private final String model;
  private final PackedMatrix matrix;

  /**
   * @param rows {@code [labels, dim]}, each of length 1; not to be changed
   * @param model the fingerprint of the checkpoint
   */
  LabelMatrix(List<String> labels, Tensor rows, String model) {
    this.labels = List.copyOf(labels);
    this.rows = rows;
    this.model = model;
    int dim = rows.channels();
    this.matrix =
        Packer.into(Arena.ofAuto())
            .pack(
                WeightFormat.F32,
                dim,
                labels.size(),
                (label, target, offset) ->
                    System.arraycopy(
                        rows.data(), rows.offset() + label * dim, target, offset, dim));
  }

  /** The names of the labels, in the order of their indices. */
  public List<String> labels() {
    return labels;
  }

  /** The length of the vectors. */
  public int dimension() {
    return rows.channels();
  }

  /** The vector of a label, of length 1. */
  public float[] vector(int label) {
    float[] vector = new float[dimension()];
    System.arraycopy(rows.data(), rows.offset() + label * vector.length, vector, 0, vector.length);
    return vector;
  }

  /** Whether it was made with the checkpoint of this fingerprint. */
  boolean isOf(String fingerprint) {
    return model.equals(fingerprint);
  }

  private void requireUnitLength(String file) {
    for (int label = 0; label < labels.size(); label++) {
      if (!(Math.abs(UnitLength.norm(vector(label)) - 1) < LENGTH_ROUNDING)) {
        throw new CheckpointException(
            "%s: the vector of label '%s' is not of length 1; write the file again"
                .formatted(file, labels.get(label)));
      }
    }
  }

  /** The products of each vector with another. */
  float[] products(float[] vector) {
    Workspace ws = new Workspace();
    Tensor x = Tensor.of(vector, vector.length);
    Tensor y = Tensor.zeros(labels.size());
    Kernels.linear(x, matrix, null, null, Activation.IDENTITY, y, ws);
    return y.data();
  }

  /**
   * Writes it as a safetensors file: the tensor {@code labels} in F32, the names as lines in the
   * metadata.
   *
   * @throws CheckpointException if it cannot be written
   */
  public void save(Path file) {
    Map<String, String> metadata =
        Map.of(FORMAT, THIS_FORMAT, MODEL, model, NAMES, String.join("\n", labels));
    SafetensorsWriter.write(file, metadata, Map.of(TENSOR, rows));
  }

  /**
   * Refuses a file that {@link #save} would replace although it holds something else, such as a
   * checkpoint's weights. One that is not there or empty passes, and so does a label matrix whose
   * vectors are damaged.
   *
   * @throws OcellusException if it holds anything but a label matrix
   */
  public static void requireReplaceable(Path file) {
    if (!Files.exists(file)) {
      return;
    }
    if (!Files.isRegularFile(file)) { // opening a pipe would wait for what is written to it
      throw keeping(file, "not a file", null);
    }
    try {
      if (Files.size(file) > 0 && !isLabelMatrix(file)) {
        throw keeping(file, "a safetensors file of something else", null);
      }
    } catch (IOException | SafetensorsException e) {
      throw keeping(file, "not a safetensors file that can be read", e);
    }
  }

  private static boolean isLabelMatrix(Path file) {
    try (SafetensorsFile stored = SafetensorsFile.open(file)) {
      return THIS_FORMAT.equals(stored.metadata().get(FORMAT));
    }
  }

  private static OcellusException keeping(Path file, String what, Exception cause) {
    return new OcellusException(
        "%s: is %s; name another file for the labels".formatted(file, what), cause);
  }

  /**
   * Reads what {@link #save} wrote.
   *
   * @throws OcellusException if it is no such file
   */
  public static LabelMatrix read(Path file) {
    try (SafetensorsFile stored = SafetensorsFile.open(file)) {
      Map<String, String> metadata = stored.metadata();
      if (!THIS_FORMAT.equals(metadata.get(FORMAT)) || !stored.names().contains(TENSOR)) {
        throw new CheckpointException(
            stored.description()
                + ": not a label matrix; ocellus zero-shot --save-labels writes one");
      }
      List<String> labels = metadata.getOrDefault(NAMES, "").lines().toList();
      Shape shape = stored.shape(TENSOR);
      if (labels.isEmpty() || shape.rank() != 2 || shape.dim(0) != labels.size()) {
        throw new CheckpointException(
            "%s: tensor labels has shape %s for %d labels; write the file again"
                .formatted(stored.description(), shape, labels.size()));
      }
      Tensor rows = Tensor.zeros(shape.toArray());
      stored.read(TENSOR, 0, rows.data(), rows.offset(), rows.size());
      LabelMatrix matrix = new LabelMatrix(labels, rows, metadata.getOrDefault(MODEL, ""));
      matrix.requireUnitLength(stored.description());
      return matrix;
    }
  }
}
