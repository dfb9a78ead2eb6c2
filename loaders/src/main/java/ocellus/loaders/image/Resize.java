package ocellus.loaders.image;

/**
 * The rule by which the size of a resized image follows from the size of the original. The
 * arithmetic, in double precision with the rounding of the named library, decides single pixels.
 */
public sealed interface Resize {
  /** The size that an image of {@code size} is resized to. An edge may come out as 0. */
  Size target(Size size);

  /** Leaves the image as it is. */
  record None() implements Resize {
    @Override
    public Size target(Size size) {
      return size;
    }
  }

  /**
   * To a fixed size, whatever becomes of the aspect ratio: timm's {@code squash}, transformers'
   * {@code {"height", "width"}}.
   */
  record Exact(int height, int width) implements Resize {
    public Exact {
      requirePositive(height, width);
    }

    @Override
    public Size target(Size size) {
      return new Size(height, width);
    }
  }

  /**
   * The shorter edge to {@code edge}, the longer in proportion, rounded down: torchvision's {@code
   * Resize(int)} and transformers' {@code {"shortest_edge"}}.
   */
  record ShortestEdge(int edge) implements Resize {
    public ShortestEdge {
      requirePositive(edge, edge);
    }

    @Override
    public Size target(Size size) {
      boolean upright = size.width() <= size.height();
      long shorter = upright ? size.width() : size.height();
      long longer = upright ? size.height() : size.width();
      int other = (int) ((double) (edge * longer) / shorter);
      return upright ? new Size(other, edge) : new Size(edge, other);
    }
  }

  /**
   * The shorter edge to {@code shortest} unless the longer would exceed {@code longest}: then that
   * one decides. transformers' {@code {"shortest_edge", "longest_edge"}}.
   */
  record EdgeRange(int shortest, int longest) implements Resize {
    public EdgeRange {
      requirePositive(shortest, longest);
    }

    @Override
    public Size target(Size size) {
      int height = size.height();
      int width = size.width();
      double shorter = Math.min(height, width);
      double longer = Math.max(height, width);
      boolean capped = longer / shorter * shortest > longest;
      double exact = capped ? longest * shorter / longer : shortest;
      int edge = (int) Math.rint(exact);
      if (Math.min(height, width) == edge) {
        return size;
      }
      return width < height
          ? new Size((int) (exact * height / width), edge)
          : new Size(edge, (int) (exact * width / height));
    }
  }

  /**
   * As large as fits into {@code height} x {@code width}, keeping the aspect ratio: transformers'
   * {@code {"max_height", "max_width"}}.
   */
  record Within(int height, int width) implements Resize {
    public Within {
      requirePositive(height, width);
    }

    @Override
    public Size target(Size size) {
      double scale = Math.min((double) height / size.height(), (double) width / size.width());
      return new Size((int) (size.height() * scale), (int) (size.width() * scale));
    }
  }

  /**
   * Keeps the aspect ratio, rounding half to even: as large as fits into {@code height} x {@code
   * width}, or as small as covers it. timm's {@code ResizeKeepRatio} with {@code longest} 1 or 0.
   */
  record KeepRatio(int height, int width, boolean inside) implements Resize {
    public KeepRatio {
      requirePositive(height, width);
    }

    @Override
    public Size target(Size size) {
      double byHeight = (double) size.height() / height;
      double byWidth = (double) size.width() / width;
      double ratio = inside ? Math.max(byHeight, byWidth) : Math.min(byHeight, byWidth);
      return new Size(
          (int) Math.rint(size.height() / ratio), (int) Math.rint(size.width() / ratio));
    }
  }

  /**
   * As large as {@code most} square patches cover, both edges rounded up to whole patches:
   * transformers' {@code get_image_size_for_max_num_patches}, whose bisection of the scale decides
   * where two sizes are close.
   *
   * @param patch rows and columns of a patch
   */
  record PatchBudget(int patch, int most) implements Resize {
    private static final double SMALLEST_STEP = 1e-5;
    private static final double LEAST_SCALE = SMALLEST_STEP / 10;
    private static final double LARGEST_SCALE = 100;

    public PatchBudget {
      requirePositive(patch, most);
    }

    @Override
    public Size target(Size size) {
      double least = LEAST_SCALE;
      double largest = LARGEST_SCALE;
      while (largest - least >= SMALLEST_STEP) {
        double scale = (least + largest) / 2;
        if (patches(size.height(), scale) * patches(size.width(), scale) <= most) {
          least = scale;
        } else {
          largest = scale;
        }
      }
      return new Size(edge(patches(size.height(), least)), edge(patches(size.width(), least)));
    }

    /** That of a square image, if it is of more than a few pixels. */
    Size square() {
      int edge = edge((int) Math.sqrt(most));
      return new Size(edge, edge);
    }

    private double patches(int edge, double scale) {
      return Math.max(1, Math.ceil(edge * scale / patch));
    }

    /** In pixels; too long an edge is too long for {@link Preprocessor}. */
    private int edge(double patches) {
      return (int) Math.min(patches * patch, Integer.MAX_VALUE);
    }
  }

  private static void requirePositive(int a, int b) {
    if (a <= 0 || b <= 0) {
      throw new IllegalArgumentException("size " + a + " x " + b + " is not positive");
    }
  }
}
