package ocellus.loaders.image.webp;

/**
 * From a frame to pixels as libwebp makes them: chroma interpolated with weights 9, 3, 3 and 1 in
 * sixteenths, rounded twice, and its fixed-point conversion of colours.
 */
final class Vp8Pixels {
  private Vp8Pixels() {}

  static byte[] rgb(Vp8Plane luma, Vp8Plane blue, Vp8Plane red, int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    byte[] u = new byte[width];
    byte[] v = new byte[width];
    int last = (height + 1) / 2 - 1;
    for (int y = 0; y < height; y++) {
      int near = y / 2;
      int far = Math.clamp(y % 2 == 0 ? near - 1 : near + 1, 0, last);
      upsample(blue, near, far, width, u);
      upsample(red, near, far, width, v);
      convert(luma.samples, luma.at(0, y), u, v, rgb, 3 * width * y);
    }
    return rgb;
  }

  private static void upsample(Vp8Plane plane, int near, int far, int width, byte[] out) {
    byte[] s = plane.samples;
    int a = plane.at(0, near);
    int b = plane.at(0, far);
    int nearLeft = s[a] & 0xff;
    int farLeft = s[b] & 0xff;
    out[0] = (byte) ((3 * nearLeft + farLeft + 2) >> 2);
    int pairs = (width - 1) / 2;
    for (int x = 1; x <= pairs; x++) {
      int nearRight = s[a + x] & 0xff;
      int farRight = s[b + x] & 0xff;
      int sum = nearLeft + nearRight + farLeft + farRight + 8;
      int rising = (sum + 2 * (nearRight + farLeft)) >> 3;
      int falling = (sum + 2 * (nearLeft + farRight)) >> 3;
      out[2 * x - 1] = (byte) ((rising + nearLeft) >> 1);
      out[2 * x] = (byte) ((falling + nearRight) >> 1);
      nearLeft = nearRight;
      farLeft = farRight;
    }
    if (width % 2 == 0) {
      out[width - 1] = (byte) ((3 * nearLeft + farLeft + 2) >> 2);
    }
  }

  private static void convert(byte[] luma, int at, byte[] us, byte[] vs, byte[] rgb, int to) {
    for (int x = 0; x < us.length; x++) {
      int y = ((luma[at + x] & 0xff) * 19077) >> 8;
      int u = us[x] & 0xff;
      int v = vs[x] & 0xff;
      rgb[to + 3 * x] = level(y + ((v * 26149) >> 8) - 14234);
      rgb[to + 3 * x + 1] = level(y - ((u * 6419) >> 8) - ((v * 13320) >> 8) + 8708);
      rgb[to + 3 * x + 2] = level(y + ((u * 33050) >> 8) - 17685);
    }
  }

  /** Six bits are behind the point. */
  private static byte level(int sum) {
    return (byte) Math.clamp(sum >> 6, 0, 255);
  }
}
