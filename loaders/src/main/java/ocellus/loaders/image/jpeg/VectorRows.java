package ocellus.loaders.image.jpeg;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2S;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;
import static ocellus.loaders.image.jpeg.ColorSpace.CB_TO_BLUE;
import static ocellus.loaders.image.jpeg.ColorSpace.CB_TO_GREEN;
import static ocellus.loaders.image.jpeg.ColorSpace.CENTER;
import static ocellus.loaders.image.jpeg.ColorSpace.CR_TO_GREEN;
import static ocellus.loaders.image.jpeg.ColorSpace.CR_TO_RED;
import static ocellus.loaders.image.jpeg.ColorSpace.FIXED_BITS;
import static ocellus.loaders.image.jpeg.ColorSpace.HALF;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * What {@link Upsampling} and {@link ColorSpace} do to rows of samples, in vectors. Whole vectors
 * are read and written, so rows have room behind their last sample. All is thread-safe.
 */
final class VectorRows {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int L = Lanes.SHORTS.length();
  private static final long FIRST_PIXEL = 0xff_ffffL;
  private static final long SECOND_PIXEL = FIRST_PIXEL << 24;

  private VectorRows() {}

  /** {@code sums[1 + x] = 3 near[x] + far[x]}. */
  static void blend(byte[] samples, int near, int far, int width, short[] sums) {
    for (int x = 0; x < width; x += L) {
      var a = shorts(samples, near + x);
      var b = shorts(samples, far + x);
      a.add(a).add(a).add(b).intoArray(sums, 1 + x);
    }
  }

  /** {@code sums[1 + x] = samples[x]}. */
  static void widen(byte[] samples, int from, int width, short[] sums) {
    for (int x = 0; x < width; x += L) {
      shorts(samples, from + x).intoArray(sums, 1 + x);
    }
  }

  private static ShortVector shorts(byte[] samples, int at) {
    return (ShortVector)
        ByteVector.fromArray(Lanes.SHORT_MANY_BYTES, samples, at)
            .convertShape(ZERO_EXTEND_B2S, Lanes.SHORTS, 0);
  }

  /**
   * The two samples between which a sum lies, each from it and from the nearer of its neighbours.
   */
  static void spread(short[] sums, int width, int leftBias, int rightBias, int shift, byte[] row) {
    for (int x = 0; x < width; x += L) {
      var sum = ShortVector.fromArray(Lanes.SHORTS, sums, 1 + x);
      var thrice = sum.add(sum).add(sum);
      var left = thrice.add(ShortVector.fromArray(Lanes.SHORTS, sums, x)).add((short) leftBias);
      var right =
          thrice.add(ShortVector.fromArray(Lanes.SHORTS, sums, x + 2)).add((short) rightBias);
      left.lanewise(LSHR, shift)
          .or(right.lanewise(LSHR, shift).lanewise(LSHL, 8))
          .reinterpretAsBytes()
          .intoArray(row, 2 * x);
    }
  }

  /**
   * Pixels of YCbCr.
   *
   * @param pixels scratch, two pixels each
   */
  static void ycc(
      byte[] luma,
      int lumaAt,
      byte[] blues,
      int bluesAt,
      byte[] reds,
      int redsAt,
      int width,
      long[] pixels) {
    for (int x = 0; x < width; x += L) {
      var y = shorts(luma, lumaAt + x);
      var cb = shorts(blues, bluesAt + x);
      var cr = shorts(reds, redsAt + x);
      for (int part = 0; part < 2; part++) {
        var yi = (IntVector) y.convertShape(ZERO_EXTEND_S2I, Lanes.INTS, part);
        var cbi = (IntVector) cb.convertShape(ZERO_EXTEND_S2I, Lanes.INTS, part);
        var cri = (IntVector) cr.convertShape(ZERO_EXTEND_S2I, Lanes.INTS, part);
        var red =
            cri.mul(CR_TO_RED).add(HALF - CENTER * CR_TO_RED).lanewise(ASHR, FIXED_BITS).add(yi);
        var green =
            cbi.mul(-CB_TO_GREEN)
                .sub(cri.mul(CR_TO_GREEN))
                .add(HALF + CENTER * (CB_TO_GREEN + CR_TO_GREEN))
                .lanewise(ASHR, FIXED_BITS)
                .add(yi);
        var blue =
            cbi.mul(CB_TO_BLUE).add(HALF - CENTER * CB_TO_BLUE).lanewise(ASHR, FIXED_BITS).add(yi);
        var pixel =
            red.max(0)
                .min(255)
                .or(green.max(0).min(255).lanewise(LSHL, 8))
                .or(blue.max(0).min(255).lanewise(LSHL, 16))
                .reinterpretAsLongs();
        pixel
            .and(FIRST_PIXEL)
            .or(pixel.lanewise(LSHR, 8).and(SECOND_PIXEL))
            .intoArray(pixels, x / 2 + part * L / 4);
      }
    }
  }

  /**
   * Writes pixels as bytes. What is behind them in their array, up to two bytes, may be
   * overwritten.
   */
  static void write(long[] pixels, int width, byte[] rgb, int at) {
    int pairs = Math.min(width / 2, Math.floorDiv(rgb.length - at - Long.BYTES, 6) + 1);
    for (int i = 0; i < pairs; i++) {
      LONG.set(rgb, at + 6 * i, pixels[i]);
    }
    for (int x = 2 * Math.max(0, pairs); x < width; x++) {
      long pixel = pixels[x / 2] >>> (24 * (x & 1));
      rgb[at + 3 * x] = (byte) pixel;
      rgb[at + 3 * x + 1] = (byte) (pixel >>> 8);
      rgb[at + 3 * x + 2] = (byte) (pixel >>> 16);
    }
  }
}
