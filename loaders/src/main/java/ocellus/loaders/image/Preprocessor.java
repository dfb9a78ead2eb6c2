package ocellus.loaders.image;

import ocellus.engine.Tensor;
import ocellus.loaders.image.Preprocessing.Pixels;

/**
 * Turns decoded images into the tensors a model takes, as its {@link Preprocessing} says.
 *
 * <p>Pixels are those of Pillow, bit for bit, unless they are to stay floats; values are the floats
 * of timm and transformers. Immutable and thread-safe.
 */
public final class Preprocessor {
  /** The longest edge that is resized, or resized to: it bounds the memory that weights take. */
  private static final int MAX_EDGE = 1 << 21;

  private static final int LEVELS = 256;

  private final Preprocessing preprocessing;
  private final float[] values;

  public Preprocessor(Preprocessing preprocessing) {
    this.preprocessing = preprocessing;
    this.values = valuesOfLevels(preprocessing);
  }

  /** What a pixel becomes: {@code [channel, level]}. */
  private static float[] valuesOfLevels(Preprocessing p) {
    float[] values = new float[RgbImage.CHANNELS * LEVELS];
    for (int c = 0; c < RgbImage.CHANNELS; c++) {
      for (int level = 0; level < LEVELS; level++) {
        values[c * LEVELS + level] = value(p, c, level);
      }
    }
    return values;
  }

  public Preprocessing preprocessing() {
    return preprocessing;
  }

  /** The tensor {@code [height, width, 3]} of an image, in an array of its own. */
  public Tensor apply(RgbImage image) {
    Size size = tensorSize(image);
    Tensor out = Tensor.zeros(size.height(), size.width(), RgbImage.CHANNELS);
    apply(image, out);
    return out;
  }

  /** Rows and columns of the tensor of an image. */
  public Size tensorSize(RgbImage image) {
    return preprocessing.tensorSize(size(image));
  }

  /**
   * Writes the tensor of an image.
   *
   * @param out {@code [height, width, 3]} of {@link #tensorSize}
   * @throws ImageException if the image is so elongated that it cannot be resized
   */
  public void apply(RgbImage image, Tensor out) {
    Size size = tensorSize(image);
    if (!out.shape().is(size.height(), size.width(), RgbImage.CHANNELS)) {
      throw new IllegalArgumentException("tensor " + out.shape() + " for " + size + " pixels");
    }
    if (preprocessing.resized() == Pixels.FLOATS) {
      applyInFloats(image, out);
      return;
    }
    byte[] pixels = pixels(image).data();
    float[] data = out.data();
    int offset = out.offset();
    for (int i = 0; i < pixels.length; i += RgbImage.CHANNELS) {
      data[offset + i] = values[pixels[i] & 0xff];
      data[offset + i + 1] = values[LEVELS + (pixels[i + 1] & 0xff)];
      data[offset + i + 2] = values[2 * LEVELS + (pixels[i + 2] & 0xff)];
    }
  }

  /**
   * Decodes an image for {@link #apply} alone: pixels of a JPEG on which the tensor does not depend
   * are left out, as far as that saves time, and what they are is not defined.
   *
   * @throws ImageException if the image cannot be read, or is so elongated that it cannot be
   *     resized
   */
  public RgbImage decode(EncodedImage image) {
    return image.decode(this::wanted);
  }

  /** The part of an image on which its tensor depends. */
  private Region wanted(Size size) {
    Size target = target(size);
    if (!(preprocessing.crop() instanceof Crop.Center crop)) {
      return Region.all(size);
    }
    Region kept = kept(target, crop);
    return preprocessing.resized() == Pixels.BYTES
        ? Resampler.read(size, target, preprocessing.filter(), kept)
        : FloatResampler.read(size, target, preprocessing.filter(), kept);
  }

  /**
   * The image after resizing and cropping, before its pixels become numbers.
   *
   * @throws ImageException if the image is so elongated that it cannot be resized
   */
  public RgbImage pixels(RgbImage image) {
    Size target = target(size(image));
    return switch (preprocessing.crop()) {
      case Crop.None _ ->
          Resampler.resize(image, target, preprocessing.filter(), Region.all(target));
      case Crop.Center crop -> crop(image, target, crop);
    };
  }

  private static Size size(RgbImage image) {
    return new Size(image.height(), image.width());
  }

  /** The size to which an image is resized. */
  private Size target(Size size) {
    Size target = preprocessing.resize().target(size);
    if (Math.min(target.height(), target.width()) < 1
        || Math.max(target.longest(), size.longest()) > MAX_EDGE) {
      throw new ImageException(
          "an image of height x width "
              + size
              + " is too elongated: resized for the model it would be "
              + target
              + "; crop it first");
    }
    return target;
  }

  /** Computes only the part of the resized image that the crop keeps, and pads it. */
  private RgbImage crop(RgbImage image, Size target, Crop.Center crop) {
    Region kept = kept(target, crop);
    RgbImage part = Resampler.resize(image, target, preprocessing.filter(), kept);
    return part.height() == crop.height() && part.width() == crop.width()
        ? part
        : pad(part, crop, Math.max(-top(target, crop), 0), Math.max(-left(target, crop), 0));
  }

  private static int top(Size target, Crop.Center crop) {
    return crop.rounding().start(target.height(), crop.height());
  }

  private static int left(Size target, Crop.Center crop) {
    return crop.rounding().start(target.width(), crop.width());
  }

  /** What a crop keeps of the resized image. */
  private static Region kept(Size target, Crop.Center crop) {
    return new Region(
        Math.max(top(target, crop), 0),
        Math.max(left(target, crop), 0),
        Math.min(crop.height(), target.height()),
        Math.min(crop.width(), target.width()));
  }

  /** As {@link #apply}, without bytes in between; what the image does not cover is black. */
  private void applyInFloats(RgbImage image, Tensor out) {
    Size target = target(size(image));
    Region kept = Region.all(target);
    int top = 0;
    int left = 0;
    if (preprocessing.crop() instanceof Crop.Center crop) {
      kept = kept(target, crop);
      top = Math.max(-top(target, crop), 0);
      left = Math.max(-left(target, crop), 0);
    }
    float[] pixels = FloatResampler.resize(image, target, preprocessing.filter(), kept);
    int rowFloats = kept.width() * RgbImage.CHANNELS;
    for (int y = 0; y < out.dim(0); y++) {
      for (int x = 0; x < out.dim(1); x++) {
        int row = y - top;
        int column = x - left;
        boolean covered = row >= 0 && row < kept.height() && column >= 0 && column < kept.width();
        int from = row * rowFloats + column * RgbImage.CHANNELS;
        int to = out.offset() + (y * out.dim(1) + x) * RgbImage.CHANNELS;
        for (int c = 0; c < RgbImage.CHANNELS; c++) {
          out.data()[to + c] = value(preprocessing, c, covered ? pixels[from + c] : 0);
        }
      }
    }
  }

  /** What a pixel of a channel becomes. */
  private static float value(Preprocessing p, int c, double pixel) {
    float mean = p.mean().get(c).floatValue();
    float std = p.std().get(c).floatValue();
    float divisor = p.divisor().get(c).floatValue();
    float scaled = (float) (pixel * p.rescale());
    return (scaled + (float) p.offset() - mean) / std / divisor;
  }

  private static RgbImage pad(RgbImage image, Crop.Center crop, int top, int left) {
    byte[] out = new byte[Math.multiplyExact(crop.height() * RgbImage.CHANNELS, crop.width())];
    for (int i = 0; i < out.length; i += RgbImage.CHANNELS) {
      out[i] = (byte) (crop.fill() >> 16);
      out[i + 1] = (byte) (crop.fill() >> 8);
      out[i + 2] = (byte) crop.fill();
    }
    int row = image.width() * RgbImage.CHANNELS;
    for (int y = 0; y < image.height(); y++) {
      int to = ((top + y) * crop.width() + left) * RgbImage.CHANNELS;
      System.arraycopy(image.data(), y * row, out, to, row);
    }
    return RgbImage.of(crop.width(), crop.height(), out);
  }
}
