package ocellus.loaders.image;

import ocellus.loaders.internal.Takeover;

/** When vectors take over from plain code in resizing: a few rows, resized both ways. */
final class ResampleTrial implements Takeover.Trial {
  /** Ten photographs of half a megapixel. */
  private static final long ENOUGH_PIXELS = 5_000_000;

  static final Takeover TAKEOVER = new Takeover(ENOUGH_PIXELS, ResampleTrial::new);

  private static final int WIDTH = 128;
  private static final Size HALF = new Size(VectorColumns.ROWS / 2, WIDTH / 2);

  private final RgbImage image =
      RgbImage.of(
          WIDTH, VectorColumns.ROWS, new byte[WIDTH * VectorColumns.ROWS * RgbImage.CHANNELS]);

  @Override
  public void withVectors() {
    Resampler.resize(image, HALF, Filter.BICUBIC, Region.all(HALF), true);
  }

  @Override
  public void withoutVectors() {
    Resampler.resize(image, HALF, Filter.BICUBIC, Region.all(HALF), false);
  }
}
