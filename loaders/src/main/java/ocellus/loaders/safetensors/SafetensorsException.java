package ocellus.loaders.safetensors;

import ocellus.engine.OcellusException;

/** A safetensors file, or a set of shards, that is malformed. */
public final class SafetensorsException extends OcellusException {
  private static final long serialVersionUID = 1L;

  /** What is wrong. */
  public enum Defect {
    /** The file cannot be opened or mapped. */
    UNREADABLE,
    /** The file has no room for the header's length. */
    TOO_SMALL,
    /** The header's length is above the limit of the format; most often another kind of file. */
    HEADER_TOO_LARGE,
    /** The file ends within the header. */
    HEADER_TRUNCATED,
    /** The header is not UTF-8. */
    HEADER_NOT_UTF8,
    /** The header is not one JSON object. */
    HEADER_NOT_JSON,
    /** The header nests too deep, or has a number or name of absurd length. */
    HEADER_BEYOND_LIMITS,
    /** A key is there twice. */
    DUPLICATE_KEY,
    /** {@code __metadata__} is neither null nor an object of strings. */
    BAD_METADATA,
    /** A tensor's entry is no object, or lacks a field, or a field has the wrong type. */
    BAD_ENTRY,
    /** The element type is not one of {@link DType}. */
    UNKNOWN_DTYPE,
    /** The shape is not a list of non-negative integers. */
    BAD_SHAPE,
    /** The offsets are not two non-negative integers in ascending order. */
    BAD_OFFSETS,
    /** The number of elements or bits exceeds 63 bits. */
    SIZE_OVERFLOW,
    /** The elements of a type smaller than a byte do not fill their last byte. */
    PARTIAL_BYTE,
    /** Shape and element type need another number of bytes than the offsets span. */
    SIZE_MISMATCH,
    /** Two tensors share bytes. */
    OVERLAP,
    /** Bytes between two tensors, or before the first, belong to none. */
    HOLE,
    /** The file ends before the last tensor does. */
    DATA_TRUNCATED,
    /** The file goes on after the last tensor. */
    TRAILING_BYTES,
    /** The file became shorter while it was open. */
    TRUNCATED_WHILE_OPEN,
    /** The index of a set of shards is not as the format has it. */
    BAD_INDEX,
    /** The index names a shard that is not a plain file name. */
    BAD_SHARD_NAME,
    /** A shard of the index is not there. */
    MISSING_SHARD,
    /** A tensor is not in the shard in which the index has it. */
    NOT_IN_SHARD,
    /** A shard has a tensor that the index does not have. */
    NOT_IN_INDEX,
    /** Two shards have a tensor of the same name. */
    IN_TWO_SHARDS
  }

  private final Defect defect;

  /**
   * @param file what the message starts with
   * @param problem the rest of it
   */
  SafetensorsException(Defect defect, String file, String problem) {
    this(defect, file, problem, null);
  }

  SafetensorsException(Defect defect, String file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
    this.defect = defect;
  }

  /** A defect that {@code cause} has already put into words. */
  SafetensorsException(Defect defect, OcellusException cause) {
    super(cause.getMessage(), cause);
    this.defect = defect;
  }

  public Defect defect() {
    return defect;
  }
}
