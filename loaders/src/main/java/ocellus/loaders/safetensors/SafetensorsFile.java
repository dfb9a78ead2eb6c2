package ocellus.loaders.safetensors;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import ocellus.engine.Shape;
import ocellus.engine.WeightException;
import ocellus.engine.kernels.WeightFormat;
import ocellus.loaders.internal.Printable;
import ocellus.loaders.safetensors.SafetensorsException.Defect;

/**
 * One safetensors file, in memory that is mapped or its own.
 *
 * <p>The format is held to strictly: tensors lie side by side from the first byte of the data
 * section to the last byte of the file, and no key is there twice. Where specification and
 * reference implementation differ, white space before the header's brace is accepted (as the
 * reference does) and duplicate keys are refused (as the specification says).
 */
public final class SafetensorsFile implements Safetensors {
  private final Arena arena;
  private final String name;
  private final Header header;
  private final MemorySegment data;

  private SafetensorsFile(Arena arena, String name, Header header, MemorySegment data) {
    this.arena = arena;
    this.name = name;
    this.header = header;
    this.data = data;
  }

  /**
   * Maps a file and reads its header.
   *
   * @throws SafetensorsException if it cannot be read or is malformed
   */
  public static SafetensorsFile open(Path path) {
    String name = Printable.name(path);
    if (Files.isDirectory(path)) {
      throw new SafetensorsException(
          Defect.UNREADABLE, name, "is a folder; a safetensors file is expected there");
    }
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      MemorySegment bytes = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
      Header header = Header.parse(name, bytes);
      return new SafetensorsFile(arena, name, header, bytes.asSlice(header.dataStart()));
    } catch (IOException e) {
      arena.close();
      throw new SafetensorsException(
          Defect.UNREADABLE, name, "cannot be read: " + Printable.reason(e), e);
    } catch (InternalError e) {
      arena.close();
      throw truncated(name, e);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /**
   * A file whose bytes are in memory, as those of a jar's entry are. They are copied.
   *
   * @param name what messages call it
   * @throws SafetensorsException if it is malformed
   */
  public static SafetensorsFile of(String name, byte[] file) {
    Arena arena = Arena.ofShared();
    try {
      // Native, as a mapped file is: one kind of memory keeps the reading loops fast.
      MemorySegment bytes = arena.allocate(file.length, Long.BYTES);
      bytes.copyFrom(MemorySegment.ofArray(file));
      Header header = Header.parse(name, bytes);
      return new SafetensorsFile(arena, name, header, bytes.asSlice(header.dataStart()));
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /** The JVM's report of a page of the map that the file no longer has. */
  private static SafetensorsException truncated(String name, InternalError e) {
    return new SafetensorsException(
        Defect.TRUNCATED_WHILE_OPEN,
        name,
        "the file became shorter, or unreadable, while it was in use; open it again",
        e);
  }

  @Override
  public List<TensorInfo> tensors() {
    return List.copyOf(header.tensors().values());
  }

  @Override
  public TensorInfo info(String tensor) {
    TensorInfo info = header.tensors().get(tensor);
    if (info == null) {
      throw new IllegalArgumentException(name + " has no tensor " + tensor);
    }
    return info;
  }

  @Override
  public Map<String, String> metadata() {
    return header.metadata();
  }

  @Override
  public Set<String> names() {
    return header.tensors().sequencedKeySet();
  }

  @Override
  public Shape shape(String tensor) {
    return info(tensor).shape();
  }

  @Override
  public WeightFormat format(String tensor) {
    return switch (info(tensor).dtype()) {
      case F16 -> WeightFormat.F16;
      case BF16 -> WeightFormat.BF16;
      default -> WeightFormat.F32;
    };
  }

  @Override
  public void read(String tensor, long from, float[] target, int offset, int count) {
    TensorInfo info = info(tensor);
    Objects.checkFromIndexSize(from, count, info.shape().size());
    Objects.checkFromIndexSize(offset, count, target.length);
    if (!info.dtype().readable()) {
      throw new WeightException(
          WeightException.Defect.WRONG_TYPE,
          tensor,
          "%s: tensor %s is stored as %s, which cannot be read; save the model as F32, F16 or BF16"
              .formatted(name, tensor, info.dtype()));
    }
    try {
      // Not of a slice, which would be an object for each row of a table.
      Widening.read(info.dtype(), data, info.begin(), from, target, offset, count);
      reachSafepoint();
    } catch (InternalError e) {
      throw truncated(name, e);
    }
  }

  /**
   * The bytes of a tensor of type U8.
   *
   * @throws IllegalArgumentException if there is none of this name and type
   * @throws ArithmeticException if they are more than an array holds
   */
  public byte[] bytes(String tensor) {
    TensorInfo info = info(tensor);
    if (info.dtype() != DType.U8) {
      throw new IllegalArgumentException(
          "%s: tensor %s is stored as %s, not U8".formatted(name, tensor, info.dtype()));
    }
    byte[] bytes = new byte[Math.toIntExact(info.byteSize())];
    try {
      MemorySegment.copy(data, ValueLayout.JAVA_BYTE, info.begin(), bytes, 0, bytes.length);
      reachSafepoint();
    } catch (InternalError e) {
      throw truncated(name, e);
    }
    return bytes;
  }

  /**
   * Compiled code learns that pages of the map are gone at its next safepoint only, which may be
   * far behind the copy. The way back from a native method is one.
   */
  private void reachSafepoint() {
    if (Thread.holdsLock(this)) {
      throw new IllegalStateException("nobody locks a SafetensorsFile");
    }
  }

  @Override
  public String description() {
    return name;
  }

  @Override
  public void close() {
    arena.close();
  }
}
