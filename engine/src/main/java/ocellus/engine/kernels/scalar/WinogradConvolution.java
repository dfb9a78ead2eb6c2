package ocellus.engine.kernels.scalar;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.PackedMatrix;
import ocellus.engine.kernels.Window;
import ocellus.engine.kernels.Winograd;

/** 3x3 convolution by {@link Winograd}'s formula, tile by tile. */
final class WinogradConvolution {
  private WinogradConvolution() {}

  static void run(
      Tensor x, Window window, Winograd tiles, PackedMatrix w, Epilogue epilogue, Workspace ws) {
    int m = tiles.outputs();
    int tilesX = Math.ceilDiv(window.outWidth(), m);
    int tilesY = Math.ceilDiv(window.outHeight(), m);
    ws.threads()
        .run(
            tilesY,
            (ty, worker) -> {
              float[] column = ws.scratch(worker, w.k());
              for (int tx = 0; tx < tilesX; tx++) {
                double[][][] v = inputs(x, window, tiles, ty * m, tx * m);
                for (int o = 0; o < w.n(); o++) {
                  w.read(o, column, 0);
                  double[][] y = output(tiles, v, column);
                  for (int i = 0; i < m && ty * m + i < window.outHeight(); i++) {
                    for (int j = 0; j < m && tx * m + j < window.outWidth(); j++) {
                      int pixel = (ty * m + i) * window.outWidth() + tx * m + j;
                      epilogue.store(pixel, o, y[i][j]);
                    }
                  }
                }
              }
            });
  }

  /** B^T d B of each channel, where d begins at the window of output pixel (oy, ox). */
  private static double[][][] inputs(Tensor x, Window window, Winograd tiles, int oy, int ox) {
    int n = tiles.inputs();
    double[][][] v = new double[x.channels()][][];
    for (int c = 0; c < v.length; c++) {
      double[][] d = new double[n][n];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          int tap = Taps.pixel(window, oy, ox, i, j);
          d[i][j] = tap < 0 ? 0 : x.data()[x.offset() + tap * v.length + c];
        }
      }
      v[c] = sandwich(n, n, tiles::input, d);
    }
    return v;
  }

  /** A^T [sum over c of u . v] A. */
  private static double[][] output(Winograd tiles, double[][][] v, float[] u) {
    int n = tiles.inputs();
    double[][] sums = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int c = 0; c < v.length; c++) {
          sums[i][j] += v[c][i][j] * u[(i * n + j) * v.length + c];
        }
      }
    }
    return sandwich(tiles.outputs(), n, tiles::output, sums);
  }

  /** An element of a matrix. */
  @FunctionalInterface
  private interface Matrix {
    double at(int i, int j);
  }

  /** T d T^T for T of {@code rows} x n and d of n x n. */
  private static double[][] sandwich(int rows, int n, Matrix t, double[][] d) {
    double[][] half = new double[rows][n];
    double[][] result = new double[rows][rows];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < n; j++) {
        for (int k = 0; k < n; k++) {
          half[i][j] += t.at(i, k) * d[k][j];
        }
      }
      for (int j = 0; j < rows; j++) {
        for (int k = 0; k < n; k++) {
          result[i][j] += half[i][k] * t.at(j, k);
        }
      }
    }
    return result;
  }
}
