package ocellus.loaders.image;

import java.util.List;

/**
 * What happens between decoded pixels and the tensor a model takes: resize, crop, then for each
 * channel {@code ((pixel * rescale + offset) - mean) / std / divisor} in single precision.
 *
 * <p>The values are those of timm and torchvision ({@code ToTensor}, {@code Normalize}) and of
 * transformers on Pillow ({@code do_rescale}, {@code do_normalize}), which are the same floats:
 * {@code pixel * rescale} is computed in double precision and rounded, every later step is a step
 * in single precision. A step that a checkpoint leaves out is its identity: {@code rescale} 1,
 * {@code offset} 0, {@code mean} 0, {@code std} 1, {@code divisor} 1.
 *
 * @param resize how large the image becomes
 * @param filter how its pixels are computed
 * @param crop which part of it is kept
 * @param rescale factor of the pixels, which range over 0..255
 * @param offset added to the rescaled pixels: 0, or -1 for transformers' {@code rescale_offset}
 * @param mean red, green, blue, in the units of the rescaled pixels
 * @param std red, green, blue
 * @param divisor red, green, blue: 1, or {@code std} once more for transformers' {@code
 *     include_top}
 * @param resized what the pixels are once resized
 */
public record Preprocessing(
    Resize resize,
    Filter filter,
    Crop crop,
    double rescale,
    double offset,
    List<Double> mean,
    List<Double> std,
    List<Double> divisor,
    Pixels resized) {
  /** What resized pixels are. */
  public enum Pixels {
    /** Rounded to bytes, as Pillow's. */
    BYTES,
    /**
     * As they are computed in single precision: PyTorch's {@code interpolate} with antialiasing.
     */
    FLOATS
  }

  /** The {@code rescale} that maps pixels to 0..1. */
  public static final double UNIT_RANGE = 1 / 255.0;

  /** Mean colour of ImageNet, the default of timm. */
  public static final List<Double> IMAGENET_MEAN = List.of(0.485, 0.456, 0.406);

  /** Standard deviation of ImageNet's colours, the default of timm. */
  public static final List<Double> IMAGENET_STD = List.of(0.229, 0.224, 0.225);

  private static final List<Double> ONES = List.of(1.0, 1.0, 1.0);

  /**
   * @throws IllegalArgumentException if the size of the tensor would depend on the image, unless
   *     that is by {@link Resize.PatchBudget}, or mean, std and divisor are not three finite
   *     numbers each, or an entry of std or divisor is not positive
   */
  public Preprocessing {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    divisor = List.copyOf(divisor);
    if (mean.size() != RgbImage.CHANNELS || std.size() != RgbImage.CHANNELS) {
      throw new IllegalArgumentException(
          "mean " + mean + " and std " + std + " must have three entries each");
    }
    if (divisor.size() != RgbImage.CHANNELS || !divisor.stream().allMatch(Preprocessing::divides)) {
      throw new IllegalArgumentException("divisor " + divisor + " must be three positive numbers");
    }
    if (!mean.stream().allMatch(Double::isFinite)
        || !std.stream().allMatch(Preprocessing::divides)) {
      throw new IllegalArgumentException(
          "mean " + mean + " must be finite and std " + std + " positive");
    }
    if (!Double.isFinite(rescale) || !Double.isFinite(offset)) {
      throw new IllegalArgumentException("rescale " + rescale + ", offset " + offset);
    }
    outputSize(resize, crop);
  }

  /**
   * Of bytes.
   *
   * @throws IllegalArgumentException as the canonical constructor
   */
  public Preprocessing(
      Resize resize,
      Filter filter,
      Crop crop,
      double rescale,
      double offset,
      List<Double> mean,
      List<Double> std,
      List<Double> divisor) {
    this(resize, filter, crop, rescale, offset, mean, std, divisor, Pixels.BYTES);
  }

  /**
   * Of bytes, with divisor 1.
   *
   * @throws IllegalArgumentException as the canonical constructor
   */
  public Preprocessing(
      Resize resize,
      Filter filter,
      Crop crop,
      double rescale,
      double offset,
      List<Double> mean,
      List<Double> std) {
    this(resize, filter, crop, rescale, offset, mean, std, ONES);
  }

  /** This, with these pixels. */
  public Preprocessing with(Pixels pixels) {
    return new Preprocessing(resize, filter, crop, rescale, offset, mean, std, divisor, pixels);
  }

  private static boolean divides(double number) {
    return number > 0 && Double.isFinite(number);
  }

  /** How timm fits an image into the model's input. */
  public enum CropMode {
    /** The shorter edge is matched, the rest cut off. */
    CENTER,
    /** Both edges are matched, at the cost of the aspect ratio. */
    SQUASH,
    /** The longer edge is matched, the rest filled with the mean colour. */
    BORDER
  }

  /**
   * timm's evaluation transform: resized to {@code 1 / cropPct} of the model's input, then cropped.
   *
   * <p>As in timm, {@code interpolation} is ignored in favour of bilinear where an input that is
   * not square is cropped at the centre.
   *
   * @param height of the model's input
   * @param width of the model's input
   * @param cropPct the cropped share of the resized edge, positive
   */
  public static Preprocessing timm(
      int height,
      int width,
      double cropPct,
      CropMode mode,
      Filter interpolation,
      List<Double> mean,
      List<Double> std) {
    if (!(cropPct > 0)) {
      throw new IllegalArgumentException("crop_pct " + cropPct + " is not positive");
    }
    int scaledHeight = (int) Math.floor(height / cropPct);
    int scaledWidth = (int) Math.floor(width / cropPct);
    boolean square = scaledHeight == scaledWidth;
    Resize resize =
        switch (mode) {
          case SQUASH -> new Resize.Exact(scaledHeight, scaledWidth);
          case BORDER -> new Resize.KeepRatio(scaledHeight, scaledWidth, true);
          case CENTER ->
              square
                  ? new Resize.ShortestEdge(scaledHeight)
                  : new Resize.KeepRatio(scaledHeight, scaledWidth, false);
        };
    Filter filter = mode == CropMode.CENTER && !square ? Filter.BILINEAR : interpolation;
    int fill = mode == CropMode.BORDER ? color(mean) : 0;
    Crop crop = new Crop.Center(height, width, Crop.Rounding.TORCHVISION, fill);
    return new Preprocessing(resize, filter, crop, UNIT_RANGE, 0, mean, std);
  }

  /** The pixel nearest to a colour given in 0..1, as {@code 0xRRGGBB}. */
  private static int color(List<Double> rgb) {
    int color = 0;
    for (double channel : rgb) {
      color = color << 8 | Math.clamp((long) Math.rint(255 * channel), 0, 255);
    }
    return color;
  }

  /** Whether the tensors of all images are of one size. */
  public boolean isOfOneSize() {
    return crop instanceof Crop.Center || resize instanceof Resize.Exact;
  }

  /** Rows of the tensor; where they depend on the image, those of a square one. */
  public int height() {
    return outputSize(resize, crop).height();
  }

  /** Columns of the tensor; where they depend on the image, those of a square one. */
  public int width() {
    return outputSize(resize, crop).width();
  }

  /** Rows and columns of the tensor of an image of this size. */
  public Size tensorSize(Size image) {
    return isOfOneSize() ? outputSize(resize, crop) : resize.target(image);
  }

  private static Size outputSize(Resize resize, Crop crop) {
    return switch (crop) {
      case Crop.Center center -> new Size(center.height(), center.width());
      case Crop.None _ when resize instanceof Resize.Exact exact ->
          new Size(exact.height(), exact.width());
      case Crop.None _ when resize instanceof Resize.PatchBudget budget -> budget.square();
      case Crop.None _ ->
          throw new IllegalArgumentException(
              resize + " without a crop gives tensors of different sizes for different images");
    };
  }
}
