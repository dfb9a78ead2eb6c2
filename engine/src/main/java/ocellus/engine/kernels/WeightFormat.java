package ocellus.engine.kernels;

import java.util.Locale;

/**
 * What the elements of packed weights are stored as. Kernels compute with floats whatever it is:
 * each 16-bit element is widened exactly, so that the result has the bits that rounded F32 weights
 * would give.
 */
public enum WeightFormat {
  /** IEEE 754 binary32: nothing is rounded. */
  F32(Float.SIZE, Float.MAX_VALUE),
  /** IEEE 754 binary16: 11 significant bits, fewer below 6.1e-5. */
  F16(Short.SIZE, 65504),
  /** The upper half of F32: 8 significant bits, and its range. */
  BF16(Short.SIZE, 0x1.fep127f);

  private static final int ROUND_DOWN_TO_HALF = 0x7fff;

  private final int bits;
  private final float largest;

  WeightFormat(int bits, float largest) {
    this.bits = bits;
    this.largest = largest;
  }

  /** Bits of an element. */
  public int bits() {
    return bits;
  }

  /** The largest finite value. */
  public float largest() {
    return largest;
  }

  /**
   * Whether rounding to this format leaves a value finite, for which it has to be finite itself.
   */
  public boolean holds(float value) {
    return Math.abs(value) <= largest;
  }

  /** As users write it: {@code f32}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Rounds values that this 16-bit format {@link #holds} to the nearest it has, ties to even. */
  void narrow(float[] from, short[] to, int count) {
    switch (this) {
      case F16 -> {
        for (int i = 0; i < count; i++) {
          to[i] = Float.floatToFloat16(from[i]);
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          int b = Float.floatToRawIntBits(from[i]);
          to[i] = (short) ((b + ROUND_DOWN_TO_HALF + (b >>> 16 & 1)) >>> 16);
        }
      }
      case F32 -> throw new IllegalArgumentException("F32 has 32 bits");
    }
  }

  /** The value of an element of this 16-bit format. */
  float widen(short element) {
    return switch (this) {
      case F16 -> Float.float16ToFloat(element);
      case BF16 -> Float.intBitsToFloat(element << 16);
      case F32 -> throw new IllegalArgumentException("F32 has 32 bits");
    };
  }
}
