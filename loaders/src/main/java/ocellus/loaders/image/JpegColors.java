package ocellus.loaders.image;

/**
 * From the colour spaces of JPEG to RGB with the integers of libjpeg and Pillow.
 *
 * <p>YCbCr is converted as in ITU-T T.871, in 16-bit fixed point. CMYK samples are inverted first,
 * as Adobe writes them and Pillow assumes.
 */
final class JpegColors {
  private static final int FIXED_BITS = 16;
  private static final int HALF = 1 << (FIXED_BITS - 1);
  private static final int CR_TO_RED = 91_881; // 1.402
  private static final int CB_TO_GREEN = 22_554; // 0.344136
  private static final int CR_TO_GREEN = 46_802; // 0.714136
  private static final int CB_TO_BLUE = 116_130; // 1.772
  private static final int CENTER = 128;

  private JpegColors() {}

  static byte[] fromGrey(byte[] grey) {
    byte[] rgb = new byte[grey.length * RgbImage.CHANNELS];
    for (int i = 0, o = 0; i < grey.length; i++) {
      rgb[o++] = grey[i];
      rgb[o++] = grey[i];
      rgb[o++] = grey[i];
    }
    return rgb;
  }

  /** Converts in place. */
  static byte[] fromYcc(byte[] samples) {
    for (int i = 0; i < samples.length; i += 3) {
      convert(samples, i, samples, i);
    }
    return samples;
  }

  static byte[] fromYcck(byte[] samples) {
    for (int i = 0; i < samples.length; i += 4) {
      convert(samples, i, samples, i);
      // As libjpeg has it, ink is what white leaves: CMY = 255 - RGB.
      samples[i] = (byte) ~samples[i];
      samples[i + 1] = (byte) ~samples[i + 1];
      samples[i + 2] = (byte) ~samples[i + 2];
    }
    return fromCmyk(samples);
  }

  /** Reads Y, Cb, Cr at {@code from}, writes red, green, blue at {@code to}. */
  private static void convert(byte[] in, int from, byte[] out, int to) {
    int y = in[from] & 0xff;
    int cb = (in[from + 1] & 0xff) - CENTER;
    int cr = (in[from + 2] & 0xff) - CENTER;
    out[to] = clamp(y + ((CR_TO_RED * cr + HALF) >> FIXED_BITS));
    out[to + 1] = clamp(y + ((HALF - CB_TO_GREEN * cb - CR_TO_GREEN * cr) >> FIXED_BITS));
    out[to + 2] = clamp(y + ((CB_TO_BLUE * cb + HALF) >> FIXED_BITS));
  }

  private static byte clamp(int value) {
    return (byte) Math.max(0, Math.min(255, value));
  }

  /** Samples are inverted: 255 is no ink. */
  static byte[] fromCmyk(byte[] samples) {
    byte[] rgb = new byte[samples.length / 4 * RgbImage.CHANNELS];
    for (int i = 0, o = 0; i < samples.length; i += 4) {
      int white = samples[i + 3] & 0xff;
      for (int c = 0; c < 3; c++) {
        int ink = 255 - (samples[i + c] & 0xff);
        rgb[o++] = clamp(white - multiply(ink, white));
      }
    }
    return rgb;
  }

  /** {@code a b / 255}, rounded. */
  private static int multiply(int a, int b) {
    int product = a * b + 128;
    return ((product >> 8) + product) >> 8;
  }
}
