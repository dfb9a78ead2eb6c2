package ocellus.engine.kernels;

/**
 * Winograd's minimal filtering F(m x m, 3 x 3) (Lavin and Gray 2016, section 4.1): an output tile
 * of m x m pixels of a 3x3 convolution, {@code y = A^T [(G g G^T) . (B^T d B)] A}, where g is the
 * filter, d the input tile of (m + 2) x (m + 2) pixels and the dot a product element by element.
 * Sums over input channels are taken in the brackets, so that (m + 2)^2 matrix products do the work
 * of 9 m^2.
 *
 * <p>The matrices are those of Toom and Cook for some points and infinity, scaled such that B and A
 * have the fewest multiplications: row i of B^T holds the coefficients of the product of (t - p)
 * over all points p but the i-th, column i of A^T the powers of the i-th point, G the rest.
 */
@SuppressWarnings("ImmutableEnumChecker") // the arrays are private and never written again
public enum Winograd {
  /** Tiles of 2x2 pixels. */
  F2(2, 0, 1, -1),

  /**
   * Tiles of 4x4 pixels. The points are such that the errors are twice those of a direct sum, not
   * the five times that 0, 1, -1, 2 and -2 give, and that B and A are exact in floats.
   */
  F4(4, 0, 5 / 8., -5 / 8., 3 / 2., -3 / 2.);

  /** Side of the filters. */
  public static final int KERNEL = 3;

  private final int outputs;
  private final double[][] input;
  private final double[][] filter;
  private final double[][] output;

  /**
   * @param points all but infinity
   */
  Winograd(int outputs, double... points) {
    int n = points.length;
    this.outputs = outputs;
    this.input = new double[n + 1][n + 1];
    this.filter = new double[n + 1][KERNEL];
    this.output = new double[outputs][n + 1];
    for (int i = 0; i < n; i++) {
      double divisor = 1;
      for (int j = 0; j < n; j++) {
        divisor *= j == i ? 1 : points[i] - points[j];
      }
      input[i] = productWithout(i, points);
      for (int power = 0; power < KERNEL; power++) {
        filter[i][power] = Math.pow(points[i], power) / divisor;
      }
      for (int power = 0; power < outputs; power++) {
        output[power][i] = Math.pow(points[i], power);
      }
    }
    input[n] = productWithout(n, points);
    filter[n][KERNEL - 1] = 1;
    output[outputs - 1][n] = 1;
  }

  /** The coefficients of the product of (t - p) over all points but the i-th. */
  private static double[] productWithout(int i, double[] points) {
    double[] product = new double[points.length + 1];
    product[0] = 1;
    for (int j = 0; j < points.length; j++) {
      for (int power = points.length; j != i && power >= 0; power--) {
        product[power] = (power == 0 ? 0 : product[power - 1]) - points[j] * product[power];
      }
    }
    return product;
  }

  /** Whether such windows are of 3x3 neighbouring pixels and move pixel by pixel. */
  public static boolean covers(Window window) {
    return window.kernelHeight() == KERNEL
        && window.kernelWidth() == KERNEL
        && window.strideY() == 1
        && window.strideX() == 1
        && window.dilationY() == 1
        && window.dilationX() == 1;
  }

  /** Side of an output tile: m. */
  public int outputs() {
    return outputs;
  }

  /** Side of an input tile: m + 2. */
  public int inputs() {
    return outputs + KERNEL - 1;
  }

  /** Matrix products: elements of an input tile. */
  public int products() {
    return inputs() * inputs();
  }

  /** Element (i, j) of B^T. */
  public double input(int i, int j) {
    return input[i][j];
  }

  /** Element (i, j) of G. */
  public double filter(int i, int j) {
    return filter[i][j];
  }

  /** Element (i, j) of A^T. */
  public double output(int i, int j) {
    return output[i][j];
  }

  /**
   * G g G^T of the filters of one output channel, rounded once: a column of the matrix that {@link
   * KernelSet#winogradConv2d} takes.
   *
   * @param filters {@code [channels, 3, 3]}
   * @param target gets {@code [products, channels]}, from {@code offset}
   */
  public void transform(float[] filters, int channels, float[] target, int offset) {
    int n = inputs();
    double[][] half = new double[n][KERNEL]; // G g
    for (int c = 0; c < channels; c++) {
      int g = c * KERNEL * KERNEL;
      for (int i = 0; i < n; i++) {
        for (int x = 0; x < KERNEL; x++) {
          half[i][x] = 0;
          for (int y = 0; y < KERNEL; y++) {
            half[i][x] += filter[i][y] * filters[g + y * KERNEL + x];
          }
        }
      }
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          double sum = 0;
          for (int x = 0; x < KERNEL; x++) {
            sum += half[i][x] * filter[j][x];
          }
          target[offset + (i * n + j) * channels + c] = (float) sum;
        }
      }
    }
  }
}
