package ocellus.loaders.safetensors;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import ocellus.engine.Shape;
import ocellus.engine.kernels.WeightFormat;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.internal.Printable;
import ocellus.loaders.json.JsonObject;
import ocellus.loaders.safetensors.SafetensorsException.Defect;

/**
 * A checkpoint cut into several safetensors files, with an index that says which has which tensor.
 *
 * <p>Index and shards must agree on every tensor.
 */
public final class ShardedSafetensors implements Safetensors {
  private final String name;
  private final List<SafetensorsFile> shards;
  private final Map<String, SafetensorsFile> shardOf; // by tensor, in the order of the data

  private ShardedSafetensors(
      String name, List<SafetensorsFile> shards, Map<String, SafetensorsFile> shardOf) {
    this.name = name;
    this.shards = shards;
    this.shardOf = shardOf;
  }

  /**
   * Opens every shard of an index, which lie in its folder.
   *
   * @param index {@code model.safetensors.index.json}
   * @throws SafetensorsException if index or a shard cannot be read or is malformed, or they differ
   */
  public static ShardedSafetensors open(Path index) {
    String name = Printable.name(index);
    Map<String, String> shardNames = shardNames(name, index);
    // Sorted: the names carry the number of the shard.
    Map<String, SafetensorsFile> open = new TreeMap<>();
    try {
      for (String shard : shardNames.values()) {
        if (!open.containsKey(shard)) {
          open.put(shard, openShard(name, index.resolveSibling(shard)));
        }
      }
      return new ShardedSafetensors(
          name, List.copyOf(open.values()), match(name, shardNames, open));
    } catch (RuntimeException e) {
      open.values().forEach(SafetensorsFile::close);
      throw e;
    }
  }

  /** The index: the name of the shard by tensor. */
  private static Map<String, String> shardNames(String name, Path index) {
    Map<String, String> shardNames = new LinkedHashMap<>();
    try {
      JsonObject map = JsonObject.read(index).object("weight_map");
      for (String tensor : map.keys()) {
        shardNames.put(tensor, map.string(tensor));
      }
    } catch (CheckpointException e) {
      throw new SafetensorsException(Defect.BAD_INDEX, e);
    }
    for (String shard : shardNames.values()) {
      // A path would lead out of the folder, or not be what it seems.
      if (!shard.endsWith(".safetensors") || !shard.matches("[\\w.-]+")) {
        throw new SafetensorsException(
            Defect.BAD_SHARD_NAME,
            name,
            "shard \"%s\" is not the name of a .safetensors file".formatted(Printable.clip(shard)));
      }
    }
    return shardNames;
  }

  private static SafetensorsFile openShard(String name, Path shard) {
    if (!Files.exists(shard)) {
      throw new SafetensorsException(
          Defect.MISSING_SHARD,
          name,
          "shard %s is missing; fetch it too".formatted(shard.getFileName()));
    }
    return SafetensorsFile.open(shard);
  }

  /** The shard by tensor, in the order of the data. */
  private static Map<String, SafetensorsFile> match(
      String name, Map<String, String> shardNames, Map<String, SafetensorsFile> open) {
    Map<String, SafetensorsFile> shardOf = new LinkedHashMap<>();
    for (SafetensorsFile shard : open.values()) {
      for (String tensor : shard.names()) {
        SafetensorsFile other = shardOf.putIfAbsent(tensor, shard);
        if (other != null) {
          throw new SafetensorsException(
              Defect.IN_TWO_SHARDS,
              shard.description(),
              "tensor %s is also in %s".formatted(Printable.clip(tensor), other.description()));
        }
        if (!shardNames.containsKey(tensor)) {
          throw new SafetensorsException(
              Defect.NOT_IN_INDEX,
              shard.description(),
              "tensor %s is not in the index %s".formatted(Printable.clip(tensor), name));
        }
      }
    }
    shardNames.forEach(
        (tensor, shardName) -> {
          SafetensorsFile shard = open.get(shardName);
          if (shardOf.get(tensor) != shard) {
            throw new SafetensorsException(
                Defect.NOT_IN_SHARD,
                shard.description(),
                "tensor %s is missing, which the index %s has here"
                    .formatted(Printable.clip(tensor), name));
          }
        });
    return Collections.unmodifiableMap(shardOf);
  }

  @Override
  public List<TensorInfo> tensors() {
    List<TensorInfo> tensors = new ArrayList<>();
    shards.forEach(shard -> tensors.addAll(shard.tensors()));
    return tensors;
  }

  private SafetensorsFile shard(String tensor) {
    SafetensorsFile shard = shardOf.get(tensor);
    if (shard == null) {
      throw new IllegalArgumentException(name + " has no tensor " + tensor);
    }
    return shard;
  }

  @Override
  public TensorInfo info(String tensor) {
    return shard(tensor).info(tensor);
  }

  @Override
  public Map<String, String> metadata() {
    return shards.isEmpty() ? Map.of() : shards.getFirst().metadata();
  }

  @Override
  public Set<String> names() {
    return shardOf.keySet();
  }

  @Override
  public Shape shape(String tensor) {
    return info(tensor).shape();
  }

  @Override
  public WeightFormat format(String tensor) {
    return shard(tensor).format(tensor);
  }

  @Override
  public void read(String tensor, long from, float[] target, int offset, int count) {
    shard(tensor).read(tensor, from, target, offset, count);
  }

  @Override
  public String description() {
    return name;
  }

  @Override
  public void close() {
    shards.forEach(SafetensorsFile::close);
  }
}
