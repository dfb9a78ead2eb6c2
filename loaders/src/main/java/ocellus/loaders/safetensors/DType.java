package ocellus.loaders.safetensors;

import java.util.Optional;

/** The element types of the safetensors format. */
public enum DType {
  BOOL(8, true),
  F4(4, false),
  F6_E2M3(6, false),
  F6_E3M2(6, false),
  U8(8, true),
  I8(8, true),
  F8_E5M2(8, false),
  F8_E4M3(8, false),
  F8_E8M0(8, false),
  F8_E4M3FNUZ(8, false),
  F8_E5M2FNUZ(8, false),
  I16(16, true),
  U16(16, true),
  F16(16, true),
  BF16(16, true),
  I32(32, true),
  U32(32, true),
  F32(32, true),
  C64(64, false),
  F64(64, true),
  I64(64, true),
  U64(64, true);

  private final int bits;
  private final boolean readable;

  DType(int bits, boolean readable) {
    this.bits = bits;
    this.readable = readable;
  }

  /** The size of an element in bits; not always a whole number of bytes. */
  public int bits() {
    return bits;
  }

  /** Whether its elements can be read as {@code float}. */
  public boolean readable() {
    return readable;
  }

  /** Whether it holds real numbers, as the parameters of a model are. */
  public boolean floating() {
    return name().startsWith("F") || this == BF16;
  }

  static Optional<DType> named(String name) {
    for (DType type : values()) {
      if (type.name().equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
