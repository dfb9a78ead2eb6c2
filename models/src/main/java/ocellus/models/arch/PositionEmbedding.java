package ocellus.models.arch;

import java.util.Arrays;
import ocellus.engine.Tensor;
import ocellus.engine.Weight;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;

/**
 * Learned position embeddings: one vector for each prefix token and one for each cell of a grid of
 * patches. Where the grid is of another size than the model's, it is resampled like an image whose
 * channels are the embedding's.
 *
 * <p>As timm's {@code resample_abs_pos_embed} on PyTorch's {@code interpolate}: pixel centres at
 * half-integers. What is beyond an edge is left out where the filter is antialiased, the other
 * weights being normalised, and else is what is at the edge.
 */
final class PositionEmbedding {
  private PositionEmbedding() {}

  /** Rows and columns of patches. */
  record Grid(int rows, int columns) {
    /** The number of patches, however large. */
    long size() {
      return (long) rows * columns;
    }

    /** The number of patches. */
    int cells() {
      return Math.toIntExact(size());
    }

    /** The patches of an image; what does not fill a patch is left out. */
    static Grid of(int height, int width, int patch) {
      return new Grid(height / patch, width / patch);
    }
  }

  /** How a grid is resampled. */
  enum Filter {
    /** Cubic convolution with a = -0.5, widened where the grid shrinks. */
    ANTIALIASED_BICUBIC(2, true, 0) {
      @Override
      double at(double x) {
        double d = Math.abs(x);
        return d < 1 ? (1.5 * d - 2.5) * d * d + 1 : d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
      }
    },
    /**
     * Cubic convolution with a = -0.75 between the four neighbours, also where the grid shrinks.
     */
    BICUBIC(2, false, 0) {
      @Override
      double at(double x) {
        return keys(Math.abs(x));
      }
    },
    /**
     * As {@link #BICUBIC}, at the centres of a grid with a tenth of a cell more: what DINO's and
     * DINOv2's own code does ({@code interpolate_offset}).
     */
    OFFSET_BICUBIC(2, false, 0.1) {
      @Override
      double at(double x) {
        return keys(Math.abs(x));
      }
    },
    /** Linear interpolation, widened where the grid shrinks. */
    ANTIALIASED_BILINEAR(1, true, 0) {
      @Override
      double at(double x) {
        return Math.max(0, 1 - Math.abs(x));
      }
    },
    /** Linear interpolation between the two neighbours, also where the grid shrinks. */
    BILINEAR(1, false, 0) {
      @Override
      double at(double x) {
        return Math.max(0, 1 - Math.abs(x));
      }
    };

    private final int radius;
    private final boolean antialiased;
    private final double offset; // cells that the new grid has more when centres are computed

    Filter(int radius, boolean antialiased, double offset) {
      this.radius = radius;
      this.antialiased = antialiased;
      this.offset = offset;
    }

    /** Cubic convolution with a = -0.75 at a distance. */
    private static double keys(double d) {
      return d < 1
          ? (1.25 * d - 2.25) * d * d + 1
          : d < 2 ? ((-0.75 * d + 3.75) * d - 6) * d + 3 : 0;
    }

    abstract double at(double x);
  }

  /**
   * The tensor {@code name} {@code [1, prefix + cells, dim]} of the scope, for a model with this
   * grid. A checkpoint with another number of cells was trained on a square grid.
   *
   * @return {@code [prefix + cells, dim]}
   */
  static float[] load(WeightScope w, String name, int prefix, Grid grid, int dim, Filter filter) {
    int tokens = prefix + grid.cells();
    Weight weight = w.tensorOfAnyShape(name, 1, tokens, dim);
    boolean known = weight.shape().is(1, tokens, dim);
    Grid stored = known ? grid : squareGrid(weight, prefix, dim);
    if (stored == null) {
      weight = w.tensor(name, 1, tokens, dim); // throws: neither this grid nor a square one
      stored = grid;
    }
    return resample(weight.toArray(), prefix, stored, grid, dim, filter);
  }

  /** The square grid of a tensor {@code [1, prefix + side * side, dim]}; null if it is none. */
  private static Grid squareGrid(Weight weight, int prefix, int dim) {
    var shape = weight.shape();
    if (shape.rank() != 3 || shape.dim(0) != 1 || shape.dim(2) != dim) {
      return null;
    }
    long cells = shape.dim(1) - prefix;
    int side = (int) Math.sqrt((double) cells);
    return cells > 0 && (long) side * side == cells ? new Grid(side, side) : null;
  }

  /**
   * Resamples the cells and keeps the prefix.
   *
   * @param embedding {@code [prefix + from.cells(), dim]}
   * @return {@code [prefix + to.cells(), dim]}; {@code embedding} itself if the grids are equal
   */
  static float[] resample(
      float[] embedding, int prefix, Grid from, Grid to, int dim, Filter filter) {
    if (from.equals(to)) {
      return embedding;
    }
    int kept = prefix * dim;
    float[] result = new float[Math.multiplyExact(prefix + to.cells(), dim)];
    System.arraycopy(embedding, 0, result, 0, kept);
    float[] cells = Arrays.copyOfRange(embedding, kept, embedding.length);
    Tensor resampled = Tensor.zeros(to.rows, to.columns, dim);
    resample(Tensor.of(cells, from.rows, from.columns, dim), resampled, filter, new Workspace());
    System.arraycopy(resampled.data(), 0, result, kept, resampled.size());
    return result;
  }

  /**
   * Resamples cells as a step of a forward pass.
   *
   * @param x {@code [rows, columns, dim]}
   * @param y {@code [rows, columns, dim]} of another grid
   */
  static void resample(Tensor x, Tensor y, Filter filter, Workspace ws) {
    Mark mark = ws.mark();
    int dim = x.channels();
    Tensor narrow = ws.tensor(x.dim(0), y.dim(1), dim);
    if (!ws.measures()) {
      for (int row = 0; row < x.dim(0); row++) {
        along(x, row * x.dim(1), x.dim(1), narrow, row * y.dim(1), y.dim(1), dim, filter);
      }
      along(narrow, 0, x.dim(0), y, 0, y.dim(0), y.dim(1) * dim, filter);
    }
    ws.release(mark);
  }

  /** Resamples {@code inCount} vectors of {@code size} elements to {@code outCount}. */
  private static void along(
      Tensor in,
      int firstIn,
      int inCount,
      Tensor out,
      int firstOut,
      int outCount,
      int size,
      Filter filter) {
    double scale = inCount / (outCount + filter.offset);
    double widening = filter.antialiased ? Math.max(scale, 1) : 1;
    double radius = filter.radius * widening;
    for (int o = 0; o < outCount; o++) {
      double centre = (o + 0.5) * scale;
      int first = (int) Math.floor(centre - radius + 0.5);
      int end = (int) Math.floor(centre + radius + 0.5);
      if (filter.antialiased) {
        first = Math.max(first, 0);
        end = Math.min(end, inCount);
      }
      double total = 0;
      for (int i = first; i < end; i++) {
        total += filter.at((i + 0.5 - centre) / widening);
      }
      int target = out.offset() + (firstOut + o) * size;
      Arrays.fill(out.data(), target, target + size, 0);
      for (int i = first; i < end; i++) {
        float weight = (float) (filter.at((i + 0.5 - centre) / widening) / total);
        int source = in.offset() + (firstIn + Math.clamp(i, 0, inCount - 1)) * size;
        addScaled(in.data(), source, weight, out.data(), target, size);
      }
    }
  }

  /** {@code y = y + weight x} */
  private static void addScaled(
      float[] x, int xOffset, float weight, float[] y, int yOffset, int size) {
    for (int c = 0; c < size; c++) {
      y[yOffset + c] += weight * x[xOffset + c];
    }
  }
}
