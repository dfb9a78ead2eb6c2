package ocellus.loaders.safetensors;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import ocellus.loaders.internal.Printable;
import ocellus.loaders.safetensors.SafetensorsException.Defect;

/**
 * The checked header of a safetensors file.
 *
 * @param tensors by name, in the order of their data
 * @param metadata the strings under {@code __metadata__}
 * @param dataStart offset of the data section in the file
 */
record Header(
    SequencedMap<String, TensorInfo> tensors, Map<String, String> metadata, long dataStart) {
  /** The limit of the format's reference implementation. */
  static final long MAX_HEADER_BYTES = 100_000_000;

  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /**
   * Reads the header and checks it against the length of the file.
   *
   * @param file what messages start with
   * @param bytes the whole file
   * @throws SafetensorsException for every violation of the format
   */
  static Header parse(String file, MemorySegment bytes) {
    long fileLength = bytes.byteSize();
    if (fileLength < U64.byteSize()) {
      throw new SafetensorsException(
          Defect.TOO_SMALL,
          file,
          "%d bytes are too few for a safetensors file".formatted(fileLength));
    }
    long headerLength = bytes.get(U64, 0);
    if (headerLength < 0 || headerLength > MAX_HEADER_BYTES) {
      throw new SafetensorsException(
          Defect.HEADER_TOO_LARGE,
          file,
          "not a safetensors file: its header would have %s bytes%s"
              .formatted(Long.toUnsignedString(headerLength), guess(bytes)));
    }
    long dataStart = U64.byteSize() + headerLength;
    if (dataStart > fileLength) {
      throw new SafetensorsException(
          Defect.HEADER_TRUNCATED,
          file,
          "the header ends at byte %d, the file at byte %d; it is truncated, fetch it again"
              .formatted(dataStart, fileLength));
    }
    byte[] json = bytes.asSlice(U64.byteSize(), headerLength).toArray(ValueLayout.JAVA_BYTE);
    HeaderParser.Contents contents = HeaderParser.parse(file, json);
    List<TensorInfo> tensors = inOrderOfData(contents.tensors());
    new Layout(file).check(tensors, fileLength - dataStart);
    var byName = new LinkedHashMap<String, TensorInfo>();
    tensors.forEach(t -> byName.put(t.name(), t));
    return new Header(Collections.unmodifiableSequencedMap(byName), contents.metadata(), dataStart);
  }

  private static List<TensorInfo> inOrderOfData(List<TensorInfo> tensors) {
    List<TensorInfo> sorted = new ArrayList<>(tensors);
    sorted.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
    return sorted;
  }

  /** What the file is instead, where its first bytes tell. */
  private static String guess(MemorySegment bytes) {
    String start = new String(bytes.asSlice(0, 8).toArray(ValueLayout.JAVA_BYTE), US_ASCII);
    if (start.equals("version ")) {
      return "; it looks like a Git LFS pointer, fetch the file itself with git lfs pull";
    }
    if (start.startsWith("PK") || bytes.get(ValueLayout.JAVA_BYTE, 0) == (byte) 0x80) {
      return "; it looks like a PyTorch pickle, which is not read";
    }
    return "";
  }

  /** Where tensors lie: side by side, from the first byte of the data section to the last. */
  private record Layout(String file) {
    void check(List<TensorInfo> inOrderOfData, long dataLength) {
      long end = 0;
      for (TensorInfo tensor : inOrderOfData) {
        checkSize(tensor);
        if (tensor.begin() < end) {
          throw error(
              Defect.OVERLAP,
              tensor,
              "begins at byte %d of the data, before another ends at %d"
                  .formatted(tensor.begin(), end));
        }
        if (tensor.begin() > end) {
          throw error(
              Defect.HOLE,
              tensor,
              "begins at byte %d of the data, and those from %d on belong to no tensor"
                  .formatted(tensor.begin(), end));
        }
        end = tensor.end();
      }
      if (end > dataLength) {
        throw new SafetensorsException(
            Defect.DATA_TRUNCATED,
            file,
            "%d of %d bytes of tensor data are there; it is truncated, fetch it again"
                .formatted(dataLength, end));
      }
      if (end < dataLength) {
        throw new SafetensorsException(
            Defect.TRAILING_BYTES,
            file,
            "%d bytes follow the last tensor".formatted(dataLength - end));
      }
    }

    private void checkSize(TensorInfo tensor) {
      long bits;
      try {
        bits = Math.multiplyExact(tensor.shape().size(), (long) tensor.dtype().bits());
      } catch (ArithmeticException e) {
        throw error(Defect.SIZE_OVERFLOW, tensor, "has too many bytes: " + type(tensor));
      }
      if (bits % Byte.SIZE != 0) {
        throw error(Defect.PARTIAL_BYTE, tensor, "ends within a byte: " + type(tensor));
      }
      if (bits / Byte.SIZE != tensor.byteSize()) {
        throw error(
            Defect.SIZE_MISMATCH,
            tensor,
            "has %d bytes, but %s takes %d"
                .formatted(tensor.byteSize(), type(tensor), bits / Byte.SIZE));
      }
    }

    private static String type(TensorInfo tensor) {
      return Printable.clip(tensor.shape().toString()) + " of " + tensor.dtype();
    }

    private SafetensorsException error(Defect defect, TensorInfo tensor, String problem) {
      return new SafetensorsException(
          defect, file, "tensor " + Printable.clip(tensor.name()) + " " + problem);
    }
  }
}
