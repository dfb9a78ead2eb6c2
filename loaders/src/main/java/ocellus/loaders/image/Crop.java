package ocellus.loaders.image;

/** The part of the resized image that becomes the tensor. */
public sealed interface Crop {

  /** All of it. */
  record None() implements Crop {}

  /**
   * The centre, {@code height} x {@code width}; where the image is smaller, it is centred on {@code
   * fill}, a colour as {@code 0xRRGGBB}.
   */
  record Center(int height, int width, Rounding rounding, int fill) implements Crop {
    public Center {
      if (height <= 0 || width <= 0) {
        throw new IllegalArgumentException("crop " + height + " x " + width + " is not positive");
      }
      if (fill >>> 24 != 0) {
        throw new IllegalArgumentException("fill colour " + Integer.toHexString(fill));
      }
    }
  }

  /** What happens where the margin is odd, so that there is no exact centre. */
  enum Rounding {
    /** torchvision and timm: half to even where the image is cut, down where it is padded. */
    TORCHVISION,
    /** transformers on Pillow: down where the image is cut, up where it is padded. */
    TRANSFORMERS,
    /** transformers on torchvision: down, whether the image is cut or padded. */
    TRANSFORMERS_TORCHVISION;

    /** Where the crop starts along an edge: negative where the image is padded. */
    int start(int imageEdge, int cropEdge) {
      int margin = imageEdge - cropEdge;
      return switch (this) {
        case TORCHVISION -> margin < 0 ? margin / 2 : (int) Math.rint(margin / 2.0);
        case TRANSFORMERS -> Math.floorDiv(margin, 2);
        case TRANSFORMERS_TORCHVISION -> margin / 2;
      };
    }
  }
}
