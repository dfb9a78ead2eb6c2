package ocellus.loaders.image;

/** Pseudo-random images, the same as those of src/reference/make_resize_goldens.py. */
public final class Noise {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private Noise() {}

  /** An image of the low bytes of consecutive numbers of splitmix64. */
  public static RgbImage image(int width, int height) {
    byte[] data = new byte[width * height * RgbImage.CHANNELS];
    long state = width * 65536L + height;
    for (int i = 0; i < data.length; i++) {
      state += GAMMA;
      long z = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      data[i] = (byte) (z ^ (z >>> 31));
    }
    return RgbImage.of(width, height, data);
  }
}
