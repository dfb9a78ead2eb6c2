package ocellus.engine.kernels;

import ocellus.engine.Tensor;

/** {@link Winograd}'s formula with the absolute values of all that it multiplies and adds. */
final class MinimalFiltering {
  private MinimalFiltering() {}

  /**
   * {@code |A^T| (|G| |g| |G^T| . |B^T| |d| |B|) |A|}, plus the absolute values of bias and
   * residual.
   *
   * @param weight {@code [cout, cin, 3, 3]}
   */
  static double[] magnitudes(
      Tensor x, Window window, Winograd tiles, float[] weight, float[] bias, Tensor residual) {
    int cin = x.channels();
    int cout = bias.length;
    int m = tiles.outputs();
    double[] u = filters(tiles, weight, cin, cout);
    double[] y = new double[window.outPixels() * cout];
    for (int oy = 0; oy < window.outHeight(); oy += m) {
      for (int ox = 0; ox < window.outWidth(); ox += m) {
        double[] v = inputs(x, window, tiles, oy, ox);
        for (int o = 0; o < cout; o++) {
          double[] tile = output(tiles, u, o * cin, cout * cin, v, cin);
          for (int i = 0; i < m && oy + i < window.outHeight(); i++) {
            for (int j = 0; j < m && ox + j < window.outWidth(); j++) {
              y[((oy + i) * window.outWidth() + ox + j) * cout + o] = tile[i * m + j];
            }
          }
        }
      }
    }
    float[] added = residual == null ? new float[y.length] : residual.toArray();
    for (int i = 0; i < y.length; i++) {
      y[i] += Math.abs(bias[i % cout]) + Math.abs(added[i]);
    }
    return y;
  }

  /** {@code [products, cout, cin]}. */
  private static double[] filters(Winograd tiles, float[] weight, int cin, int cout) {
    double[] u = new double[tiles.products() * cin * cout];
    for (int i = 0; i < cin * cout; i++) {
      int g = i * 9;
      double[] t =
          sandwich(tiles.inputs(), 3, tiles::filter, (row, column) -> weight[g + row * 3 + column]);
      for (int e = 0; e < t.length; e++) {
        u[e * cin * cout + i] = t[e];
      }
    }
    return u;
  }

  /** {@code [products, cin]} of the tile of output pixel (oy, ox). */
  private static double[] inputs(Tensor x, Window window, Winograd tiles, int oy, int ox) {
    int cin = x.channels();
    int top = oy - window.padTop();
    int left = ox - window.padLeft();
    double[] v = new double[tiles.products() * cin];
    for (int c = 0; c < cin; c++) {
      int channel = x.offset() + c;
      Matrix d =
          (i, j) -> {
            int iy = top + i;
            int ix = left + j;
            boolean inside = iy >= 0 && iy < window.inHeight() && ix >= 0 && ix < window.inWidth();
            return inside ? x.data()[(iy * window.inWidth() + ix) * cin + channel] : 0;
          };
      double[] t = sandwich(tiles.inputs(), tiles.inputs(), tiles::input, d);
      for (int e = 0; e < t.length; e++) {
        v[e * cin + c] = t[e];
      }
    }
    return v;
  }

  private static double[] output(
      Winograd tiles, double[] u, int first, int step, double[] v, int cin) {
    int n = tiles.inputs();
    double[] sums = new double[n * n];
    for (int e = 0; e < sums.length; e++) {
      for (int c = 0; c < cin; c++) {
        sums[e] += u[e * step + first + c] * v[e * cin + c];
      }
    }
    return sandwich(tiles.outputs(), n, tiles::output, (i, j) -> sums[i * n + j]);
  }

  /** An element of a matrix. */
  @FunctionalInterface
  private interface Matrix {
    double at(int i, int j);
  }

  /** |T| |d| |T^T|, row by row, for T of {@code rows} x n. */
  private static double[] sandwich(int rows, int n, Matrix t, Matrix d) {
    double[] half = new double[rows * n];
    double[] result = new double[rows * rows];
    for (int j = 0; j < n; j++) {
      for (int k = 0; k < n; k++) {
        double element = Math.abs(d.at(k, j));
        for (int i = 0; i < rows; i++) {
          half[i * n + j] += Math.abs(t.at(i, k)) * element;
        }
      }
    }
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < rows; j++) {
        for (int k = 0; k < n; k++) {
          result[i * rows + j] += half[i * n + k] * Math.abs(t.at(j, k));
        }
      }
    }
    return result;
  }
}
