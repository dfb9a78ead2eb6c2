package ocellus.models.goldens;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.StringJoiner;
import ocellus.engine.Shape;

/** Checkpoints of any size that take no room: files of nothing but a header and a hole. */
public final class SparseCheckpoint {
  private SparseCheckpoint() {}

  /**
   * Writes a checkpoint whose weights are all zero.
   *
   * @param config what is in config.json
   * @param dtype of 4 or 2 bytes, as in {@code F32}
   */
  public static Path write(Path folder, String config, String dtype, Map<String, Shape> tensors)
      throws IOException {
    int bytes = dtype.equals("F32") ? 4 : 2;
    StringJoiner header = new StringJoiner(", ", "{", "}");
    long at = 0;
    for (Map.Entry<String, Shape> tensor : tensors.entrySet()) {
      long end = at + bytes * tensor.getValue().size();
      header.add(
          "\"%s\": {\"dtype\": \"%s\", \"shape\": %s, \"data_offsets\": [%d, %d]}"
              .formatted(tensor.getKey(), dtype, tensor.getValue(), at, end));
      at = end;
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    Files.writeString(folder.resolve("config.json"), config);
    Path file = folder.resolve("model.safetensors");
    try (var out = new RandomAccessFile(file.toFile(), "rw")) {
      out.write(
          ByteBuffer.allocate(Long.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(json.length)
              .array());
      out.write(json);
      out.setLength(Long.BYTES + json.length + at);
    }
    return folder;
  }
}
