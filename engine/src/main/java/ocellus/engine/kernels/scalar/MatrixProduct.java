package ocellus.engine.kernels.scalar;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.PackedMatrix;

/**
 * Matrix product. Columns of the packed matrix are copied to contiguous memory, a block at a time,
 * for as many rows as share them.
 */
final class MatrixProduct {
  /** Columns that are unpacked together. */
  static final int COLUMNS = 16;

  /** Rows of a chunk: unpacking a column costs little against this many dot products. */
  private static final int ROWS = 64;

  private MatrixProduct() {}

  static void linear(Tensor x, PackedMatrix w, Epilogue epilogue, Workspace ws) {
    int rows = x.rows();
    int k = w.k();
    int columnBlocks = Math.ceilDiv(w.n(), COLUMNS);
    ws.threads()
        .run(
            Math.multiplyExact(Math.ceilDiv(rows, ROWS), columnBlocks),
            (chunk, worker) -> {
              int row = chunk / columnBlocks * ROWS;
              int column = chunk % columnBlocks * COLUMNS;
              int count = Math.min(ROWS, rows - row);
              float[] columns = ws.scratch(worker, Math.multiplyExact(COLUMNS, k));
              multiply(x.data(), x.offset() + row * k, count, w, column, columns, epilogue, row, 0);
            });
  }

  /**
   * Multiplies rows by a block of columns.
   *
   * @param a holds {@code rows} rows of k elements from {@code offset} on
   * @param column the first of up to {@link #COLUMNS} columns
   * @param columns scratch for that many columns, at its start
   * @param firstRow of the output
   * @param firstChannel channel of the output that column 0 belongs to
   */
  static void multiply(
      float[] a,
      int offset,
      int rows,
      PackedMatrix w,
      int column,
      float[] columns,
      Epilogue epilogue,
      int firstRow,
      int firstChannel) {
    int k = w.k();
    int count = Math.min(COLUMNS, w.n() - column);
    for (int j = 0; j < count; j++) {
      w.read(column + j, columns, j * k);
    }
    int row = 0;
    for (; row + 4 <= rows; row += 4) {
      for (int j = 0; j < count; j++) {
        int channel = firstChannel + column + j;
        fourRows(a, offset + row * k, columns, j * k, k, epilogue, firstRow + row, channel);
      }
    }
    for (; row < rows; row++) {
      for (int j = 0; j < count; j++) {
        double sum = dot(a, offset + row * k, columns, j * k, k);
        epilogue.store(firstRow + row, firstChannel + column + j, sum);
      }
    }
  }

  // One sum has to wait for its last addition; four of them overlap.
  private static void fourRows(
      float[] a, int p, float[] b, int q, int k, Epilogue epilogue, int row, int channel) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    for (int i = 0; i < k; i++) {
      double factor = b[q + i];
      s0 += a[p + i] * factor;
      s1 += a[p + k + i] * factor;
      s2 += a[p + 2 * k + i] * factor;
      s3 += a[p + 3 * k + i] * factor;
    }
    epilogue.store(row, channel, s0);
    epilogue.store(row + 1, channel, s1);
    epilogue.store(row + 2, channel, s2);
    epilogue.store(row + 3, channel, s3);
  }

  /** a[p ..] · b[q ..] over k elements. */
  static double dot(float[] a, int p, float[] b, int q, int k) {
    double sum = 0;
    for (int i = 0; i < k; i++) {
      sum += (double) a[p + i] * b[q + i];
    }
    return sum;
  }
}
