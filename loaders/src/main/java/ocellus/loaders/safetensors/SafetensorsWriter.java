package ocellus.loaders.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.internal.Printable;

/** Writes tensors as a safetensors file: numbers in F32, bytes in U8. */
public final class SafetensorsWriter {
  private static final JsonFactory JSON = new JsonFactory();

  /** Data begins at a multiple of it, as in files of the reference. */
  private static final int ALIGNMENT = 8;

  private static final int CHUNK_FLOATS = 1 << 16;

  private SafetensorsWriter() {}

  /**
   * Writes a file, or replaces it: whoever reads it meanwhile sees the old one or the new one.
   *
   * @param metadata what the file says about itself
   * @param tensors by name, in the order of their data
   * @throws CheckpointException if it cannot be written
   */
  public static void write(Path file, Map<String, String> metadata, Map<String, Tensor> tensors) {
    write(file, metadata, tensors, Map.of());
  }

  /**
   * Writes a file, or replaces it: whoever reads it meanwhile sees the old one or the new one.
   *
   * @param metadata what the file says about itself; readers limit how much that may be
   * @param tensors by name, in the order of their data
   * @param bytes tensors of one dimension, by other names, whose data follow
   * @throws CheckpointException if it cannot be written
   */
  public static void write(
      Path file,
      Map<String, String> metadata,
      Map<String, Tensor> tensors,
      Map<String, byte[]> bytes) {
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file) || !Files.isDirectory(folder)) {
      throw new CheckpointException(
          "%s: cannot be written: %s"
              .formatted(
                  Printable.name(file),
                  Files.isDirectory(file) ? "it is a folder" : "its folder is not there; make it"));
    }
    Path partial = null;
    try {
      partial = Files.createTempFile(folder, "ocellus", ".part");
      try (FileChannel out = FileChannel.open(partial, StandardOpenOption.WRITE)) {
        write(out, header(json(metadata, tensors, bytes)));
        for (Tensor tensor : tensors.values()) {
          write(out, tensor);
        }
        for (byte[] tensor : bytes.values()) {
          write(out, ByteBuffer.wrap(tensor));
        }
      }
      Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      discard(partial);
      throw new CheckpointException(
          Printable.name(file) + ": cannot be written: " + Printable.reason(e), e);
    }
  }

  private static void discard(Path partial) {
    try {
      if (partial != null) {
        Files.deleteIfExists(partial);
      }
    } catch (IOException e) {
      // The reason why the file could not be written is what counts.
    }
  }

  /** The length and the JSON, filled up with spaces. */
  private static ByteBuffer header(byte[] json) {
    int padded = Math.ceilDiv(json.length, ALIGNMENT) * ALIGNMENT;
    byte[] filled = Arrays.copyOf(json, padded);
    Arrays.fill(filled, json.length, padded, (byte) ' ');
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
    return bytes.putLong(padded).put(filled).flip();
  }

  private static byte[] json(
      Map<String, String> metadata, Map<String, Tensor> tensors, Map<String, byte[]> bytes) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeObjectFieldStart("__metadata__");
      for (Map.Entry<String, String> entry : metadata.entrySet()) {
        json.writeStringField(entry.getKey(), entry.getValue());
      }
      json.writeEndObject();
      long at = 0;
      for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
        Tensor tensor = entry.getValue();
        long end = at + (long) tensor.size() * Float.BYTES;
        write(json, new TensorInfo(entry.getKey(), DType.F32, tensor.shape(), at, end));
        at = end;
      }
      for (Map.Entry<String, byte[]> entry : bytes.entrySet()) {
        int length = entry.getValue().length;
        long end = at + length;
        write(json, new TensorInfo(entry.getKey(), DType.U8, Shape.of(length), at, end));
        at = end;
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // an array takes everything
    }
    return text.toByteArray();
  }

  private static void write(JsonGenerator json, TensorInfo tensor) throws IOException {
    json.writeObjectFieldStart(tensor.name());
    json.writeStringField("dtype", tensor.dtype().name());
    json.writeFieldName("shape");
    long[] shape = tensor.shape().toArray();
    json.writeArray(shape, 0, shape.length);
    json.writeFieldName("data_offsets");
    json.writeArray(new long[] {tensor.begin(), tensor.end()}, 0, 2);
    json.writeEndObject();
  }

  private static void write(FileChannel out, Tensor tensor) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(CHUNK_FLOATS * Float.BYTES);
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    for (int done = 0; done < tensor.size(); done += CHUNK_FLOATS) {
      int count = Math.min(CHUNK_FLOATS, tensor.size() - done);
      bytes.clear();
      bytes.asFloatBuffer().put(tensor.data(), tensor.offset() + done, count);
      write(out, bytes.limit(count * Float.BYTES));
    }
  }

  private static void write(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
