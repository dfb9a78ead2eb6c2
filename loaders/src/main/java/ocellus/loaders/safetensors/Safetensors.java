package ocellus.loaders.safetensors;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import ocellus.engine.WeightSource;

/**
 * The tensors of a checkpoint in safetensors format, mapped into memory: nothing is copied until it
 * is read.
 *
 * <p>Reading is thread-safe; no read may be under way or follow when it is closed. What a read
 * meets may be {@link SafetensorsException.Defect#TRUNCATED_WHILE_OPEN}.
 */
public sealed interface Safetensors extends WeightSource, AutoCloseable
    permits SafetensorsFile, ShardedSafetensors {
  /**
   * Opens one file, or the set of shards behind an index.
   *
   * @param file {@code *.safetensors} or {@code *.safetensors.index.json}
   * @throws SafetensorsException if it cannot be read or is malformed
   */
  static Safetensors open(Path file) {
    return file.toString().endsWith(".json")
        ? ShardedSafetensors.open(file)
        : SafetensorsFile.open(file);
  }

  /** All tensors in the order of their data. */
  List<TensorInfo> tensors();

  /** Type, shape and place of a tensor. */
  TensorInfo info(String name);

  /** What the file says about itself, as in {@code format: pt}; of shards, what the first says. */
  Map<String, String> metadata();

  @Override
  void close();
}
