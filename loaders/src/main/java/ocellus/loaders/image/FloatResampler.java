package ocellus.loaders.image;

/**
 * Resizes images without rounding to bytes: PyTorch's {@code interpolate} with antialiasing, and
 * its {@code nearest-exact}, which transformers takes for {@link Filter#NEAREST}. A horizontal and
 * a vertical pass, in single precision as there, the positions of pixels included.
 */
final class FloatResampler {
  private static final int CHANNELS = RgbImage.CHANNELS;

  /** The weights of a new pixel that is an old one. */
  private static final float[] ONE = {1};

  /**
   * The weights of some new pixels of an edge, each a weighted sum of consecutive old ones.
   *
   * @param first the first old pixel of each
   * @param weights of each
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Edge(int[] first, float[][] weights) {
    static Edge of(Filter filter, int inSize, int outSize, int start, int length) {
      int[] first = new int[length];
      float[][] weights = new float[length][];
      float scale = (float) inSize / outSize;
      float support = (float) filter.support() * Math.max(scale, 1);
      float inverse = 1 / Math.max(scale, 1);
      for (int i = 0; i < length; i++) {
        float center = scale * (start + i + 0.5f);
        if (filter == Filter.NEAREST) {
          first[i] = Math.min((int) center, inSize - 1);
          weights[i] = ONE;
          continue;
        }
        first[i] = Math.max((int) (center - support + 0.5f), 0);
        int count = Math.min((int) (center + support + 0.5f), inSize) - first[i];
        weights[i] = new float[count];
        float sum = 0;
        for (int t = 0; t < count; t++) {
          weights[i][t] = (float) filter.weight((t + first[i] - center + 0.5f) * inverse);
          sum += weights[i][t];
        }
        for (int t = 0; t < count; t++) {
          weights[i][t] /= sum;
        }
      }
      return new Edge(first, weights);
    }

    int begin() {
      return first[0];
    }

    int end() {
      int last = first.length - 1;
      return first[last] + weights[last].length;
    }
  }

  private FloatResampler() {}

  /**
   * A part of the image resized to {@code target}.
   *
   * @param region within {@code target}
   * @return {@code [region.height, region.width, 3]}, in the range of the pixels but for overshoot
   */
  static float[] resize(RgbImage image, Size target, Filter filter, Region region) {
    int width = image.width();
    Edge columns = Edge.of(filter, width, target.width(), region.left(), region.width());
    Edge rows = Edge.of(filter, image.height(), target.height(), region.top(), region.height());
    int top = rows.begin();
    int rowFloats = Math.multiplyExact(region.width(), CHANNELS);
    float[] narrowed = new float[Math.multiplyExact(rows.end() - top, rowFloats)];
    for (int y = top; y < rows.end(); y++) {
      resizeRow(image.data(), y * width * CHANNELS, columns, narrowed, (y - top) * rowFloats);
    }
    float[] out = new float[Math.multiplyExact(region.height(), rowFloats)];
    for (int y = 0; y < region.height(); y++) {
      float[] weights = rows.weights[y];
      for (int t = 0; t < weights.length; t++) {
        int from = (rows.first[y] + t - top) * rowFloats;
        for (int i = 0; i < rowFloats; i++) {
          out[y * rowFloats + i] += weights[t] * narrowed[from + i];
        }
      }
    }
    return out;
  }

  /** The part of an image of size {@code from} that {@link #resize} looks at. */
  static Region read(Size from, Size target, Filter filter, Region region) {
    Edge columns = Edge.of(filter, from.width(), target.width(), region.left(), region.width());
    Edge rows = Edge.of(filter, from.height(), target.height(), region.top(), region.height());
    return new Region(
        rows.begin(), columns.begin(), rows.end() - rows.begin(), columns.end() - columns.begin());
  }

  private static void resizeRow(byte[] in, int from, Edge columns, float[] out, int to) {
    for (int x = 0; x < columns.first.length; x++) {
      int p = from + columns.first[x] * CHANNELS;
      float r = 0;
      float g = 0;
      float b = 0;
      for (float weight : columns.weights[x]) {
        r += (in[p] & 0xff) * weight;
        g += (in[p + 1] & 0xff) * weight;
        b += (in[p + 2] & 0xff) * weight;
        p += CHANNELS;
      }
      int q = to + x * CHANNELS;
      out[q] = r;
      out[q + 1] = g;
      out[q + 2] = b;
    }
  }
}
