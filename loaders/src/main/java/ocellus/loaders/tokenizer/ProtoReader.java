package ocellus.loaders.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import ocellus.loaders.CheckpointException;

/**
 * Reads the fields of one message in the wire format of Protocol Buffers, one after the other.
 *
 * <p>What cannot be right is a {@link CheckpointException}.
 */
final class ProtoReader {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FIXED32 = 5;
  private static final int LONGEST_VARINT = 64;

  private final String source;
  private final ByteBuffer in;
  private int wireType;

  ProtoReader(String source, ByteBuffer message) {
    this.source = source;
    in = message.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The number of the next field, whose value must be read or skipped; 0 at the end. */
  int nextField() {
    if (!in.hasRemaining()) {
      return 0;
    }
    long tag = rawVarint();
    wireType = (int) tag & 7;
    long field = tag >>> 3;
    if (field == 0 || field > Integer.MAX_VALUE) {
      throw damaged();
    }
    return (int) field;
  }

  long varint() {
    require(VARINT);
    return rawVarint();
  }

  boolean bool() {
    return varint() != 0;
  }

  float fixedFloat() {
    require(FIXED32);
    requireRemaining(Float.BYTES);
    return in.getFloat();
  }

  /** The bytes of a string or of a message within this one. */
  ByteBuffer bytes() {
    require(LENGTH_DELIMITED);
    long length = rawVarint();
    requireRemaining(length);
    ByteBuffer bytes = in.slice(in.position(), (int) length);
    in.position(in.position() + (int) length);
    return bytes;
  }

  ProtoReader message() {
    return new ProtoReader(source, bytes());
  }

  /** Goes past a value of no interest. */
  void skip() {
    switch (wireType) {
      case VARINT -> rawVarint();
      case FIXED64 -> advance(Long.BYTES);
      case LENGTH_DELIMITED -> bytes();
      case FIXED32 -> advance(Integer.BYTES);
      default -> throw damaged();
    }
  }

  private void advance(int bytes) {
    requireRemaining(bytes);
    in.position(in.position() + bytes);
  }

  private long rawVarint() {
    long value = 0;
    for (int shift = 0; shift < LONGEST_VARINT; shift += 7) {
      requireRemaining(1);
      byte b = in.get();
      value |= (b & 0x7fL) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw damaged();
  }

  private void require(int type) {
    if (wireType != type) {
      throw damaged();
    }
  }

  private void requireRemaining(long bytes) {
    if (bytes < 0 || bytes > in.remaining()) {
      throw damaged();
    }
  }

  private CheckpointException damaged() {
    return new CheckpointException(
        source + ": damaged, or no model of SentencePiece; fetch it again");
  }
}
